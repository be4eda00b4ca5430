/** One run: a stage, a load on it, consoles that watch, rounds of faults; then the checked history and its counts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../bench/random.ts';
import { openPool } from '../../src/database/pool.ts';
import { createSeal } from '../../src/database/seal.ts';
import { startPlatformServer } from '../care/fhir/platform-server.ts';
import { type FaultKind, planRounds, playRound, type Round } from './chaos.ts';
import { check } from './check.ts';
import { isLate } from './check-clocks.ts';
import { alertRule, readDesk } from './check-desk.ts';
import { consoleRule } from './check-log.ts';
import { Client } from './client.ts';
import { openConsole, type RecordedConsole } from './console.ts';
import type { Jobs } from './desk-load.ts';
import { type Facts, readFacts } from './facts.ts';
import { type ConsoleHistory, type History, newHistory, operationsOf } from './history.ts';
import { Load, units } from './load.ts';
import { IDENTITY_KEY, Stage } from './stage.ts';
import type { Violation } from './violation.ts';
import { isWayBackOver, readWayBack } from './way-back-facts.ts';
import { doctor } from './way-back-load.ts';

export interface RunOptions {
  readonly rounds: number;
  readonly seed: number;
  onRound?(number: number, round: Round): void;
}

export interface RunResult {
  readonly violations: readonly Violation[];
  readonly counts: Readonly<Record<string, number>>;
  readonly history: History;
  readonly facts: Facts;
}

/** Short, so that clocks run out while things are broken. */
const TARGET_SECONDS = 6;
const DISPATCHERS = 3;
/** How long deadlines may be overdue, and consoles behind, once nothing is broken any more. */
const SETTLE_MS = 30_000;
/** Planners' jobs are part of runs at least so long; one interrupted counts as such a minute after its instance died. */
const JOBS_FROM_ROUNDS = 10;
const JOB_GONE_MS = 75_000;
/** Share of the record platform's requests that fail. */
const PLATFORM_FAILS = 0.3;

/** Breaks things `rounds` times under load. Everything it started is stopped when it resolves or rejects. */
export async function runFaults({ rounds, seed, onRound }: RunOptions): Promise<RunResult> {
  const history = newHistory();
  const withJobs = rounds >= JOBS_FROM_ROUNDS;
  const onDeath = (name: string, detail: string) =>
    history.surprises.push({ what: `the ${name} instance ended by itself`, detail });
  const unreliable = seededRandom(seed * 13);
  const platform = await startPlatformServer(() => unreliable.next());
  platform.set({ share: PLATFORM_FAILS });
  const stage = await Stage.open({ targetSeconds: TARGET_SECONDS, platformUrl: platform.url, onDeath });
  const db = openPool(stage.databaseUrl, { max: 2 });
  const urls = stage.instances.map(({ url }) => url);
  const consoles: RecordedConsole[] = [];
  try {
    const load = new Load(new Client(urls, history, seededRandom(seed * 3 + 1)), history, {
      seed,
      dispatchers: DISPATCHERS,
      targetSeconds: TARGET_SECONDS,
      withJobs,
    });
    await load.furnish();
    for (const [i, { subject, role, since }] of watchers.entries()) {
      const own: ConsoleHistory = {
        name: `${role} ${subject}`,
        role,
        subject,
        from: null,
        seen: [],
        lost: [],
        connections: 0,
      };
      history.consoles.push(own);
      consoles.push(openConsole(urls, own, since, seededRandom(seed * 7 + i)));
    }
    const working = load.work();
    working.catch(() => {}); // awaited below
    const breakOffs = seededRandom(seed * 11);
    const plan = planRounds(rounds, seededRandom(seed));
    for (const [i, round] of plan.entries()) {
      onRound?.(i + 1, round);
      if (breakOffs.chance(0.5)) breakOffs.pick(consoles).breakOff();
      const restart = breakOffs.chance(0.5) ? platform.restart(100 + breakOffs.below(1_500)) : null;
      await playRound(stage, round);
      await restart;
    }
    load.end();
    await working;
    platform.set({ share: 0 }); // as all that was broken is mended by now
    await settle(async () => (await readFacts(db)).calls.every(({ dueAt }) => dueAt < Date.now()));
    await settle(async () => deadlinesFired(await readFacts(db)));
    await load.closeAll(
      (await readFacts(db)).calls.filter(({ endedAt }) => endedAt === null).map(({ callId }) => callId),
    );
    await settle(async () => (await readFacts(db)).searches.every(({ status }) => status === 'closed'));
    await settle(
      async () => alertRule(history, { ...(await readFacts(db)), desk: await readDesk(db, null) }).length === 0,
    );
    await settle(async () => isWayBackOver(db));
    await settle(async () => consoleRule(history, await readFacts(db)).length === 0);
    const wayBack = await readWayBack(db, createSeal(Buffer.from(IDENTITY_KEY, 'base64')), platform);
    let jobs = withJobs ? await load.desk.jobs() : null;
    for (let waited = 0; jobs?.some(isUnderWay) && waited < JOB_GONE_MS; waited += 2_500) {
      await sleep(2_500);
      jobs = await load.desk.jobs();
    }
    const desk = await readDesk(db, jobs);
    const facts = { ...(await readFacts(db)), wayBack, desk };
    return { violations: check(history, facts), counts: countsOf(history, facts, plan), history, facts };
  } catch (error) {
    const { surprises } = history;
    throw surprises.length ? new Error(`broken off after ${JSON.stringify(surprises)}`, { cause: error }) : error;
  } finally {
    await Promise.all(consoles.map((each) => each.close()));
    await db.end();
    await stage.close();
    await platform.close();
  }
}

/** From the beginning and from now on; those who see everything and one who sees its own. */
const watchers = [
  { role: 'dispatcher', subject: 'console-1', since: 0 },
  { role: 'dispatcher', subject: 'console-2', since: null },
  { role: 'admin', subject: 'console-3', since: 0 },
  { role: 'crew', subject: units[0]?.unitId ?? '', since: 0 },
  { role: 'centre', subject: 'c-1', since: 0 },
  { ...doctor, since: 0 },
  { role: 'hospital', subject: 'h-1', since: 0 },
] as const;

const isUnderWay = ({ status }: Jobs[number]) => ['queued', 'running', 'waiting'].includes(status);

const deadlinesFired = ({ calls, events }: Facts): boolean => {
  const fired = new Set(events.filter(({ type }) => type === 'clock.breached').map(({ callId }) => callId));
  return calls.every((call) => !isLate(call) || fired.has(call.callId));
};

/** Waits until it is so, or long enough: what is not so then is found by the check. */
async function settle(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + SETTLE_MS;
  while (!(await isSo()) && Date.now() < deadline) await sleep(250);
}

function countsOf(history: History, facts: Facts, plan: readonly Round[]): Record<string, number> {
  const done = (kind: Parameters<typeof operationsOf>[1]) =>
    operationsOf(history, kind).filter(({ outcome }) => outcome === 'acknowledged').length;
  const faults = plan.flatMap((round) => round.faults);
  const broken = (kind: FaultKind) => faults.filter((fault) => fault.kind === kind).length;
  const events = (type: string) => facts.events.filter((event) => event.type === type).length;
  return {
    'rounds of faults': plan.length,
    'instances killed': broken('instance'),
    'Redis killed': broken('redis'),
    'PostgreSQL killed': broken('postgres'),
    'Redis links cut': broken('redis-link'),
    'calls acknowledged': new Set(operationsOf(history, 'call').map(({ callId }) => callId)).size,
    'assignments acknowledged': done('assignment'),
    'claims lost to another': operationsOf(history, 'assignment').filter(({ outcome }) => outcome === 'refused').length,
    'time points acknowledged': done('report'),
    'changes acknowledged': done('update'),
    'stand-downs acknowledged': done('stand-down'),
    'closes acknowledged': done('close'),
    'answers lost and asked for again': history.operations.reduce((sum, { unanswered }) => sum + unanswered, 0),
    'reports kept twice, flagged': facts.reports.filter(({ flags }) => flags.includes('repeated')).length,
    'searches acknowledged': done('search'),
    'searches held': done('hold'),
    'searches answered': done('find'),
    'steps of ladders taken': events('locate.escalated'),
    'care records acknowledged': done('record'),
    'outcomes acknowledged': done('outcome'),
    'write-backs': events('record.written-back'),
    'follow-ups scheduled': events('follow-up.scheduled'),
    'follow-ups reminded of': events('follow-up.due'),
    'follow-ups overdue': events('follow-up.overdue'),
    'follow-ups done': events('follow-up.completed'),
    'responders alerted': events('responder.alerted'),
    'alerts answered': done('alert-answer'),
    'moves suggested': events('redeployment.suggested'),
    'moves accepted': events('redeployment.accepted'),
    'jobs asked for': done('job'),
    'jobs interrupted': facts.desk?.jobs?.filter(({ status }) => status === 'interrupted').length ?? 0,
    'filings acknowledged': done('filing'),
    'transactions to the platform': facts.wayBack?.deliveries.length ?? 0,
    'transactions applied there': facts.wayBack?.platform.applied.length ?? 0,
    'deadlines fired': events('clock.breached'),
    'warnings given': events('clock.warning'),
    'console connections': history.consoles.reduce((sum, { connections }) => sum + connections, 0),
    'events in the log': facts.events.length,
    'events seen by consoles': history.consoles.reduce((sum, { seen }) => sum + seen.length, 0),
  };
}
