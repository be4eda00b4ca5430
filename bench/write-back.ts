/**
 * What a hospital reports is decided with at the next call: the time from a report's acknowledgement to the answer of the
 * first call that shows it. All of it also goes to a record platform that fails three times in ten.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { partId } from '../src/care/fhir/ids.ts';
import { factKey } from '../src/care/fhir/merge.ts';
import { openPool } from '../src/database/pool.ts';
import type { Role } from '../src/domain/vocabulary.ts';
import type { Resident } from '../src/residents/schema.ts';
import { type Applied, startPlatformServer } from '../test/care/fhir/platform-server.ts';
import { sampleResidents } from './calls.ts';
import { type Ground, SEED } from './ground.ts';
import { inventFleet, tokenFor } from './load.ts';
import { seededRandom } from './random.ts';
import { judged, quantile, type ResultRow, round } from './rows.ts';

export interface WriteBackSize {
  readonly residents: number;
  readonly outcomes: number;
  /** So many of each reported resident, on as many calls. */
  readonly each: number;
  readonly perSecond: number;
  /** Share of the record platform's requests that fail. */
  readonly platformFails: number;
}
export const writeBackSize: WriteBackSize = {
  residents: 100_000,
  outcomes: 1_000,
  each: 4,
  perSecond: 20,
  platformFails: 0.3,
};

const UNITS = 300;
const DELIVERED_WITHIN_SECONDS = 1_800;
/** A second call of the same resident where the first does not show it yet. */
const AGAIN_MS = 5;
const CALLS_AT_MOST = 1_000;
const AGAIN_AT_MOST = 100;
const infarction = { system: 'icd-10', code: 'I21.0', display: '急性前壁心肌梗死' } as const;

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into field by field
type Ask = ((role: Role, path: string, body: unknown) => Promise<any>) & { again(): number };

export async function benchWriteBack(ground: Ground, size: WriteBackSize): Promise<ResultRow[]> {
  const { databaseUrl } = await ground.registry(size.residents);
  await inventFleet(databaseUrl, UNITS);
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
    'write-back',
  );
  const db = openPool(databaseUrl, { max: 1 });
  try {
    const ask = await asker(service.url);
    // Whoever has no history: then nothing but the report can be why the next call is decided otherwise.
    const blank = sampleResidents(size.residents, 8 * size.outcomes, SEED).filter(
      ({ history, idNumber }) => idNumber && !history?.conditions?.length && !history?.medications?.length,
    );
    const others = blank.slice(0, size.outcomes);
    const people = blank.slice(size.outcomes, size.outcomes + Math.ceil(size.outcomes / size.each));
    if (people.length * size.each < size.outcomes) throw new Error(`only ${blank.length} residents without a history`);
    // One after the other, so that two reports of one resident are many seconds apart.
    const reported = Array.from({ length: size.outcomes }, (_, i) => people[i % people.length] as Resident);
    const calls: string[] = [];
    for (const resident of reported) calls.push((await ask('dispatcher', '/v1/calls', callOf(resident))).call.callId);
    await service.settled();

    const startedMs = performance.now();
    const seen = await arrivals(size, async (i) => {
      const [bare, shown] = await Promise.all([
        timed(() => ask('dispatcher', '/v1/calls', callOf(others[i] as Resident))),
        reportAndCall(ask, calls[i] as string, reported[i] as Resident),
      ]);
      return { bareMs: bare.milliseconds, ...shown };
    });
    const reportedSeconds = (performance.now() - startedMs) / 1000;
    await untilDelivered(db);
    const deliveredSeconds = (performance.now() - startedMs) / 1000;
    const lost = misplaced(
      reported.map(({ residentId }, i) => ({ residentId, outcomeId: seen[i]?.outcomeId ?? '' })),
      platform.created,
    );
    return rowsOf(size, seen, {
      reportedSeconds,
      deliveredSeconds,
      lost,
      failed: platform.failed(),
      again: ask.again(),
    });
  } finally {
    await db.end();
    await service.stop();
    await platform.close();
  }
}

interface Shown {
  readonly outcomeId: string;
  readonly acknowledgedMs: number;
  /** From the acknowledgement to the answer of the first call that shows it. */
  readonly visibleMs: number;
  readonly callsUntilShown: number;
}

async function reportAndCall(ask: Ask, callId: string, resident: Resident): Promise<Shown> {
  const report = { diagnoses: [infarction], disposition: 'discharged', hospitalId: 'h-bench' };
  const posted = await timed(() => ask('admin', `/v1/calls/${callId}/outcome`, report));
  if (posted.value.state !== 'matched') throw new Error(`a report was not matched: ${posted.value.reason}`);
  const since = performance.now();
  for (let calls = 1; calls <= CALLS_AT_MOST; calls++) {
    const { recommendation } = await ask('dispatcher', '/v1/calls', callOf(resident));
    const shows = recommendation.reasons.some(
      ({ from }: { from?: { sourceId: string } }) => from?.sourceId === posted.value.outcomeId,
    );
    if (shows)
      return {
        outcomeId: posted.value.outcomeId,
        acknowledgedMs: posted.milliseconds,
        visibleMs: performance.now() - since,
        callsUntilShown: calls,
      };
    await sleep(AGAIN_MS);
  }
  throw new Error('a report was acknowledged and no call shows it');
}

export const callOf = ({ name, sex, idNumber, phones: [phone] }: Resident) => ({
  channel: 'phone',
  caller: { phone, relation: 'self' },
  patient: { name, sex, idNumber },
  location: { position: { lon: 116.35, lat: 39.91, crs: 'wgs84' }, uncertaintyMetres: 50, source: 'network' },
  complaint: { code: 'chest-pain', answers: { conscious: 'yes', breathing: 'normal' } },
});

/** `size.outcomes` arrivals at random times, so many a second on average; each begins whether or not the others are done. */
async function arrivals<T>({ outcomes, perSecond }: WriteBackSize, work: (i: number) => Promise<T>): Promise<T[]> {
  const random = seededRandom(SEED + 1);
  const begun: Promise<T>[] = [];
  let dueMs = performance.now();
  for (let i = 0; i < outcomes; i++) {
    dueMs += (-Math.log(1 - random.next()) / perSecond) * 1000;
    await sleep(Math.max(0, dueMs - performance.now()));
    begun.push(work(i));
  }
  return Promise.all(begun);
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly milliseconds: number }> {
  const started = performance.now();
  const value = await work();
  return { value, milliseconds: performance.now() - started };
}

type Db = ReturnType<typeof openPool>;

export async function untilDelivered(db: Db): Promise<void> {
  const deadline = Date.now() + DELIVERED_WITHIN_SECONDS * 1000;
  const text = `
    SELECT NOT EXISTS (SELECT FROM platform_deliveries WHERE state = 'pending')
       AND (SELECT seq FROM event_head) <= coalesce((SELECT seq FROM relay_cursors WHERE name = 'platform'), 0) AS over`;
  while (!(await db.query<{ over: boolean }>(text)).rows[0]?.over && Date.now() < deadline) await sleep(100);
}

/** Reports whose diagnosis is not at the platform exactly once, or not in its place among those of its resident. */
function misplaced(
  reports: readonly { readonly residentId: string; readonly outcomeId: string }[],
  created: readonly Applied[],
): number {
  let wrong = 0;
  for (const residentId of new Set(reports.map((report) => report.residentId))) {
    const own = reports.filter((report) => report.residentId === residentId);
    const heard = created.filter(({ type, patient }) => type === 'Condition' && patient === residentId);
    const facts = heard.map(({ fact }) => fact);
    own.forEach(({ outcomeId }, i) => {
      const said = `conditions|${factKey(infarction)}|outcome ${outcomeId}`;
      if (facts[i] !== `Condition/${partId(residentId, said)}`) wrong++;
    });
    wrong += Math.max(0, facts.length - own.length);
  }
  return wrong;
}

function rowsOf(
  size: WriteBackSize,
  seen: readonly (Shown & { readonly bareMs: number })[],
  delivery: { reportedSeconds: number; deliveredSeconds: number; lost: number; failed: number; again: number },
): ResultRow[] {
  const { outcomes, perSecond, residents, platformFails } = size;
  const conditions = `${outcomes} reports, ${perSecond}/s at random, ${residents} residents filed, two calls beside each, ${delivery.again} requests asked again`;
  const visible = seen.map(({ visibleMs }) => visibleMs);
  const bare = seen.map(({ bareMs }) => bareMs);
  const benchmark = 'write-back';
  const beside = (figure: string, q: number): ResultRow => ({
    benchmark,
    figure,
    value: round(quantile(visible, q)),
    unit: 'ms',
    floor: round(quantile(bare, q)),
    conditions: `${conditions}; floor: a call of somebody nothing was reported of, at the same moment`,
  });
  const first = seen.filter(({ callsUntilShown }) => callsUntilShown === 1).length;
  const perHour = (outcomes / delivery.deliveredSeconds) * 3600;
  const platform = `${conditions}; the platform failed ${delivery.failed} requests (${100 * platformFails} %), reports took ${round(delivery.reportedSeconds)} s`;
  return [
    beside('acknowledged → next call shows it, median', 0.5),
    judged(beside('acknowledged → next call shows it, p99', 0.99), { atMost: 1_000 }),
    judged(
      { benchmark, figure: 'very next calls that show it', value: first / outcomes, unit: 'share', conditions },
      { atLeast: 1 },
    ),
    {
      benchmark,
      figure: 'report acknowledged, p99',
      value: round(
        quantile(
          seen.map(({ acknowledgedMs }) => acknowledgedMs),
          0.99,
        ),
      ),
      unit: 'ms',
      conditions,
    },
    judged(
      {
        benchmark,
        figure: 'reports delivered to the platform',
        value: round(perHour),
        unit: 'an hour',
        conditions: platform,
      },
      { atLeast: 10_000 },
    ),
    judged(
      {
        benchmark,
        figure: 'not there once, or out of order',
        value: delivery.lost,
        unit: 'reports',
        conditions: platform,
      },
      { atMost: 0 },
    ),
  ];
}

/** Asks again a second later where the service says that it is too busy, and counts how often. */
export async function asker(url: string): Promise<Ask> {
  const tokens = { dispatcher: await tokenFor('dispatcher'), admin: await tokenFor('admin') };
  let again = 0;
  const ask = async (role: Role, path: string, body: unknown) => {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${tokens[role as keyof typeof tokens]}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    if (response.status === 503 && ++again <= AGAIN_AT_MOST) {
      await sleep(1_000);
      return ask(role, path, body);
    }
    if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${JSON.stringify(answer)}`);
    return answer;
  };
  return Object.assign(ask, { again: () => again });
}
