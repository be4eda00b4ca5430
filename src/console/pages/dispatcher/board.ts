/**
 * The calls as they stand: read once, then moved along by events the moment they come. One signal a call, so that an
 * event draws one row and not two hundred. What events do not carry (an address) is read a moment later.
 */
import { batch, computed, type Signal, signal } from '@preact/signals';
import type { ListedCall } from '../../../calls/schema.ts';
import { raise, withdraw } from '../../shell/alarms.ts';
import { ask } from '../../shell/api.ts';
import { name, speak } from '../../shell/language.ts';
import type { LiveEvent } from '../../shell/live.ts';
import { open } from './desk.ts';
import { hearUnit } from './fleet.ts';
import { words } from './words.ts';

const say = speak('dispatcher', words);

/** What the clocks said of a call that has not been reached. */
export interface Warning {
  readonly why: 'time' | 'predicted' | 'breached';
  readonly longestLeg: 'dispatch' | 'turnout' | 'travel';
  readonly legs: Readonly<Record<string, number>>;
  readonly unit: { readonly unitId: string; readonly predictedResponseSeconds: number | null } | null;
  readonly microFireStation: {
    readonly placeId: string;
    readonly name: string;
    readonly distanceMetres: number;
  } | null;
}

/** A better unit than the one sent; offered, never done by itself. */
export interface Offer {
  readonly kind: 're-assignment' | 'pre-emption';
  readonly unitId: string;
  readonly gainSeconds: number;
  readonly fromCallId?: string;
}

export interface BoardCall extends ListedCall {
  readonly warning?: Warning | undefined;
  readonly offers: readonly Offer[];
}

const MOST = 500;
const READ_AGAIN_MS = 1_500;
const ENDED_SHOWN = 12;

const calls = new Map<string, Signal<BoardCall>>();
/** Changes when calls come, go or change their place in the order. */
const changed = signal(0);

export const hasEnded = ({ status }: { readonly status: string }): boolean =>
  status === 'closed' || status === 'cancelled';
export const isWaiting = (call: ListedCall): boolean => call.status === 'open';

/** Calls nobody was sent to first, by how urgent they are and how little time is left; then the others the same way. */
function order(a: BoardCall, b: BoardCall): number {
  return (
    Number(hasEnded(a)) - Number(hasEnded(b)) ||
    (hasEnded(a) ? b.number - a.number : 0) ||
    Number(isWaiting(b)) - Number(isWaiting(a)) ||
    Number(Boolean(a.onSceneAt)) - Number(Boolean(b.onSceneAt)) ||
    a.priority - b.priority ||
    Date.parse(a.responseDueAt) - Date.parse(b.responseDueAt) ||
    a.number - b.number
  );
}

export const board = computed<readonly Signal<BoardCall>[]>(() => {
  void changed.value;
  const sorted = [...calls.values()].sort((a, b) => order(a.peek(), b.peek()));
  const live = sorted.filter((each) => !hasEnded(each.peek()));
  return [...live, ...sorted.slice(live.length, live.length + ENDED_SHOWN)];
});

/** Whoever asks about a call before it is here, as when its answer comes before its event, is told when it comes. */
export function callOf(callId: string): Signal<BoardCall> | undefined {
  const known = calls.get(callId);
  if (!known) void changed.value;
  return known;
}

function put(call: BoardCall): void {
  const known = calls.get(call.callId);
  if (!known) calls.set(call.callId, signal(call));
  const before = known?.peek();
  if (known) known.value = call;
  if (!before || order(before, call) !== 0) changed.value += 1;
}

function change(callId: string | undefined, to: (call: BoardCall) => BoardCall): void {
  const known = callId === undefined ? undefined : calls.get(callId);
  if (known) put(to(known.peek()));
}

/** Reads every live call and the latest that ended. */
export async function readBoard(): Promise<void> {
  const [live, latest] = await Promise.all([
    ask<{ calls: ListedCall[] }>(`/v1/calls?live=true&limit=${MOST}`),
    ask<{ calls: ListedCall[] }>(`/v1/calls?limit=${ENDED_SHOWN}`),
  ]);
  const read = new Map([...latest.calls, ...live.calls].map((call) => [call.callId, call]));
  batch(() => {
    for (const [callId, known] of calls)
      if (!read.has(callId) && !hasEnded(known.peek())) {
        calls.delete(callId);
        changed.value += 1;
      }
    const busy = new Map([...read.values()].flatMap(({ callId, units }) => units.map((unit) => [unit.unitId, callId])));
    // A unit that was sent elsewhere meanwhile is not to be had any more.
    const isFree = ({ unitId, fromCallId }: Offer) => busy.get(unitId) === fromCallId;
    for (const call of read.values()) {
      put({ ...call, ...saidOf(call, isFree) });
    }
  });
}

let reading = 0;
function readSoon(): void {
  if (reading) return;
  reading = window.setTimeout(() => {
    reading = 0;
    readBoard().catch(() => {});
  }, READ_AGAIN_MS);
}

export function stopReadingBoard(): void {
  clearTimeout(reading);
  reading = 0;
}

const alarmOf = (callId: string) => `call ${callId}`;
const clockAlarmOf = (callId: string) => `clock ${callId}`;

/** Moves the board along. */
export function hearBoard({ type, callId, at, data }: LiveEvent): void {
  if (type === 'unit.position') return;
  hearUnit(type, data);
  switch (type) {
    case 'call.received':
      if (callId && !calls.has(callId)) put(fromEvent(callId, data));
      if (callId && data.priority === 1)
        raise({
          key: alarmOf(callId),
          level: 'notice',
          text: () => say('newUrgentCall', { number: data.number, priority: name('priority', data.priority) }),
          open: () => void open(callId),
        });
      readSoon();
      break;
    case 'call.updated':
    case 'recommendation.changed':
      change(callId, (call) => ({
        ...call,
        ...decidedOf(data),
        location: { ...call.location, position: data.position, subdistrictCode: data.subdistrictCode },
      }));
      readSoon();
      break;
    case 'unit.assigned':
      if (callId) withdraw(alarmOf(callId));
      change(callId, (call) => ({
        ...call,
        status: data.status,
        units: [
          ...call.units.filter(({ unitId }) => unitId !== data.unitId),
          { unitId: data.unitId, status: 'notified', predictedOnSceneAt: data.predictedOnSceneAt },
        ],
        predictedOnSceneAt:
          data.shortfalls.length === 0 ? (call.predictedOnSceneAt ?? data.predictedOnSceneAt) : call.predictedOnSceneAt,
      }));
      // Wherever it was offered it is not to be had any more.
      for (const { callId: id, offers } of [...calls.values()].map((each) => each.peek()))
        if (offers.some(({ unitId }) => unitId === data.unitId))
          change(id, (call) => ({ ...call, offers: call.offers.filter(({ unitId }) => unitId !== data.unitId) }));
      readSoon();
      break;
    case 'unit.stood-down':
      change(callId, (call) => ({
        ...call,
        status: data.status,
        units: call.units.filter(({ unitId }) => unitId !== data.unitId),
        predictedOnSceneAt: null,
      }));
      readSoon();
      break;
    case 'unit.status':
      change(callId, (call) => ({
        ...call,
        status: data.callStatus ?? call.status,
        units: call.units.map((unit) => (unit.unitId === data.unitId ? { ...unit, status: data.status } : unit)),
      }));
      break;
    case 'time-point.reported':
      change(callId, (call) =>
        data.counts
          ? {
              ...call,
              timePoints: { ...call.timePoints, [data.point]: call.timePoints[data.point] ?? data.reportedAt },
            }
          : call,
      );
      if (data.point === 'on-scene' || data.point === 'in-service') readSoon();
      break;
    case 'unit.offered':
      change(callId, (call) => ({
        ...call,
        offers: [...call.offers.filter(({ unitId }) => unitId !== data.unitId), data],
      }));
      break;
    case 'clock.warning':
    case 'clock.breached':
      warn(type, callId, data);
      break;
    case 'call.closed':
      change(callId, (call) => ({ ...call, status: data.status, warning: undefined, offers: [] }));
      if (callId) for (const key of [alarmOf(callId), clockAlarmOf(callId)]) withdraw(key);
      readSoon();
      break;
    default:
      void at;
  }
}

function warn(type: 'clock.warning' | 'clock.breached', callId: string | undefined, data: LiveEvent['data']): void {
  const warning = warningOf(type, data);
  change(callId, (call) => ({
    ...call,
    warning,
    predictedOnSceneAt: data.predictedOnSceneAt ?? call.predictedOnSceneAt,
  }));
  if (!callId) return;
  if (type === 'clock.breached') withdraw(clockAlarmOf(callId));
  raise({
    key: clockAlarmOf(callId),
    level: 'urgent',
    text: () =>
      say(({ breached: 'alarmBreached', time: 'alarmTime', predicted: 'alarmPredicted' } as const)[warning.why], {
        number: data.number,
        leg: name('leg', warning.longestLeg),
      }),
    open: () => void open(callId),
  });
}

const warningOf = (type: 'clock.warning' | 'clock.breached', data: LiveEvent['data']): Warning => ({
  why: type === 'clock.breached' ? 'breached' : data.why,
  longestLeg: data.longestLeg,
  legs: data.legs,
  unit: data.canStill?.unit ?? null,
  microFireStation: data.canStill?.microFireStation ?? null,
});

/** What was said before this page was opened; it rang then, for those who were there. */
function saidOf({ said }: ListedCall, isFree: (offer: Offer) => boolean): Pick<BoardCall, 'warning' | 'offers'> {
  const offers = new Map<string, Offer>();
  let warning: Warning | undefined;
  for (const { type, data } of said)
    if (type === 'unit.offered') offers.set((data as Offer).unitId, data as Offer);
    else warning = warningOf(type, data);
  return { warning, offers: [...offers.values()].filter(isFree) };
}

const decidedOf = (data: LiveEvent['data']) => ({
  complaint: data.complaint,
  priority: data.priority,
  vehicleType: data.vehicleType,
  responseDueAt: data.responseDueAt,
  flags: data.flags,
});

/** A call as its first event tells of it; the address follows when it is read. */
const fromEvent = (callId: string, data: LiveEvent['data']): BoardCall => ({
  callId,
  number: data.number,
  status: data.status,
  channel: data.channel,
  ...decidedOf(data),
  receivedAt: data.receivedAt,
  residentId: null,
  location: {
    position: data.position,
    uncertaintyMetres: null,
    source: null,
    address: null,
    subdistrictCode: data.subdistrictCode,
  },
  timePoints: {},
  units: [],
  onSceneAt: null,
  predictedOnSceneAt: null,
  said: [],
  offers: [],
});
