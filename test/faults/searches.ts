/**
 * A flood of searches under faults: all raised at once over fifteen centres whose pages are open, fought over by two centres
 * in the same moment, answered by both, left to climb, while every kind of thing is killed; then the checked history.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Random, seededRandom } from '../../bench/random.ts';
import { openPool } from '../../src/database/pool.ts';
import { distanceMetres } from '../../src/domain/position.ts';
import { planRounds, playRound, type Round } from './chaos.ts';
import { check } from './check.ts';
import { floodRule } from './check-flood.ts';
import { consoleRule } from './check-log.ts';
import { type Answer, Client, type Who } from './client.ts';
import { openConsole, type RecordedConsole } from './console.ts';
import { type Facts, readFacts } from './facts.ts';
import type { RunResult } from './harness.ts';
import { type Asked, asked, type ConsoleHistory, type History, newHistory, operationsOf } from './history.ts';
import { Stage } from './stage.ts';

export interface FloodOptions {
  readonly searches: number;
  readonly rounds: number;
  readonly seed: number;
  onRound?(number: number, round: Round): void;
}

/** Long enough that every round of faults finds searches that climb, are held and are answered. */
const STEPS = [6, 8, 8, 0] as const;
const ANSWER_SECONDS = 6;
const settings = {
  LOCATE_LADDER: `centre:${STEPS[0]},next-centre:${STEPS[1]},next-centre:${STEPS[2]},fire-and-police:${STEPS[3]}`,
  LOCATE_ANSWER_SECONDS: String(ANSWER_SECONDS),
};
/** Within it centres come forward. */
const COMES_FORWARD_MS = 25_000;
const NOBODY_SHARE = 0.3;
const GOES_DARK_SHARE = 0.2;
/** Clocks of the calls are the other run's. */
const TARGET_SECONDS = 3_600;
const CALLS_AT_ONCE = 40;
const SETTLE_MS = 60_000;

const centres = Array.from({ length: 15 }, (_, i) => ({
  id: `c-${i + 1}`,
  position: { lon: 116.33 + 0.015 * (i % 5), lat: 39.88 + 0.03 * Math.floor(i / 5), crs: 'wgs84' as const },
}));
type Place = (typeof centres)[number]['position'];
const dispatcher: Who = { role: 'dispatcher', subject: 'd-1' };

export async function floodSearches({ searches, rounds, seed, onRound }: FloodOptions): Promise<RunResult> {
  const history = newHistory();
  const onDeath = (name: string, detail: string) =>
    history.surprises.push({ what: `the ${name} instance ended by itself`, detail });
  const stage = await Stage.open({ targetSeconds: TARGET_SECONDS, settings, onDeath });
  const db = openPool(stage.databaseUrl, { max: 2 });
  const urls = stage.instances.map(({ url }) => url);
  const consoles: RecordedConsole[] = [];
  try {
    const client = new Client(urls, history, seededRandom(seed * 3 + 1));
    await furnish(client);
    const watchers = [
      { role: 'dispatcher', subject: 'console-1' } as const,
      ...centres.map(({ id }) => ({ role: 'centre', subject: id }) as const),
    ];
    for (const [i, { role, subject }] of watchers.entries()) {
      const name = `${role} ${subject}`;
      const own: ConsoleHistory = { name, role, subject, from: null, seen: [], lost: [], connections: 0 };
      history.consoles.push(own);
      consoles.push(openConsole(urls, own, 0, seededRandom(seed * 7 + i)));
    }
    const random = seededRandom(seed * 101);
    const calls = await takeCalls(client, history, searches, random);
    const telling = Promise.all(
      calls.map((call, i) => tell(client, history, call, `s-${i}`, seededRandom(seed * 1_000 + i))),
    );
    telling.catch(() => {}); // awaited below
    const breakOffs = seededRandom(seed * 11);
    const plan = planRounds(rounds, seededRandom(seed));
    for (const [i, round] of plan.entries()) {
      onRound?.(i + 1, round);
      for (let n = 0; n < 3; n++) breakOffs.pick(consoles).breakOff();
      await playRound(stage, round);
    }
    await telling;
    await settle(async () => floodRule(await readFacts(db), STEPS.length).length === 0);
    const climbed = floodRule(await readFacts(db), STEPS.length);
    for (let i = 0; i < calls.length; i += CALLS_AT_ONCE)
      await Promise.all(calls.slice(i, i + CALLS_AT_ONCE).map(({ callId }) => close(client, history, callId)));
    await settle(async () => (await readFacts(db)).searches.every(({ status }) => status === 'closed'));
    await settle(async () => consoleRule(history, await readFacts(db)).length === 0);
    const facts = await readFacts(db);
    return {
      violations: [...climbed, ...check(history, facts)],
      counts: countsOf(history, facts, plan),
      history,
      facts,
    };
  } finally {
    await Promise.all(consoles.map((each) => each.close()));
    await db.end();
    await stage.close();
  }
}

async function furnish(client: Client): Promise<void> {
  for (const { id, position } of centres)
    await client.ask({ role: 'admin', subject: 'admin-1' }, 'PUT', `/v1/places/${id}`, {
      placeId: id,
      kind: 'community-centre',
      name: `invented centre ${id}`,
      position,
    });
}

interface Taken {
  readonly callId: string;
  readonly at: Place;
}

async function takeCalls(client: Client, history: History, count: number, random: Random): Promise<Taken[]> {
  const taken: Taken[] = [];
  const take = async (n: number): Promise<void> => {
    const { position } = random.pick(centres);
    const at = {
      ...position,
      lon: position.lon + random.normal() * 0.003,
      lat: position.lat + random.normal() * 0.003,
    };
    const key = `call-${n}`;
    const answer = await client.ask(
      dispatcher,
      'POST',
      '/v1/calls',
      {
        channel: 'phone',
        caller: { phone: `+86177${String(n).padStart(8, '0')}` },
        location: { position: at, uncertaintyMetres: 50, source: 'aml' },
        complaint: { code: 'silent-call' },
      },
      { headers: { 'idempotency-key': key } },
    );
    const callId: string | null = answer.body?.call?.callId ?? null;
    history.operations.push({ kind: 'call', key, callId, ...asked(answer) });
    if (callId) taken.push({ callId, at });
  };
  for (let n = 0; n < count; n += CALLS_AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(CALLS_AT_ONCE, count - n) }, (_, i) => take(n + i)));
  return taken;
}

/** One search; what becomes of it is drawn. */
async function tell(client: Client, history: History, { callId, at }: Taken, key: string, random: Random) {
  const note = (operation: History['operations'][number]) => history.operations.push(operation);
  const raised = await client.ask(
    dispatcher,
    'POST',
    `/v1/calls/${callId}/locate-requests`,
    { reason: 'callback-unanswered' },
    { headers: { 'idempotency-key': key } },
  );
  const searchId: string | null = raised.body?.locateRequest?.locateRequestId ?? null;
  note({ kind: 'search', callId, key, searchId, ...told(raised) });
  if (searchId === null || random.chance(NOBODY_SHARE)) return; // nobody comes forward: it climbs to the end
  await sleep(random.below(COMES_FORWARD_MS));
  // The two that are asked first, in the same moment, each through an instance of its own.
  const rivals = [...centres]
    .sort((a, b) => distanceMetres(a.position, at) - distanceMetres(b.position, at))
    .slice(0, 2);
  const does = (what: 'accept' | 'answer', body: object) =>
    Promise.all(
      rivals.map(async ({ id }, instance) => {
        const who: Who = { role: 'centre', subject: id };
        const answer = await client.ask(who, 'POST', `/v1/locate-requests/${searchId}/${what}`, body, {
          first: instance as 0 | 1,
        });
        const kind = what === 'accept' ? 'hold' : 'find';
        note({ kind, callId, searchId, centreId: id, ...told(answer) });
        return answer.status === 200;
      }),
    );
  const held = await does('accept', { person: 'invented' });
  if (!held.includes(true) || random.chance(GOES_DARK_SHARE)) return;
  await sleep(random.below(ANSWER_SECONDS * 1_500));
  await does('answer', { found: true, room: '501', person: 'invented', position: at });
}

async function close(client: Client, history: History, callId: string): Promise<void> {
  const answer = await client.ask(dispatcher, 'POST', `/v1/calls/${callId}/close`, { reason: 'invented end' });
  history.operations.push({ kind: 'close', callId, ...asked(answer) });
}

/** No single event is named in these answers. */
const told = (answer: Answer): Asked => ({ ...asked(answer), seq: null });

async function settle(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + SETTLE_MS;
  while (!(await isSo()) && Date.now() < deadline) await sleep(500);
}

function countsOf(history: History, facts: Facts, plan: readonly Round[]): Record<string, number> {
  const told = (kind: 'call' | 'search' | 'hold' | 'find', outcome: 'acknowledged' | 'refused') =>
    operationsOf(history, kind).filter((operation) => operation.outcome === outcome).length;
  const faults = plan.flatMap((round) => round.faults);
  const broken = (kind: (typeof faults)[number]['kind']) => faults.filter((fault) => fault.kind === kind).length;
  const events = (type: string) => facts.events.filter((event) => event.type === type).length;
  return {
    'rounds of faults': plan.length,
    'instances killed': broken('instance'),
    'Redis killed': broken('redis'),
    'PostgreSQL killed': broken('postgres'),
    'Redis links cut': broken('redis-link'),
    'calls acknowledged': told('call', 'acknowledged'),
    'searches acknowledged': told('search', 'acknowledged'),
    'holds acknowledged': told('hold', 'acknowledged'),
    'holds refused': told('hold', 'refused'),
    'answers acknowledged': told('find', 'acknowledged'),
    'answers refused': told('find', 'refused'),
    'answers lost and asked for again': history.operations.reduce((sum, { unanswered }) => sum + unanswered, 0),
    'steps of ladders taken': events('locate.escalated'),
    'searches closed': events('locate.closed'),
    'console connections': history.consoles.reduce((sum, { connections }) => sum + connections, 0),
    'events in the log': facts.events.length,
    'events seen by centres': history.consoles
      .filter(({ role }) => role === 'centre')
      .reduce((sum, { seen }) => sum + seen.length, 0),
  };
}
