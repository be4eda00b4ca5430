/** The frame around every page: who this is, how the connection is, what was said, alarms, keys, and the token if one is needed. */
import { useSignal, useSignalEffect } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useErrorBoundary } from 'preact/hooks';
import { loaderOf } from '../pages.ts';
import { dismiss, notices } from './actions.ts';
import { AlarmBar, SoundButton } from './alarm-bar.tsx';
import { acknowledge, alarms, withdrawAll } from './alarms.ts';
import { serverNow } from './clock.ts';
import { KeyBar, KeyHelp } from './key-help.tsx';
import { switchHelp, useKeys } from './keys.ts';
import { clockTime, language, name, speak, switchLanguage } from './language.ts';
import { connection, forbidden, heardAt } from './live.ts';
import { isDemo, place, session, tokenAsked, unreachable } from './session.ts';
import { SignIn } from './sign-in.tsx';
import { switchTheme, theme } from './theme.ts';
import { words } from './words.ts';

const say = speak('shell', words);

export function Shell() {
  useSignalEffect(() => {
    void place.value;
    withdrawAll();
  });
  useSignalEffect(() => {
    const role = place.value.role;
    document.title = role ? `${name('role', role)} · ${say('title')}` : say('title');
  });
  useKeys(
    () => say('keysOfFrame'),
    [
      { key: '?', label: () => say('help'), run: switchHelp },
      { key: 'F1', label: () => say('help'), run: switchHelp, whileTyping: true },
      {
        key: 'F8',
        label: () => say('acknowledge'),
        run: () => acknowledge()?.open?.(),
        when: () => alarms.value.length > 0,
        whileTyping: true,
      },
    ],
  );
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('page')?.focus()}>
        {say('skip')}
      </button>
      <Header />
      <AlarmBar />
      <Notices />
      <main id="page" tabIndex={-1}>
        <Page />
      </main>
      {place.value.role && <KeyBar />}
      <KeyHelp />
      {tokenAsked.value && <SignIn why={tokenAsked.value.why} />}
    </>
  );
}

function Header() {
  const { role } = place.value;
  const who = session.value;
  return (
    <header class="frame">
      <h1>
        {role ? (
          <>
            <a href="#/">{say('title')}</a> · {name('role', role)}
          </>
        ) : (
          say('title')
        )}
      </h1>
      {who && who.subject !== who.role && <span class="quiet">{who.subject}</span>}
      {isDemo.value && <span class="tag">{say('invented')}</span>}
      {role ? <ConnectionState /> : <span class="grow" />}
      {role && <SoundButton />}
      <button type="button" onClick={switchTheme}>
        {say(theme.value === 'dark' ? 'toLight' : 'toDark')}
      </button>
      <button type="button" lang={language.value === 'zh' ? 'en' : 'zh-CN'} onClick={switchLanguage}>
        {say('otherLanguage')}
      </button>
    </header>
  );
}

/** Whether what the page shows is true now, and if not, since when. */
function ConnectionState() {
  const state = unreachable.value ? 'lost' : connection.value;
  const heard = heardAt.value;
  const time = heard ? clockTime(heard + serverNow() - Date.now()) : '—';
  const text = {
    connecting: () => say('connecting'),
    live: () => say('live'),
    polled: () => say('polled', { time }),
    lost: () => say('lost', { time }),
  }[state]();
  const sign = { connecting: '…', live: '●', polled: '◐', lost: '✕' }[state];
  return (
    <p id="state" class={`connection ${state}`} role="status">
      <span aria-hidden="true">{sign} </span>
      <span>{text}</span>
    </p>
  );
}

function Notices() {
  return (
    <div class="notices" role="alert">
      {notices.value.map(({ id, kind, text, at }) => (
        <p key={id} class={`notice ${kind}`}>
          <span aria-hidden="true">{kind === 'done' ? '✓' : '✕'} </span>
          <time>{clockTime(at)}</time> {text()}{' '}
          <button type="button" onClick={() => dismiss(id)}>
            {say('dismiss')}
          </button>
        </p>
      ))}
    </div>
  );
}

/** The page of the role, once there is a session for it. */
function Page() {
  const { role } = place.value;
  const shown = useSignal<{ role: string; Component: ComponentType } | null>(null);
  const [broken] = useErrorBoundary((error) => console.error(error));
  useSignalEffect(() => {
    const wanted = place.value.role;
    loaderOf(wanted)?.().then(({ default: Component }) => {
      shown.value = { role: wanted, Component };
    }, console.error);
  });
  if (broken)
    return (
      <p class="lone">
        {say('pageFailed')}{' '}
        <button type="button" onClick={() => location.reload()}>
          {say('reload')}
        </button>
      </p>
    );
  if (!loaderOf(role)) return <p class="lone">{say('noPage')}</p>;
  if (role && unreachable.value && !session.value) return <p class="lone">{say('waitingForService')}</p>;
  if (role && session.value?.role !== role) return null;
  if (role && forbidden.value)
    return (
      <p class="lone" role="alert">
        ✕ {say('notAllowed', { role: name('role', role), subject: session.value?.subject ?? '' })}
      </p>
    );
  if (shown.value?.role !== role) return null;
  const { Component } = shown.value;
  // Another subject is another page: nothing of the one before stays.
  return <Component key={`${role} ${session.value?.subject ?? ''}`} />;
}
