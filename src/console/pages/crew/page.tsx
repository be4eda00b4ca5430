/** The crew's tablet: where to, how to get in, what to take care of, and big buttons to say how far they are. */
import { signal, useComputed } from '@preact/signals';
import type { Feature, FeatureCollection } from 'geojson';
import { useEffect } from 'preact/hooks';
import type { CrewCall } from '../../../calls/schema.ts';
import type { RunPoint } from '../../../domain/run.ts';
import type { ComplaintsReply } from '../../../requirement/describe.ts';
import { tell } from '../../shell/actions.ts';
import { raise, withdraw } from '../../shell/alarms.ts';
import { ask, pathOf } from '../../shell/api.ts';
import { now, serverNow } from '../../shell/clock.ts';
import { useCatchUp, useEvents } from '../../shell/hooks.ts';
import { useKeys } from '../../shell/keys.ts';
import { clockTime, inLanguage, listed, minutes, name, speak } from '../../shell/language.ts';
import { connection } from '../../shell/live.ts';
import { mapColours, mapFont } from '../../shell/map-style.ts';
import { MapView, type PageLayer } from '../../shell/map-view.tsx';
import { session } from '../../shell/session.ts';
import { theme } from '../../shell/theme.ts';
import { Cautions, Hospitals, Patient, WhereTo } from './briefing.tsx';
import { queue, report, sendWhenBack } from './queue.ts';
import { words } from './words.ts';
import './style.css';

const say = speak('crew', words);

const call = signal<CrewCall | null>(null);
const readAt = signal(0);
const complaints = signal<ReadonlyMap<string, ComplaintsReply['complaints'][number]>>(new Map());
const own = signal<{ readonly lon: number; readonly lat: number } | null>(null);
const suggested = signal<RunPoint | null>(null);

const KEY = 'precision-dispatch.crew-call';
const READ_AGAIN_MS = 200;

/** What was read last is at hand without a connection; it goes when the call does. */
function keep(unitId: string, read: CrewCall | null): void {
  if (read) sessionStorage.setItem(`${KEY}.${unitId}`, JSON.stringify({ read, at: serverNow() }));
  else sessionStorage.removeItem(`${KEY}.${unitId}`);
}

async function readCall(unitId: string): Promise<void> {
  const answer = await ask<{ call: CrewCall | null }>(pathOf('v1', 'units', unitId, 'call'));
  const before = call.peek();
  call.value = answer.call;
  readAt.value = serverNow();
  keep(unitId, answer.call);
  if (answer.call?.callId === before?.callId) return;
  suggested.value = null;
  if (before) withdraw(`sent ${before.callId}`);
  const { callId, number, priority } = answer.call ?? {};
  if (callId && answer.call?.unitStatus === 'notified')
    raise({
      key: `sent ${callId}`,
      level: 'urgent',
      text: () => say('newCall', { number: number ?? '', priority: name('priority', priority ?? '') }),
      open: () => void reportPoint('unit-acknowledged'),
    });
}

/** A point is said once; the time is the moment of the press, not of its arrival. */
function reportPoint(point: RunPoint): void {
  const current = call.peek();
  const unitId = session.peek()?.subject;
  if (!current || !unitId || isDone(current, point) || waitingFor(current, point)) return;
  suggested.value = null;
  withdraw(`sent ${current.callId}`);
  report({ unitId, callId: current.callId, point, at: new Date(serverNow()).toISOString() });
}

const isDone = ({ timePoints }: CrewCall, point: RunPoint) => timePoints[point] !== undefined;
const waitingFor = ({ callId }: CrewCall, point: RunPoint) =>
  queue.value.find((each) => each.callId === callId && each.point === point);
const nextPoint = (current: CrewCall): RunPoint | null =>
  shownPoints.find((point) => !isDone(current, point) && !waitingFor(current, point)) ?? null;

/** What a crew says, in the order of a run; that it was notified the dispatcher said. */
const shownPoints = [
  'unit-acknowledged',
  'en-route',
  'on-scene',
  'at-patient',
  'left-scene',
  'at-destination',
  'handed-over',
  'in-service',
] as const satisfies readonly RunPoint[];

let readingAgain = 0;

export default function CrewPage() {
  const unitId = session.value?.subject ?? '';
  useCatchUp(async () => {
    if (complaints.peek().size === 0) {
      const read = await ask<ComplaintsReply>('/v1/complaints');
      complaints.value = new Map(read.complaints.map((each) => [each.code, each]));
    }
    await readCall(unitId);
  });
  useEffect(() => {
    const kept = JSON.parse(sessionStorage.getItem(`${KEY}.${unitId}`) ?? 'null') as {
      read: CrewCall;
      at: number;
    } | null;
    call.value = kept?.read ?? null;
    readAt.value = kept?.at ?? 0;
    own.value = null;
    return sendWhenBack(unitId);
  }, [unitId]);
  useEvents((event) => {
    if (event.type === 'unit.position') {
      if (event.data.unitId === unitId) own.value = event.data.position;
      return;
    }
    if (event.type === 'time-point.suggested' && event.data.unitId === unitId) suggested.value = event.data.point;
    if (event.type === 'locate.answered' || event.type === 'call.updated') tell('done', () => say('changed'));
    clearTimeout(readingAgain);
    readingAgain = window.setTimeout(() => void readCall(unitId).catch(() => {}), READ_AGAIN_MS);
  });
  const current = call.value;
  const next = current && nextPoint(current);
  useKeys(
    () => say('keys'),
    [{ key: 'Enter', label: () => say('reportNext'), run: () => next && reportPoint(next), when: () => next !== null }],
  );
  return (
    <div class="crew">
      <QueueState />
      {current ? <Call current={current} /> : <NoCall />}
    </div>
  );
}

function NoCall() {
  return (
    <section class="lone">
      <h2>{say('noCall')}</h2>
      <p>{say('noCallHint')}</p>
    </section>
  );
}

/** What was pressed and has not arrived; never in doubt. */
function QueueState() {
  const waiting = queue.value;
  const offline = connection.value === 'lost';
  return (
    <div class="queue" role="status">
      {offline && readAt.value > 0 && <p class="late">✕ {say('offline', { time: clockTime(readAt.value) })}</p>}
      {waiting.length > 0 ? (
        <p class="soon">
          ↻ {say('queue', { count: waiting.length })}{' '}
          {listed(waiting.map(({ point, at }) => `${name('point', point)} ${clockTime(at)}`))}
        </p>
      ) : (
        call.value && !offline && <p class="in-time">✓ {say('allSent')}</p>
      )}
    </div>
  );
}

function Call({ current }: { readonly current: CrewCall }) {
  const complaint = complaints.value.get(current.complaint);
  return (
    <>
      <header class="crew-head">
        <h2>
          {say('callNumber', {
            number: current.number,
            complaint: complaint ? inLanguage(complaint.label) : current.complaint,
          })}
        </h2>
        <span class={`priority priority-${current.priority}`}>{name('priority', current.priority)}</span>
        <Clock current={current} />
      </header>
      <Buttons current={current} />
      <div class="crew-columns">
        <div class="crew-text">
          <WhereTo current={current} />
          <Patient current={current} />
          <Cautions current={current} />
          <Hospitals current={current} />
        </div>
        <Ways current={current} />
      </div>
    </>
  );
}

function Clock({ current }: { readonly current: CrewCall }) {
  const arrived = current.timePoints['on-scene'];
  if (arrived) return <span class="in-time">{say('there', { time: clockTime(arrived) })}</span>;
  const left = (Date.parse(current.responseDueAt) - now.value) / 1000;
  return (
    <strong class={`figure ${left < 0 ? 'late' : left < 120 ? 'soon' : 'in-time'}`}>
      {left < 0
        ? `✗ ${say('over', { time: minutes(-left) })}`
        : `${left < 120 ? '⚠ ' : ''}${say('left', { time: minutes(left) })}`}
    </strong>
  );
}

function Buttons({ current }: { readonly current: CrewCall }) {
  const next = nextPoint(current);
  return (
    <section aria-label={say('status')}>
      {suggested.value && !isDone(current, suggested.value) && <p class="flag soon">⚠ {say('suggested')}</p>}
      <div class="points">
        {shownPoints.map((point) => {
          const at = current.timePoints[point];
          const waiting = waitingFor(current, point);
          return (
            <button
              key={point}
              type="button"
              class={`point ${point === next ? 'primary' : ''} ${waiting ? 'under-way' : ''} ${at ? 'passed' : ''}`}
              disabled={Boolean(at || waiting)}
              onClick={() => reportPoint(point)}
            >
              <span>{name('point', point)}</span>
              <span class="when">
                {at
                  ? say('done', { time: clockTime(at) })
                  : waiting
                    ? say('waiting', { time: clockTime(waiting.at) })
                    : ' '}
              </span>
            </button>
          );
        })}
      </div>
    </section>
  );
}

const layers = (): readonly PageLayer[] => {
  const colour = mapColours[theme.peek()];
  return [
    {
      id: 'spots',
      source: 'spots',
      type: 'symbol',
      layout: { 'text-field': ['get', 'sign'], 'text-font': mapFont, 'text-size': 26, 'text-allow-overlap': true },
      paint: {
        'text-color': ['case', ['get', 'own'], colour.accent, colour.danger],
        'text-halo-color': colour.halo,
        'text-halo-width': 3,
      },
    },
  ];
};

function Ways({ current }: { readonly current: CrewCall }) {
  const target = current.location.position;
  const spots = useComputed<FeatureCollection>(() => {
    const spot = (at: { lon: number; lat: number }, sign: string, isOwn: boolean): Feature => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [at.lon, at.lat] },
      properties: { sign, own: isOwn },
    });
    const place = call.value?.location.position;
    return {
      type: 'FeatureCollection',
      features: [...(place ? [spot(place, '◆', false)] : []), ...(own.value ? [spot(own.value, '▲', true)] : [])],
    };
  });
  if (!target) return null;
  const reach = 0.008;
  return (
    <div class="crew-map">
      <MapView
        label={say('mapLabel')}
        layers={layers}
        data={{ spots: spots.value }}
        bounds={[target.lon - reach, target.lat - reach, target.lon + reach, target.lat + reach]}
      />
    </div>
  );
}
