/**
 * The demonstration's day: crews that react when they are sent, callers, and on request somebody who sends. All of them
 * use the service's own operations as real ones would; what they do next follows from the database, so a restart loses
 * nothing. One loop, one step after the other, never two at once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { decisionContext } from '../calls/accept.ts';
import type { CallInput } from '../calls/schema.ts';
import { findCall } from '../calls/store.ts';
import type { Deps } from '../deps.ts';
import { Problem } from '../domain/errors.ts';
import type { Position } from '../domain/position.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import { assignUnit } from '../operations/assign-unit.ts';
import { raiseLocate } from '../operations/raise-locate.ts';
import { readCall } from '../operations/read-calls.ts';
import { type Actor, type DecisionRecord, receiveCall } from '../operations/receive-call.ts';
import { receiveOutcome } from '../operations/receive-outcome.ts';
import { type PositionReport, positionReports, type ReportPositions } from '../operations/report-positions.ts';
import { reportStatus, reportTimePoint } from '../operations/report-time-point.ts';
import { findResident } from '../residents/store.ts';
import { gapToNextCall, inventCalls, whoCalls } from './callers.ts';
import { dueReports } from './crew.ts';
import { type CrewRow, findCrews, findWaiting } from './crew-store.ts';
import { findHandedOver, REPORTS_AFTER_SECONDS, reportOf } from './hospitals.ts';
import { type Random, seededRandom } from './random.ts';
import { RESIDENTS } from './residents.ts';

export interface DaySettings {
  /** Crews react and callers call; otherwise everybody stands where they are. */
  readonly running: boolean;
  /** The mean over a day, before `factor`; 0: nobody calls by themselves. */
  readonly callsPerHour: number;
  /** Everybody is so many times as fast as in reality; clocks and reported times stay real. */
  readonly factor: number;
  /** Sends the first unit that satisfies, as a dispatcher would, after a moment. */
  readonly autopilot: boolean;
  readonly seed: number;
}

export const FACTOR_AT_MOST = 600;
export const CALLS_PER_HOUR_AT_MOST = 600;

/** Crews react, nobody calls and nobody sends: a newcomer does both. */
const atStart: DaySettings = { running: true, callsPerHour: 0, factor: 1, autopilot: false, seed: 20_250_708 };

const STEP_EVERY_MS = 1_000;
/** A dispatcher listens and reads before sending. */
const AUTOPILOT_WAITS_SECONDS = 20;
const SENT_AT_ONCE = 5;
/** Where nothing could be sent it is tried again after this long. */
const SEND_AGAIN_MS = 10_000;
/** Of a backlog (a laptop that slept) no more than this is called in at once. */
const CALLS_AT_ONCE = 5;
const REPORTS_AT_ONCE = 5;
/** Hospitals say nothing of calls older than this: nobody watched. */
const REPORTS_WITHIN_MS = 24 * 3_600_000;

/** Hears all crews, as a radio gateway would. */
const radio: Actor = { role: 'dispatcher', subject: 'demo-radio' };
const callTaker: Actor = { role: 'dispatcher', subject: 'demo-call-taker' };
const autopilot: Actor = { role: 'dispatcher', subject: 'demo-autopilot' };
const crewOf = (unitId: string): Actor => ({ role: 'crew', subject: unitId });

export class Day {
  readonly #deps: Deps;
  readonly #reportPositions: ReportPositions;
  #settings: DaySettings = atStart;
  #callers: { readonly random: Random; nextAt: Instant };
  /** Said by others about the same, not yet heard. */
  #toCall: { readonly at: Instant; readonly call: CallInput }[] = [];
  /** What each call's decision says, by call and revision: decisions are sealed and need not be opened every second. */
  #knownCalls = new Map<string, KnownCall>();
  #sendAgain = new Map<string, Instant>();
  /** Calls of strangers, and those whose report was refused: it would be again. */
  #unreported = new Set<string>();
  #stopped = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#reportPositions = positionReports(deps, () => this.#settings.factor);
    this.#callers = this.#newCallers();
  }

  get settings(): DaySettings {
    return this.#settings;
  }

  /** What is not named stays as it is. Another seed or another rate begins the stream of callers anew. */
  change(to: Partial<DaySettings>): DaySettings {
    const before = this.#settings;
    this.#settings = { ...before, ...to };
    const { seed, callsPerHour, factor, running } = this.#settings;
    if (seed !== before.seed) this.#callers = this.#newCallers();
    else if (callsPerHour !== before.callsPerHour || factor !== before.factor || running !== before.running)
      this.#callers.nextAt = this.#nextCallAfter(this.#deps.clock.now(), this.#callers.random);
    if (callsPerHour === 0 || !running) this.#toCall = [];
    return this.#settings;
  }

  /** Has all units say where they are, then steps every second until stopped. */
  async start(): Promise<void> {
    await this.#tryStep();
    this.#loop = this.#run();
  }

  /** Resolves when nothing of it is under way: close the pool after it. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await sleep(STEP_EVERY_MS, undefined, { signal }).catch(() => {});
      if (!signal.aborted) await this.#tryStep();
    }
  }

  async #tryStep(): Promise<void> {
    try {
      await this.step();
    } catch (err) {
      this.#deps.log.warn({ err }, 'the demonstration’s day stumbled; it goes on in a second');
    }
  }

  /** One look at everything, and what is due then. */
  async step(): Promise<void> {
    await this.#moveCrews();
    if (!this.#settings.running) return;
    if (this.#settings.autopilot) await this.#send();
    await this.#ring();
    await this.#reportOutcomes();
  }

  async #moveCrews(): Promise<void> {
    const { db, clock } = this.#deps;
    const { running } = this.#settings;
    const crews = await findCrews(db);
    const known = await this.#knownOf(crews);
    const fixes: PositionReport[] = [];
    for (const { call, ...crew } of crews) {
      if (this.#stopped.signal.aborted) return;
      const now = clock.now();
      const { hospital = null, doorShut = false } = (call && known.get(keyOf(call))) ?? {};
      const run = call && { ...call, hospital, door: doorShut ? call : undefined };
      // Standing still is what is left of a crew when the day does not run.
      const asItIs = running ? { ...crew, run } : { ...crew, run: null, status: 'available' as const };
      const { points, status, fix, nobodyOpens } = dueReports(asItIs, now, this.#settings, this.#deps.travel);
      if (fix) fixes.push({ unitId: crew.unitId, position: fix, at: rfc3339(now) });
      await this.#say(crew.unitId, async (actor) => {
        for (const { point, at } of points)
          if (run) await reportTimePoint(this.#deps, crew.unitId, { callId: run.callId, point, at }, actor);
        if (status) await reportStatus(this.#deps, crew.unitId, status, actor);
        if (run && nobodyOpens) await raiseLocate(this.#deps, run.callId, 'no-answer-at-door', actor, null);
      });
    }
    if (fixes.length) await this.#reportPositions(fixes, radio);
  }

  /** Refusals are a crew's daily bread: stood down in the same second, a call closed over its head. */
  async #say(unitId: string, report: (actor: Actor) => Promise<void>): Promise<void> {
    try {
      await report(crewOf(unitId));
    } catch (error) {
      if (!(error instanceof Problem) || error.status >= 500) throw error;
      this.#deps.log.debug({ unitId, code: error.code }, 'a simulated crew was refused');
    }
  }

  async #knownOf(crews: readonly CrewRow[]): Promise<ReadonlyMap<string, KnownCall>> {
    const { roster } = this.#deps;
    const known = new Map<string, KnownCall>();
    for (const { call } of crews) {
      if (!call) continue;
      const key = keyOf(call);
      const before = this.#knownCalls.get(key);
      if (before) {
        known.set(key, before);
        continue;
      }
      const answer = roster.hospitals.length ? await this.#answerOf(call.callId) : null;
      if (!answer) continue; // no look-up brought the places along yet
      const first = answer.recommendation.hospitals[0]?.hospitalId;
      const hospital = roster.hospitals.find(({ placeId }) => placeId === first)?.position ?? null;
      // Who presses and says nothing does not come to the door either.
      known.set(key, { hospital, doorShut: (answer.locateSuggestion ?? null) !== null });
    }
    this.#knownCalls = known;
    return known;
  }

  async #answerOf(callId: string): Promise<DecisionRecord['answer'] | null> {
    const { db, seal } = this.#deps;
    const row = await findCall(db, callId);
    return row && seal.open<DecisionRecord>(row.decision, decisionContext(callId, row.revision)).answer;
  }

  /** Of filed residents handed over a while ago the hospital they were taken to says what it was. */
  async #reportOutcomes(): Promise<void> {
    const now = this.#deps.clock.now();
    const before = now - (REPORTS_AFTER_SECONDS * 1000) / this.#settings.factor;
    const atMost = REPORTS_AT_ONCE + this.#unreported.size;
    for (const handed of await findHandedOver(this.#deps.db, now - REPORTS_WITHIN_MS, before, atMost)) {
      if (this.#stopped.signal.aborted) return;
      const { callId } = handed;
      if (this.#unreported.has(callId)) continue;
      const answer = await this.#answerOf(callId);
      const hospitalId = answer?.recommendation.hospitals[0]?.hospitalId;
      const isFiled = answer?.matches.some(({ grade }) => grade === 'match');
      const input = { callId, ...reportOf(handed, this.#settings.seed) };
      try {
        if (hospitalId && isFiled) await receiveOutcome(this.#deps, input, { role: 'hospital', subject: hospitalId });
        else this.#unreported.add(callId);
      } catch (error) {
        if (!(error instanceof Problem) || error.status >= 500) throw error;
        this.#unreported.add(callId);
      }
    }
  }

  /** To each waiting call the first unit that satisfies it; where none does the call goes on waiting. */
  async #send(): Promise<void> {
    const { db, clock } = this.#deps;
    const now = clock.now();
    const since = now - (AUTOPILOT_WAITS_SECONDS * 1000) / this.#settings.factor;
    for (const [callId, at] of this.#sendAgain) if (at <= now) this.#sendAgain.delete(callId);
    const waiting = await findWaiting(db, since, SENT_AT_ONCE + this.#sendAgain.size);
    for (const callId of waiting.filter((each) => !this.#sendAgain.has(each))) {
      if (this.#stopped.signal.aborted) return;
      this.#sendAgain.set(callId, now + SEND_AGAIN_MS);
      await this.#sendTo(callId);
    }
  }

  async #sendTo(callId: string): Promise<void> {
    try {
      const { units } = await readCall(this.#deps, callId, autopilot);
      const first = units.find(({ satisfies }) => satisfies);
      if (first) await assignUnit(this.#deps, callId, { unitId: first.unitId }, autopilot);
    } catch (error) {
      if (!(error instanceof Problem) || error.status >= 500) throw error;
    }
  }

  #newCallers() {
    const random = seededRandom(this.#settings.seed);
    return { random, nextAt: this.#nextCallAfter(this.#deps.clock.now(), random) };
  }

  #nextCallAfter(at: Instant, random: Random): Instant {
    const { running, callsPerHour, factor } = this.#settings;
    return running ? at + gapToNextCall(random, callsPerHour, factor, at) : Infinity;
  }

  async #ring(): Promise<void> {
    const now = this.#deps.clock.now();
    const callers = this.#callers;
    for (let rung = 0; rung < CALLS_AT_ONCE && callers.nextAt <= now; rung++) {
      await this.#someoneCalls(callers.random, now);
      callers.nextAt = this.#nextCallAfter(callers.nextAt, callers.random);
    }
    if (callers.nextAt <= now) callers.nextAt = this.#nextCallAfter(now, callers.random);
    const due = this.#toCall.filter(({ at }) => at <= now);
    this.#toCall = this.#toCall.filter(({ at }) => at > now);
    for (const { call } of due) {
      if (this.#stopped.signal.aborted) return;
      await receiveCall(this.#deps, call, callTaker, null);
    }
  }

  async #someoneCalls(random: Random, now: Instant): Promise<void> {
    const { db, seal } = this.#deps;
    const number = whoCalls(random, RESIDENTS);
    const caller = number && (await findResident(db, seal, `demo-r-${String(number).padStart(4, '0')}`));
    let at = now;
    for (const { afterSeconds, call } of inventCalls(random, caller || null, now)) {
      at += (afterSeconds * 1000) / this.#settings.factor;
      this.#toCall.push({ at, call });
    }
  }
}

interface KnownCall {
  /** Where its patient is taken. */
  readonly hospital: Position | null;
  readonly doorShut: boolean;
}

const keyOf = ({ callId, revision }: { readonly callId: string; readonly revision: number }) => `${callId}:${revision}`;
