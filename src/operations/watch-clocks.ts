/** Looks at every call nobody has reached: warns while something can still be done, says when it is late, offers better units. */

import { setImmediate as takeTurns } from 'node:timers/promises';
import { decisionContext } from '../calls/accept.ts';
import { clockSays, legsOf, speaksAt, WARN_AT_SHARE } from '../calls/clock.ts';
import { findWaiting, markWarned, setPrediction, type WaitingCall, wasOffered } from '../calls/clock-store.ts';
import { findCall } from '../calls/store.ts';
import { appendEvents } from '../database/events.ts';
import { type Executor, inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import type { NewEvent } from '../domain/events.ts';
import { distanceMetres, type Position } from '../domain/position.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import { predictedArrival, type RankedUnit } from '../fleet/rank.ts';
import { judgesAbout } from './ask-travel.ts';
import { rankFor } from './judge-call.ts';
import type { DecisionRecord } from './receive-call.ts';
import { tellBreach } from './tell-breach.ts';

/** A change of unit costs a radio call and a turn; less than this gained is not worth it. */
const WORTH_OFFERING_MS = 60_000;
/** A prediction that moved by less is not written again. */
const PREDICTION_STEP_MS = 10_000;
const PREEMPTED_PRIORITY = 4;
/** Clocks that speak before the next look, which is a second away, are known to this one. */
const LOOKED_AHEAD_MS = 1_500;

type Capabilities = DecisionRecord['answer']['recommendation']['capabilities'];

/** What the watcher keeps between two looks; losing it costs a few reads and repeats nothing. */
export interface ClockWatch {
  readonly capabilities: Map<string, Capabilities>;
  readonly predictions: Map<string, Instant>;
}
export const startWatch = (): ClockWatch => ({ capabilities: new Map(), predictions: new Map() });

/**
 * One look. Any number of instances may look at once: each mark is set by one of them. Answers in how many
 * milliseconds a clock speaks next, where that is before the next look.
 */
export async function watchClocks(deps: Deps, watch: ClockWatch): Promise<number | null> {
  const until = deps.clock.now() + LOOKED_AHEAD_MS;
  const calls = await findWaiting(deps.db, { until, warnAtShare: WARN_AT_SHARE });
  if (calls.length === 0) {
    watch.capabilities.clear();
    watch.predictions.clear();
    return null;
  }
  await deps.lookUp({ keys: [], residentId: null, position: null, nearbyHomes: false }); // units as they are now
  let told = false;
  for (const call of calls) told = (await lookAt(deps, watch, call, calls)) || told;
  forgetOthers(watch, calls);
  if (told) deps.live.nudge();
  const now = deps.clock.now();
  const soon = calls.flatMap((call) => speaksAt(call) ?? []).filter((at) => at > now && at <= until);
  return soon.length ? Math.min(...soon) - now : null;
}

async function lookAt(deps: Deps, watch: ClockWatch, call: WaitingCall, all: readonly WaitingCall[]): Promise<boolean> {
  const now = deps.clock.now();
  const predicted = firstArrival(deps, call, now);
  if (predicted !== null && Math.abs(predicted - (watch.predictions.get(call.callId) ?? 0)) >= PREDICTION_STEP_MS) {
    watch.predictions.set(call.callId, predicted);
    await setPrediction(deps.db, call.callId, predicted);
  }
  const says = clockSays(call, predicted, now);
  // Nobody sent, and nothing to say: ranking a fleet for it would take time from calls coming in.
  const mayOffer = predicted !== null || (call.priority === 1 && all.some(isTrifleUnderWay));
  if (says === 'nothing' && !mayOffer) return false;
  const capabilities = await capabilitiesOf(deps, watch, call);
  await takeTurns();
  const judges = await judgesAbout(deps, call.position);
  const [first] = rankFor(judges, call.priority, capabilities, call.position, call.receivedAt, now);
  const best = first?.satisfies && first.predictedResponseSeconds !== null ? first : undefined;
  let told = false;
  if (says !== 'nothing') told = await tell(deps, call, says, predicted, best, now);
  return (await offer(deps, call, predicted, best, capabilities, all, now)) || told;
}

const isTrifleUnderWay = (call: WaitingCall) => call.priority === PREEMPTED_PRIORITY && call.units.length > 0;

/** When the first unit that qualifies will be there, as far as can be said. */
function firstArrival(deps: Deps, call: WaitingCall, now: Instant): Instant | null {
  const { position } = call;
  if (!position) return null;
  const arrivals = call.units.flatMap((sent) => {
    const unit = deps.roster.unit(sent.unitId);
    const arrival = sent.qualifies && unit ? predictedArrival(unit, sent, position, deps.travel, now) : null;
    return arrival === null ? [] : [arrival];
  });
  return arrivals.length ? Math.min(...arrivals) : null;
}

async function tell(
  deps: Deps,
  call: WaitingCall,
  says: 'breached' | 'warn-time' | 'warn-predicted',
  predicted: Instant | null,
  best: RankedUnit | undefined,
  now: Instant,
): Promise<boolean> {
  return inTransaction(deps.db, async (tx) => {
    const events =
      says === 'breached'
        ? await tellBreach(tx, call, predicted, now)
        : await tellWarning(deps, tx, call, says === 'warn-time' ? 'time' : 'predicted', predicted, best, now);
    if (events.length > 0) await appendEvents(tx, events);
    return events.length > 0;
  });
}

async function tellWarning(
  deps: Deps,
  tx: Executor,
  call: WaitingCall,
  why: 'time' | 'predicted',
  predicted: Instant | null,
  best: RankedUnit | undefined,
  now: Instant,
): Promise<NewEvent[]> {
  const { callId, number, dueAt } = call;
  if (!(await markWarned(tx, callId, why))) return [];
  const { legs, longest } = legsOf(call, now);
  const data = {
    number,
    dueAt: rfc3339(dueAt),
    predictedOnSceneAt: predicted && rfc3339(predicted),
    legs,
    longestLeg: longest,
    why,
    canStill: canStill(deps, call, best),
  };
  return [{ type: 'clock.warning', at: now, callId, data }];
}

/** The best free unit, and the micro fire station whose people could walk there. */
function canStill(deps: Deps, call: WaitingCall, best: RankedUnit | undefined) {
  const nearest = call.position && nearestFireStation(deps, call.position);
  return {
    unit: best ? { unitId: best.unitId, predictedResponseSeconds: best.predictedResponseSeconds } : null,
    microFireStation: nearest,
  };
}

function nearestFireStation(deps: Deps, position: Position) {
  const stations = deps.roster.placesOf('micro-fire-station').map((place) => ({
    placeId: place.placeId,
    name: place.name,
    distanceMetres: Math.round(distanceMetres(place.position, position)),
  }));
  return stations.sort((a, b) => a.distanceMetres - b.distanceMetres)[0] ?? null;
}

interface Offer {
  readonly kind: 're-assignment' | 'pre-emption';
  readonly unitId: string;
  readonly gainSeconds: number;
  /** The call it would be taken from. */
  readonly fromCallId?: string;
}

/** Offered once each, never done by itself: a free unit that would be there sooner than the one sent, or one on its way to priority 4. */
async function offer(
  deps: Deps,
  call: WaitingCall,
  predicted: Instant | null,
  best: RankedUnit | undefined,
  capabilities: Capabilities,
  all: readonly WaitingCall[],
  now: Instant,
): Promise<boolean> {
  const bestAt = best ? call.receivedAt + (best.predictedResponseSeconds ?? 0) * 1000 : null;
  const offers: Offer[] = [];
  if (best && bestAt !== null && predicted !== null && predicted - bestAt >= WORTH_OFFERING_MS)
    offers.push({ kind: 're-assignment', unitId: best.unitId, gainSeconds: Math.round((predicted - bestAt) / 1000) });
  const soonest = Math.min(predicted ?? Infinity, bestAt ?? Infinity);
  const taken = call.priority === 1 ? preemption(deps, call, capabilities, soonest, all, now) : null;
  if (taken) offers.push(taken);

  let told = false;
  for (const { kind, unitId, gainSeconds, fromCallId } of offers) {
    const data = { number: call.number, kind, unitId, gainSeconds, ...(fromCallId ? { fromCallId } : {}) };
    const event: NewEvent = { type: 'unit.offered', at: now, callId: call.callId, data };
    if (await wasOffered(deps.db, call.callId, unitId, kind)) continue;
    // Two instances may both offer in the same second; an offer twice does no harm, and a lock on each look would.
    await inTransaction(deps.db, (tx) => appendEvents(tx, [event]));
    told = true;
  }
  return told;
}

function preemption(
  deps: Deps,
  call: WaitingCall,
  { required }: Capabilities,
  soonest: Instant,
  all: readonly WaitingCall[],
  now: Instant,
): Offer | null {
  const { position } = call;
  if (!position) return null;
  let found: Offer | null = null;
  for (const other of all) {
    if (other.priority !== PREEMPTED_PRIORITY) continue;
    for (const sent of other.units) {
      const unit = deps.roster.unit(sent.unitId);
      if (!unit || required.some((capability) => !unit.capabilities.includes(capability))) continue;
      const arrival = predictedArrival(unit, sent, position, deps.travel, now);
      const gainMs = arrival === null ? 0 : soonest - arrival;
      if (gainMs < WORTH_OFFERING_MS || gainMs / 1000 <= (found?.gainSeconds ?? 0)) continue;
      // With nobody else to send the gain has no bound; what counts is that somebody comes.
      const gainSeconds = Number.isFinite(gainMs) ? Math.round(gainMs / 1000) : Math.round((call.dueAt - now) / 1000);
      found = { kind: 'pre-emption', unitId: unit.unitId, gainSeconds, fromCallId: other.callId };
    }
  }
  return found;
}

/** What the latest decision requires; read once a revision. */
async function capabilitiesOf(deps: Deps, watch: ClockWatch, call: WaitingCall): Promise<Capabilities> {
  const key = `${call.callId}:${call.revision}`;
  const known = watch.capabilities.get(key);
  if (known) return known;
  const row = await findCall(deps.db, call.callId);
  const record = row && deps.seal.open<DecisionRecord>(row.decision, decisionContext(call.callId, row.revision));
  const capabilities = record?.answer.recommendation.capabilities ?? { required: [], preferred: [] };
  watch.capabilities.set(key, capabilities);
  return capabilities;
}

function forgetOthers(watch: ClockWatch, calls: readonly WaitingCall[]): void {
  const revisions = new Set(calls.map((call) => `${call.callId}:${call.revision}`));
  for (const key of watch.capabilities.keys()) if (!revisions.has(key)) watch.capabilities.delete(key);
  const ids = new Set(calls.map((call) => call.callId));
  for (const id of watch.predictions.keys()) if (!ids.has(id)) watch.predictions.delete(id);
}
