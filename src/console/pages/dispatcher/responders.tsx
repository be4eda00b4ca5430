/** First responders near the call in hand: offered with their arrival, alerted by one press, their answers noted as heard. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { AlertStatus } from '../../../fleet/responders-schema.ts';
import { attempt, underWay } from '../../shell/actions.ts';
import { ask, pathOf } from '../../shell/api.ts';
import { useEvents } from '../../shell/hooks.ts';
import { clockTime, minutes, name, speak } from '../../shell/language.ts';
import { words } from './help-words.ts';

const say = speak('help', words);

interface Responder {
  readonly alertId: string;
  readonly responderId: string;
  readonly kind: 'micro-fire-station' | 'fire-station' | 'volunteer' | 'defibrillator';
  readonly name: string | null;
  readonly whereExactly: string | null;
  readonly status: AlertStatus;
  readonly distanceMetres: number;
  readonly predictedSeconds: number;
  readonly predictedOnSceneAt: string | null;
  readonly answerDueAt: string | null;
  readonly delivery: 'none' | 'waiting' | 'delivered' | 'failing';
}

const ofCall = signal<{ readonly callId: string; readonly list: readonly Responder[] } | null>(null);
let asked = '';

async function readResponders(callId: string): Promise<void> {
  asked = callId;
  const { responders } = await ask<{ responders: Responder[] }>(pathOf('v1', 'calls', callId, 'responders'));
  // Another call may have been opened meanwhile.
  if (asked === callId) ofCall.value = { callId, list: responders };
}

export function Responders({ callId }: { readonly callId: string }) {
  useEffect(() => void readResponders(callId).catch(() => {}), [callId]);
  useEvents((event) => {
    if (event.callId === callId && event.type.startsWith('responder.')) void readResponders(callId).catch(() => {});
  });
  const shown = ofCall.value;
  if (shown?.callId !== callId || shown.list.length === 0) return null;
  return (
    <section class="part" aria-label={say('responders')}>
      <h3>{say('responders')}</h3>
      <ul class="plain responders">
        {shown.list.map((each) => (
          <One key={each.responderId} callId={callId} responder={each} />
        ))}
      </ul>
      <p class="quiet">{say('stops')}</p>
    </section>
  );
}

function One({ callId, responder }: { readonly callId: string; readonly responder: Responder }) {
  const {
    kind,
    name: called,
    status,
    predictedSeconds,
    distanceMetres,
    predictedOnSceneAt,
    delivery,
    alertId,
  } = responder;
  const key = `responder ${callId} ${responder.responderId}`;
  const busy = underWay.value.has(key);
  const post = (what: 'alerting' | 'answering', path: string, body: object) => () =>
    void attempt(
      key,
      () => say(what),
      async () => {
        await ask(path, { body });
        await readResponders(callId);
      },
    );
  const answer = (to: string) => post('answering', pathOf('v1', 'responder-alerts', alertId, to), {});
  const time = minutes(predictedSeconds);
  const open = status === 'alerted' || status === 'accepted';
  return (
    <li class={busy ? 'under-way' : ''}>
      <strong>{name('responderKind', kind)}</strong>{' '}
      <span lang="zh-CN" dir="auto">
        {called}
      </span>{' '}
      <span>
        {kind === 'defibrillator'
          ? say('fetched', { time, metres: distanceMetres, where: responder.whereExactly ?? '' })
          : predictedOnSceneAt && open
            ? say('by', { at: clockTime(Date.parse(predictedOnSceneAt)) })
            : say('inMinutes', { time, metres: distanceMetres })}
      </span>{' '}
      {kind !== 'defibrillator' && <em>{name('responderStatus', status)}</em>}{' '}
      {responder.answerDueAt && (
        <span class="quiet">{say('answerBy', { at: clockTime(Date.parse(responder.answerDueAt)) })}</span>
      )}{' '}
      {open && delivery !== 'none' && (
        <span class={delivery === 'failing' ? 'flag' : 'quiet'}>{name('responderDelivery', delivery)}</span>
      )}
      {kind !== 'defibrillator' && ['offered', 'declined', 'stood-down', 'lapsed'].includes(status) && (
        <button
          type="button"
          disabled={busy}
          aria-label={say('alertTo', { who: called ?? responder.responderId })}
          onClick={post('alerting', pathOf('v1', 'calls', callId, 'responder-alerts'), {
            responderId: responder.responderId,
          })}
        >
          {say('alert')}
        </button>
      )}
      {(status === 'alerted' || status === 'lapsed') && (
        <button type="button" disabled={busy} onClick={answer('accept')}>
          {say('comes')}
        </button>
      )}
      {open && (
        <>
          <button type="button" disabled={busy} onClick={answer('on-scene')}>
            {say('there')}
          </button>
          <button type="button" disabled={busy} onClick={answer('decline')}>
            {say('cannot')}
          </button>
          <button type="button" disabled={busy} onClick={answer('stand-down')}>
            {say('standDown')}
          </button>
        </>
      )}
    </li>
  );
}
