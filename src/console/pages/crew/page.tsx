/**
 * The crew's tablet: where to, how to get in, what to take care of, and big buttons to say how far they are; beside it the
 * care record, which outlasts the call until it is put away.
 */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { CrewCall } from '../../../calls/schema.ts';
import type { RunPoint } from '../../../domain/run.ts';
import type { ComplaintsReply } from '../../../requirement/describe.ts';
import { tell } from '../../shell/actions.ts';
import { raise, withdraw } from '../../shell/alarms.ts';
import { ask, pathOf, Refusal } from '../../shell/api.ts';
import { serverNow } from '../../shell/clock.ts';
import { placeName, readGazetteer } from '../../shell/gazetteer.ts';
import { useCatchUp, useEvents } from '../../shell/hooks.ts';
import { useKeys } from '../../shell/keys.ts';
import { inLanguage, name, speak } from '../../shell/language.ts';
import { keepPage } from '../../shell/offline.ts';
import { session } from '../../shell/session.ts';
import { Cautions, Hospitals, Patient, WhereTo } from './briefing.tsx';
import { anyBegun, dropAll } from './care/drafts.ts';
import { catchUpRecord, readRecord, recordOf, turnTo } from './care/record.ts';
import { CareRecord } from './care/view.tsx';
import { own, Ways } from './map.tsx';
import { sendWhenBack } from './queue.ts';
import { QueueState } from './queue-state.tsx';
import { Buttons, Clock, call, nextPoint, reportPoint, suggested } from './run.tsx';
import { Waiting, type WaitsAt, waitsAt } from './waiting.tsx';
import { words } from './words.ts';
import './style.css';

const say = speak('crew', words);

const readAt = signal(0);
const complaints = signal<ReadonlyMap<string, ComplaintsReply['complaints'][number]>>(new Map());
const view = signal<'call' | 'record'>('call');
/** Whether the service knows this unit: no call ever reaches one it does not. */
const isFiled = signal(true);

const KEY = 'precision-dispatch.crew-call';
const READ_AGAIN_MS = 200;

/** What was read last is at hand without a connection; it goes when the call does. */
function keep(unitId: string, read: CrewCall | null): void {
  if (read) sessionStorage.setItem(`${KEY}.${unitId}`, JSON.stringify({ read, at: serverNow() }));
  else sessionStorage.removeItem(`${KEY}.${unitId}`);
}

type Task = { readonly call: CrewCall | null; readonly waitsAt: WaitsAt | null };

async function readCall(unitId: string): Promise<void> {
  const answer = await ask<Task>(pathOf('v1', 'units', unitId, 'call')).catch((error: unknown) => {
    if (!(error instanceof Refusal && error.status === 404)) throw error;
    return null;
  });
  isFiled.value = answer !== null;
  if (!answer) return;
  const before = call.peek();
  call.value = answer.call;
  waitsAt.value = answer.waitsAt;
  readAt.value = serverNow();
  keep(unitId, answer.call);
  followRecord();
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

/**
 * The record follows the call, unless somebody is at it: then it stays until they put it away, so that what they are
 * writing is lost to nobody's pressing a button elsewhere.
 */
function followRecord(): void {
  const current = call.peek();
  const open = recordOf.peek();
  if (open && open.callId !== current?.callId && (view.peek() === 'record' || anyBegun())) return;
  if (open?.callId !== current?.callId) dropAll();
  turnTo(current);
}

function putAway(): void {
  dropAll();
  turnTo(call.peek());
  view.value = 'call';
}

let readingAgain = 0;

export default function CrewPage() {
  const unitId = session.value?.subject ?? '';
  useCatchUp(async () => {
    if (complaints.peek().size === 0) {
      const read = await ask<ComplaintsReply>('/v1/complaints');
      complaints.value = new Map(read.complaints.map((each) => [each.code, each]));
    }
    await readCall(unitId);
    await Promise.all([catchUpRecord(), readGazetteer()]);
  });
  useEffect(() => {
    const kept = JSON.parse(sessionStorage.getItem(`${KEY}.${unitId}`) ?? 'null') as {
      read: CrewCall;
      at: number;
    } | null;
    call.value = kept?.read ?? null;
    readAt.value = kept?.at ?? 0;
    own.value = null;
    view.value = 'call';
    putAway();
    void keepPage();
    return sendWhenBack(unitId);
  }, [unitId]);
  useEvents((event) => {
    if (event.type === 'unit.position') {
      if (event.data.unitId === unitId) own.value = event.data.position;
      return;
    }
    if (event.type === 'care.recorded') {
      if (event.callId === recordOf.peek()?.callId) void readRecord().catch(() => {});
      return;
    }
    if (event.type === 'time-point.suggested' && event.data.unitId === unitId) suggested.value = event.data.point;
    if (event.type === 'redeployment.accepted' && event.data.unitId === unitId)
      raise({
        key: `moved ${event.data.redeploymentId}`,
        level: 'notice',
        text: () => say('movedTo', { place: placeName(event.data.stationId) }),
      });
    if (event.type === 'locate.answered' || event.type === 'call.updated') tell('done', () => say('changed'));
    clearTimeout(readingAgain);
    readingAgain = window.setTimeout(() => void readCall(unitId).catch(() => {}), READ_AGAIN_MS);
  });
  const current = call.value;
  const record = recordOf.value;
  const isRecord = view.value === 'record' && record !== null;
  const next = current && nextPoint(current);
  useKeys(
    () => say('keys'),
    [
      {
        key: 'Enter',
        label: () => say('reportNext'),
        run: () => next && reportPoint(next),
        // On a button Enter is the button's.
        when: () => next !== null && !isRecord && !document.activeElement?.matches('button, a, summary'),
      },
      {
        key: 'R',
        label: () => say(isRecord ? 'toCall' : 'toRecord'),
        run: () => turnPage(isRecord ? 'call' : 'record'),
        when: () => record !== null,
      },
    ],
  );
  return (
    <div class="crew">
      <QueueState offlineSince={readAt.value} hasCall={current !== null} />
      {record && (
        <div class="pages">
          {(['call', 'record'] as const).map((page) => (
            <button
              key={page}
              type="button"
              aria-current={(page === 'record') === isRecord ? 'page' : undefined}
              onClick={() => turnPage(page)}
            >
              {say(page === 'call' ? 'toCall' : 'toRecord')}
            </button>
          ))}
        </div>
      )}
      {isRecord ? (
        <Record record={record} current={current} next={next} />
      ) : current ? (
        <Call current={current} />
      ) : isFiled.value ? (
        <Waiting />
      ) : (
        <p class="lone flag late" role="alert">
          ✕ {say('notFiled', { unit: unitId })}
        </p>
      )}
    </div>
  );
}

function turnPage(page: 'call' | 'record'): void {
  view.value = page;
  followRecord();
}

/** The record, with the one button of the run that is next; of a call that is over, until it is put away. */
function Record({
  record,
  current,
  next,
}: {
  readonly record: CrewCall;
  readonly current: CrewCall | null;
  readonly next: RunPoint | null;
}) {
  const isOver = record.callId !== current?.callId;
  return (
    <>
      <header class="crew-head" id="care-top">
        <CallTitle current={record} />
        {!isOver && next && (
          <button type="button" class="primary big" onClick={() => reportPoint(next)}>
            {name('point', next)}
          </button>
        )}
      </header>
      {isOver && (
        <p class="flag late over">
          ⚠{' '}
          {say(current ? 'recordOfOther' : 'recordOfEnded', { number: record.number, current: current?.number ?? '' })}{' '}
          <button type="button" class="big" onClick={putAway}>
            {say('putAway')}
          </button>
        </p>
      )}
      <CareRecord />
    </>
  );
}

function CallTitle({ current }: { readonly current: CrewCall }) {
  const complaint = complaints.value.get(current.complaint);
  return (
    <h2>
      {say('callNumber', {
        number: current.number,
        complaint: complaint ? inLanguage(complaint.label) : current.complaint,
      })}
    </h2>
  );
}

function Call({ current }: { readonly current: CrewCall }) {
  return (
    <>
      <header class="crew-head">
        <CallTitle current={current} />
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
        {current.location.position && <Ways target={current.location.position} />}
      </div>
    </>
  );
}
