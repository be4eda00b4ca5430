/** Ten thousand reports, sent on to a record platform that fails three times in ten: what is lost, doubled, out of order, and how long it takes. */
import { partId } from '../src/care/fhir/ids.ts';
import { factKey } from '../src/care/fhir/merge.ts';
import { openPool } from '../src/database/pool.ts';
import type { Resident } from '../src/residents/schema.ts';
import { type Applied, startPlatformServer } from '../test/care/fhir/platform-server.ts';
import { sampleResidents } from './calls.ts';
import { type Ground, SEED } from './ground.ts';
import { seededRandom } from './random.ts';
import { judged, type ResultRow, round } from './rows.ts';
import { asker, callOf, untilDelivered } from './write-back.ts';

export interface PlatformSize {
  readonly residents: number;
  readonly outcomes: number;
  /** So many of each reported resident, on as many calls. */
  readonly each: number;
  /** Requests to the service under way at once. */
  readonly atOnce: number;
  readonly platformFails: number;
}
export const platformSize: PlatformSize = {
  residents: 20_000,
  outcomes: 10_000,
  each: 4,
  atOnce: 8,
  platformFails: 0.3,
};

const diagnosis = { system: 'icd-10', code: 'J44.1', display: '慢性阻塞性肺病伴急性加重' } as const;

interface Reported {
  readonly residentId: string;
  readonly outcomeId: string;
}

export async function benchPlatform(ground: Ground, size: PlatformSize): Promise<ResultRow[]> {
  const { databaseUrl } = await ground.registry(size.residents);
  const random = seededRandom(SEED);
  const platform = await startPlatformServer(() => random.next());
  platform.set({ share: size.platformFails });
  const service = await ground.serveBuild(
    {
      DATABASE_URL: databaseUrl,
      LOG_LEVEL: 'warn',
      REQUESTS_PER_MINUTE: '1000000',
      FHIR_BASE_URL: platform.url,
    },
    'platform',
  );
  const db = openPool(databaseUrl, { max: 1 });
  try {
    const ask = await asker(service.url);
    const wanted = Math.ceil(size.outcomes / size.each);
    const people = sampleResidents(size.residents, Math.min(size.residents, 4 * wanted), SEED)
      .filter(({ idNumber }) => idNumber)
      .slice(0, wanted);
    if (people.length < wanted) throw new Error(`only ${people.length} residents with a citizen number`);
    const of = (i: number) => people[i % wanted] as Resident;
    const calls = await inTurns(size.outcomes, size.atOnce, async (i) => {
      const { call } = await ask('dispatcher', '/v1/calls', callOf(of(i)));
      return call.callId as string;
    });
    const startedMs = performance.now();
    // Two reports of one resident are `wanted` apart, so the order they were acknowledged in is the order of their calls.
    const reports = await inTurns(size.outcomes, size.atOnce, async (i): Promise<Reported> => {
      const body = { diagnoses: [diagnosis], disposition: 'discharged', hospitalId: 'h-bench' };
      const { state, outcomeId, reason } = await ask('admin', `/v1/calls/${calls[i]}/outcome`, body);
      if (state !== 'matched') throw new Error(`a report was not matched: ${reason}`);
      return { residentId: of(i).residentId, outcomeId };
    });
    const reportedSeconds = (performance.now() - startedMs) / 1000;
    await untilDelivered(db);
    const seconds = (performance.now() - startedMs) / 1000;
    return rowsOf(size, tallyOf(reports, platform.created), {
      seconds,
      reportedSeconds,
      failed: platform.failed(),
      asked: platform.asked(),
    });
  } finally {
    await db.end();
    await service.stop();
    await platform.close();
  }
}

/** `work` for 0 … count − 1, begun in that order, so many at once. */
async function inTurns<T>(count: number, atOnce: number, work: (i: number) => Promise<T>): Promise<T[]> {
  const done: T[] = new Array(count);
  let next = 0;
  const one = async () => {
    while (next < count) {
      const i = next++;
      done[i] = await work(i);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return done;
}

interface Tally {
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
}

/** Reports whose diagnosis was never created at the platform, was more than once, or before one acknowledged earlier. */
function tallyOf(reports: readonly Reported[], created: readonly Applied[]): Tally {
  const heard = new Map<string, string[]>();
  for (const { type, patient, fact } of created)
    if (type === 'Condition') heard.set(patient, [...(heard.get(patient) ?? []), fact]);
  const told = new Map<string, string[]>();
  for (const { residentId, outcomeId } of reports) {
    const fact = `Condition/${partId(residentId, `conditions|${factKey(diagnosis)}|outcome ${outcomeId}`)}`;
    told.set(residentId, [...(told.get(residentId) ?? []), fact]);
  }
  let [lost, doubled, outOfOrder] = [0, 0, 0];
  for (const [residentId, facts] of told) {
    const there = (heard.get(residentId) ?? []).filter((fact) => facts.includes(fact));
    const once = [...new Set(there)];
    lost += facts.length - once.length;
    doubled += there.length - once.length;
    const inOrder = facts.filter((fact) => once.includes(fact));
    outOfOrder += once.filter((fact, i) => fact !== inOrder[i]).length;
  }
  return { lost, doubled, outOfOrder };
}

interface Run {
  readonly seconds: number;
  readonly reportedSeconds: number;
  readonly failed: number;
  readonly asked: number;
}

function rowsOf({ outcomes, each, platformFails, residents }: PlatformSize, tally: Tally, run: Run): ResultRow[] {
  const conditions = [
    `${outcomes} reports of ${outcomes / each} of ${residents} residents, reported in ${round(run.reportedSeconds)} s;`,
    `the platform failed ${run.failed} of ${run.asked} requests (${100 * platformFails} %); from the first report to the last delivery`,
  ].join(' ');
  const row = (figure: string, unit: string, value: number): ResultRow => ({
    benchmark: 'platform',
    figure,
    value,
    unit,
    conditions,
  });
  return [
    judged(row('reports delivered', 'an hour', round((outcomes / run.seconds) * 3600)), { atLeast: 10_000 }),
    judged(row('lost', 'reports', tally.lost), { atMost: 0 }),
    judged(row('doubled', 'reports', tally.doubled), { atMost: 0 }),
    judged(row('out of order', 'reports', tally.outOfOrder), { atMost: 0 }),
  ];
}
