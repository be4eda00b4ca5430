/** Outcomes on their way to a record platform that fails three times in ten: how many an hour, and whether all arrive, once, in order. */
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { countDeliveries } from '../src/care/fhir/delivery-store.ts';
import { createSend } from '../src/care/fhir/platform.ts';
import { readConfig } from '../src/config.ts';
import { openPool } from '../src/database/pool.ts';
import { createDeps, systemClock, systemIds } from '../src/deps.ts';
import { createAuthenticator } from '../src/http/auth.ts';
import { createMetrics } from '../src/http/metrics.ts';
import { startPlatform } from '../src/jobs/platform.ts';
import { openQueues } from '../src/jobs/queues.ts';
import { putResident } from '../src/operations/file-resident.ts';
import { receiveCall } from '../src/operations/receive-call.ts';
import { receiveOutcome } from '../src/operations/receive-outcome.ts';
import { loadProtocol } from '../src/requirement/load.ts';
import { recordProtocol } from '../src/requirement/store.ts';
import { startPlatformServer } from '../test/care/fhir/platform-server.ts';
import { type Ground, keys } from './ground.ts';
import { seededRandom } from './random.ts';
import { judged, type ResultRow, round } from './rows.ts';

export interface FhirSize {
  readonly residents: number;
  /** Calls of each, and an outcome for each call. */
  readonly callsEach: number;
}
export const fhirSize: FhirSize = { residents: 2_500, callsEach: 4 };

const FAILING = 0.3;
const TOGETHER = 8;
const dispatcher = { role: 'dispatcher', subject: 'bench' } as const;
const hospital = { role: 'hospital', subject: 'h-1' } as const;

export async function benchFhir(ground: Ground, { residents, callsEach }: FhirSize): Promise<ResultRow[]> {
  const db = openPool(await ground.database('fhir'));
  const redis = await ground.redis();
  const random = seededRandom(17);
  const server = await startPlatformServer(() => random.next());
  const log = pino({ level: 'silent' });
  const config = readConfig({
    DATABASE_URL: 'postgres://bench',
    REDIS_URL: redis.url,
    AUTH_KEY: keys.auth,
    IDENTITY_KEY: Buffer.from(keys.identityKey).toString('base64'),
  });
  const auth = createAuthenticator(config.auth, systemClock);
  const protocol = loadProtocol();
  const metrics = createMetrics();
  const deps = createDeps({
    config,
    db,
    clock: systemClock,
    ids: systemIds,
    log,
    metrics,
    auth,
    protocol,
    dependencies: [],
  });
  await recordProtocol(db, protocol, Date.now());

  const wanted = new Map<string, string[]>();
  const callIds = new Map<string, string[]>();
  await together(residents, async (n) => {
    const residentId = `r-${n}`;
    const name = `虚构${n}`;
    const phone = `138${String(n).padStart(8, '0')}`;
    await putResident(deps, residentId, { residentId, name, sex: 'female', birthDate: '1950-01-01', phones: [phone] });
    const ids: string[] = [];
    for (let i = 0; i < callsEach; i++) {
      const { answer } = await receiveCall(
        deps,
        { channel: 'phone', caller: { phone }, patient: { residentId, name }, complaint: { code: 'chest-pain' } },
        dispatcher,
        null,
      );
      ids.push(JSON.parse(answer.toString()).call.callId);
    }
    callIds.set(residentId, ids);
  });

  server.set({ share: FAILING });
  const queues = await openQueues({ redisUrl: redis.url }, log);
  const platform = startPlatform({ ...deps, queues, send: createSend({ baseUrl: server.url, token: null }) });
  const started = performance.now();
  let received = 0;
  for (let i = 0; i < callsEach; i++)
    await together(residents, async (n) => {
      const residentId = `r-${n}`;
      const code = `K${String(10 + i * 9)}.${n % 10}`;
      const callId = callIds.get(residentId)?.[i] as string;
      const { state } = await receiveOutcome(deps, { callId, diagnoses: [{ system: 'icd-10', code }] }, hospital);
      if (state !== 'matched') throw new Error(`an outcome is ${state}`);
      wanted.set(residentId, [...(wanted.get(residentId) ?? []), code]);
      received++;
    });
  const all = residents * callsEach;
  for (let delivered = 0; delivered < all; ) {
    await sleep(250);
    const counts = await countDeliveries(db);
    delivered = counts.find(({ state }) => state === 'delivered')?.times ?? 0;
    if (counts.some(({ state }) => state === 'dead')) throw new Error('a delivery is dead');
  }
  const seconds = (performance.now() - started) / 1000;
  await platform.stop();
  await queues.close();
  await db.end();
  await server.close();

  const codes = new Map(
    server
      .stored()
      .filter(({ resourceType }) => resourceType === 'Condition')
      .map((resource) => [resource.identifier[0].value as string, resource.code.coding[0].code as string]),
  );
  const heard = server.created.filter(({ type }) => type === 'Condition');
  let outOfOrder = 0;
  for (const [residentId, expected] of wanted) {
    const got = heard.filter(({ patient }) => patient === residentId).map(({ fact }) => codes.get(fact));
    if (got.join() !== expected.join()) outOfOrder++;
  }
  const conditions = `${received} outcomes of ${residents} residents, received and delivered at the same time to a server of the benchmark's own; ${server.failed()} of ${server.asked()} requests failed: refused, done and refused, or done and cut off; service, PostgreSQL, Redis and that server share the machine`;
  const row = (figure: string, unit: string, value: number): ResultRow => ({
    benchmark: 'fhir',
    figure,
    value: round(value),
    unit,
    conditions,
  });
  return [
    judged(row('outcomes at the platform', 'an hour', (all / seconds) * 3_600), { atLeast: 10_000 }),
    judged(row('outcomes missing', '', all - codes.size), { atMost: 0 }),
    judged(row('outcomes there twice', '', heard.length - codes.size), { atMost: 0 }),
    judged(row('residents whose outcomes came out of order', '', outOfOrder), { atMost: 0 }),
  ];
}

async function together(count: number, work: (n: number) => Promise<void>): Promise<void> {
  const numbers = Array.from({ length: count }, (_, n) => n).values();
  await Promise.all(
    Array.from({ length: TOGETHER }, async () => {
      for (const n of numbers) await work(n);
    }),
  );
}
