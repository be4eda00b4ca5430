/** The desk of a community health centre: it rings, somebody takes it, and says where they are. */
import { useSignal } from '@preact/signals';
import type { FeatureCollection } from 'geojson';
import { useEffect } from 'preact/hooks';
import { EvidenceMap } from '../../locate/evidence-map.tsx';
import { named, standing } from '../../locate/names.ts';
import { Answers, Countdown, Evidence, GettingIn, Likely } from '../../locate/parts.tsx';
import type { Search } from '../../locate/types.ts';
import { underWay } from '../../shell/actions.ts';
import { ask, pathOf } from '../../shell/api.ts';
import { useCatchUp, useEvents } from '../../shell/hooks.ts';
import { useKeys } from '../../shell/keys.ts';
import { clockTime, name } from '../../shell/language.ts';
import { AnswerForm, type Point } from './answer-form.tsx';
import {
  accept,
  calls,
  decline,
  isMine,
  isOurs,
  open,
  openId,
  person,
  read,
  requests,
  say,
  setPerson,
} from './desk.ts';
import './style.css';

export default function CentrePage() {
  useCatchUp(read, 'essential');
  useEvents(({ type }) => {
    if (type.startsWith('locate.')) void read().catch(() => {});
  });
  const request = open.value;
  const live = requests.value.filter(({ status }) => status !== 'closed');
  const past = requests.value.filter(({ status }) => status === 'closed');
  useKeys(
    () => say('keys'),
    [
      {
        key: 'A',
        label: () => say('accept'),
        run: () => request && void accept(request),
        when: () => !!request && calls(request),
      },
      {
        key: 'X',
        label: () => say('decline'),
        run: () => request && void decline(request),
        when: () => !!request && (calls(request) || isMine(request)) && request.status !== 'answered',
      },
      {
        key: 'E',
        label: () => say('toAnswer'),
        run: () => document.querySelector<HTMLInputElement>('#answer [name=building]')?.focus(),
        when: () => !!request && isMine(request),
      },
      {
        key: 'Ctrl+Enter',
        label: () => say('send'),
        run: () => document.querySelector<HTMLFormElement>('#answer')?.requestSubmit(),
        when: () => !!request && isMine(request),
        whileTyping: true,
      },
      {
        key: 'J',
        label: () => say('nextRequest'),
        run: () => {
          const at = live.findIndex(({ locateRequestId }) => locateRequestId === request?.locateRequestId);
          openId.value = live[(at + 1) % live.length]?.locateRequestId ?? null;
        },
        when: () => live.length > 1,
      },
    ],
  );
  return (
    <div class="desk">
      <aside>
        <label class="who">
          {say('you')}
          <input
            value={person.value}
            maxLength={60}
            onInput={(event) => setPerson(event.currentTarget.value)}
            onKeyDown={(event) => {
              // The keys of the desk work again at once.
              if (event.key === 'Enter') event.currentTarget.blur();
            }}
          />
          <span class="quiet">{say('youHint')}</span>
        </label>
        <h2>{say('requests')}</h2>
        {live.length === 0 && <p class="quiet">{say('none')}</p>}
        <List requests={live} chosen={request} />
        {past.length > 0 && <h2>{say('past')}</h2>}
        <List requests={past} chosen={request} />
      </aside>
      {request && <Open key={request.locateRequestId} request={request} />}
    </div>
  );
}

function List({ requests: shown, chosen }: { readonly requests: readonly Search[]; readonly chosen: Search | null }) {
  return (
    <ul class="requests">
      {shown.map((request) => (
        <li key={request.locateRequestId}>
          <button
            type="button"
            class={calls(request) ? 'calls' : ''}
            aria-current={request === chosen}
            onClick={() => {
              openId.value = request.locateRequestId;
            }}
          >
            <b>{say('number', { number: request.callNumber })}</b> {named(request.reason)}
            <span class="quiet">
              {named(request.status)} · {clockTime(request.raisedAt)}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Open({ request }: { readonly request: Search }) {
  const point = useSignal<Point | null>(null);
  const surface = useSignal<FeatureCollection | null>(null);
  useEffect(() => {
    void ask<{ surface: FeatureCollection }>(pathOf('v1', 'calls', request.callId, 'likely-places')).then(
      (found) => {
        surface.value = found.surface;
      },
      () => {}, // the list beside it says the same
    );
  }, [request.locateRequestId]);
  const { person: patient } = request;
  const setForm = (index: number) => {
    const place = request.likelyPlaces.places[index];
    if (place?.position) point.value = { lon: place.position.lon, lat: place.position.lat };
    const home = request.howToGetIn.find(({ residentId }) => residentId !== null && residentId === place?.residentId);
    const door =
      request.howToGetIn.flatMap((each) => each.pastPlaces).find(({ placeId }) => placeId === place?.placeId) ?? home;
    for (const field of ['building', 'unit', 'floor', 'room'] as const) {
      const input = document.querySelector<HTMLInputElement>(`#answer [name=${field}]`);
      if (input && door) input.value = String(door[field] ?? '');
    }
  };
  const mine = isMine(request);
  return (
    <article class="open">
      <header>
        <h2>
          {say('number', { number: request.callNumber })} · {named(request.reason)}
        </h2>
        {patient && (
          <p>
            <b>{patient.name}</b> {say('years', { years: patient.ageYears })} {name('sex', patient.sex)}
          </p>
        )}
        <p role="status">
          {named(request.status)} <Countdown dueAt={request.dueAt} />
          {request.flags.map((flag) => (
            <span key={flag} class="tag">
              {named(flag)}
            </span>
          ))}
        </p>
        <Hold request={request} />
      </header>
      {request.status === 'closed' && <p class="over card">✓ {say('over')}</p>}
      {request.answers.length > 0 && <Answers answers={request.answers} />}
      <div class="columns">
        <div>
          {(mine || request.status === 'answered') && request.status !== 'closed' && (
            <AnswerForm
              request={request}
              point={point.value}
              onPoint={(at) => {
                point.value = at;
              }}
            />
          )}
          <GettingIn entries={request.howToGetIn} />
          <Likely {...request.likelyPlaces} {...(mine ? { onPick: setForm } : {})} />
          <Evidence request={request} />
        </div>
        <div class="locate-map">
          <EvidenceMap
            request={request}
            surface={surface.value}
            chosen={point.value ?? standing(request)?.position ?? null}
            onPick={(at) => {
              if (mine) point.value = { lon: at.lon, lat: at.lat };
            }}
          />
        </div>
      </div>
    </article>
  );
}

/** Large enough for a thumb. */
function Hold({ request }: { readonly request: Search }) {
  const busy = underWay.value.has(`hold ${request.locateRequestId}`);
  if (request.status === 'closed' || request.status === 'answered') return null;
  if (isMine(request))
    return (
      <p>
        <b class="in-time">✓ {say('yours')}</b>{' '}
        <button type="button" disabled={busy} onClick={() => void decline(request)}>
          {say('giveBack')} <kbd>X</kbd>
        </button>
      </p>
    );
  if (isOurs(request))
    return (
      <p>
        {say('taken', { who: request.holder?.person ?? '' })}{' '}
        <button type="button" disabled={busy} onClick={() => void accept(request, true)}>
          {say('takeOver')}
        </button>
      </p>
    );
  if (!calls(request)) return request.holder && <p>{say('taken', { who: request.holder.centreId })}</p>;
  return (
    <p class="hold">
      <button
        type="button"
        class={`primary large ${busy ? 'under-way' : ''}`}
        disabled={busy}
        onClick={() => void accept(request)}
      >
        {say('accept')} <kbd>A</kbd>
      </button>{' '}
      <button type="button" class="large" disabled={busy} onClick={() => void decline(request)}>
        {say('decline')} <kbd>X</kbd>
      </button>
    </p>
  );
}
