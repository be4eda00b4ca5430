/** The external record platform over real HTTP, on both ways to run: all arrives, once, in order for each resident. */
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { createSend } from '../../../src/care/fhir/platform.ts';
import type { LooseOutcomeInput } from '../../../src/care/schema.ts';
import { startPlatform } from '../../../src/jobs/platform.ts';
import { openQueues } from '../../../src/jobs/queues.ts';
import { receiveOutcome } from '../../../src/operations/receive-outcome.ts';
import { type Backend, backends, type Ground } from '../../support/backends.ts';
import { callFrom } from '../../support/people.ts';
import { serviceOn } from '../../support/service.ts';
import { type PlatformServer, startPlatformServer } from './platform-server.ts';
import type { Loose } from './support.ts';
import { faultsIn } from './validators.ts';

t.setTimeout(280_000);
/** Deliveries live this many seconds in one: a back-off after six failures in a row is half a second, not half a minute. */
const PACE = 60;
const hospital = { role: 'hospital', subject: 'h-1' };

/** Deterministic from 0 to 1 (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    if (tries > 900) throw new Error(`never: ${what}`);
    await sleep(100);
  }
}

async function stage(t: Test, backend: Backend) {
  const ground = await backend.fresh(t);
  const service = await serviceOn(t, ground.databaseUrl, backend.name === 'embedded' ? 4 : 10);
  const server = await startPlatformServer(randomFrom(7));
  t.teardown(() => server.close());
  const log = pino({ level: 'silent' });
  const began = Date.now();
  const clock = { now: () => began + (Date.now() - began) * PACE };
  /** What `startService` does with the setting, by a clock that runs faster, for back-off is waited for. */
  const instance = async (given: Ground = ground, to: PlatformServer = server) => {
    const queues = await openQueues(
      given.redisUrl ? { redisUrl: given.redisUrl } : { databaseUrl: given.databaseUrl },
      log,
    );
    const answerSeconds = 60;
    const send = createSend({ baseUrl: to.url, token: 'invented', answerSeconds });
    const platform = startPlatform({
      db: service.db,
      seal: service.deps.seal,
      clock,
      log,
      queues: {
        ...queues,
        add: (queue, name, data, { jobId, delayMs = 0 }) =>
          queues.add(queue, name, data, { jobId, delayMs: Math.ceil(delayMs / PACE) }),
      },
      send,
      // An answer still has a real minute, and whoever waits for it holds its delivery for two.
      answerSeconds: answerSeconds * PACE,
    });
    let stopped = false;
    const stop = async () => {
      if (stopped) return;
      stopped = true;
      await platform.stop();
      await queues.close();
    };
    t.teardown(stop);
    return stop;
  };
  const register = async (n: number) => {
    const phone = `1380014${String(n).padStart(4, '0')}`;
    const resident = {
      residentId: `r-${n}`,
      name: `虚构${n}`,
      sex: 'female',
      birthDate: '1950-01-01',
      phones: [phone],
    };
    await service.ask('registry', 'PUT', `/v1/residents/r-${n}`, resident);
    return phone;
  };
  const callOf = async (phone: string): Promise<string> => {
    const name = `虚构${Number(phone.slice(-4))}`;
    const call = callFrom({ caller: { phone, relation: 'self' }, patient: { name, sex: 'female' } });
    return (await service.ask('dispatcher', 'POST', '/v1/calls', call)).body.call.callId;
  };
  const report = (callId: string, code: string, more: Partial<LooseOutcomeInput> = {}) =>
    receiveOutcome(
      service.deps,
      { callId, diagnoses: [{ system: 'icd-10', code }], disposition: 'discharged', ...more },
      hospital,
    );
  const states = async () =>
    Object.fromEntries(
      (await service.ask('admin', 'GET', '/v1/platform-deliveries')).body.counts.map((c: Loose) => [c.state, c.times]),
    );
  return { ...service, server, instance, register, callOf, report, states };
}

for (const backend of backends) {
  const embedded = backend.name === 'embedded';
  const people = embedded ? 3 : 8;
  const each = embedded ? 2 : 4;
  t.test(`${backend.name}: a server that fails 30 % of the time`, async (t) => {
    const { server, instance, register, callOf, report, states, ask } = await stage(t, backend);
    server.set({ share: 0.3 });
    let stop = await instance();
    const wanted = new Map<string, string[]>();
    const phones = await Promise.all(Array.from({ length: people }, (_, n) => register(n)));
    for (let round = 0; round < each; round++) {
      await Promise.all(
        phones.map(async (phone, n) => {
          const code = `K${String(round * 7 + 10)}.${n % 10}`;
          wanted.set(`r-${n}`, [...(wanted.get(`r-${n}`) ?? []), code]);
          t.equal((await report(await callOf(phone), code)).state, 'matched');
        }),
      );
      if (round === 1) {
        // In the middle of it the instance ends and another takes over.
        await stop();
        stop = await instance();
      }
    }
    await until('all delivered', async () => {
      const now = await states();
      return now.delivered === people * each && !now.pending;
    });
    t.ok(server.failed() > people * each * 0.2, `${server.failed()} of ${server.asked()} requests failed`);

    const conditions = server.created.filter(({ type }) => type === 'Condition');
    t.equal(new Set(conditions.map(({ fact }) => fact)).size, conditions.length, 'each once');
    t.equal(conditions.length, people * each, 'all');
    const encounters = server.created.filter(({ type }) => type === 'Encounter');
    t.equal(encounters.length, people * each, 'each stay once');
    t.equal(server.created.filter(({ type }) => type === 'Patient').length, people);
    const codeOf = new Map(
      server
        .stored()
        .flatMap((r: Loose) =>
          r.resourceType === 'Condition' ? [[r.identifier[0].value, r.code.coding[0].code]] : [],
        ),
    );
    for (const [resident, codes] of wanted) {
      const heard = conditions.filter(({ patient }) => patient === resident).map(({ fact }) => codeOf.get(fact));
      t.same(heard, codes, `${resident}: in order`);
    }
    const { body } = await ask('admin', 'GET', '/v1/platform-deliveries?state=delivered&limit=1');
    const one = await ask('admin', 'GET', `/v1/platform-deliveries/${body.deliveries[0].deliveryId}`);
    t.same(faultsIn(one.body.bundle), [], 'what is sent passes both validators');
    for (const { resource } of one.body.bundle.entry) t.same(faultsIn(resource), []);
    await stop();
  });
}

const production = backends[0] as Backend;

t.test('dead letters: seen, held back behind, replayed, put aside', async (t) => {
  const { server, instance, register, callOf, report, states, ask, db } = await stage(t, production);
  server.set({ always: 422 });
  await instance();
  const phone = await register(1);
  await report(await callOf(phone), 'K10.1');
  await until('the first is dead', async () => (await states()).dead === 1);
  await report(await callOf(phone), 'K20.1');
  await until('the second waits', async () => (await states()).pending === 1);
  server.set({ always: null });
  const list = async () => (await ask('admin', 'GET', '/v1/platform-deliveries')).body.deliveries;
  const [second, first] = await list();
  t.match(first, { state: 'dead', lastFailure: 'http-422', attempts: 1, heldBack: false, residentId: 'r-1' });
  t.match(second, { state: 'pending', heldBack: true, attempts: 0 });
  t.equal(server.created.length, 0, 'nothing went past it');

  t.equal((await ask('admin', 'POST', `/v1/platform-deliveries/${second.deliveryId}/replay`)).status, 409);
  t.equal((await ask('admin', 'POST', '/v1/platform-deliveries/999999/replay')).status, 404);
  const logged = async () =>
    (
      await db.query<{ n: number }>({
        text: `SELECT count(*) AS n FROM access_log WHERE resident_id = 'r-1' AND role = 'admin'`,
      })
    ).rows[0]?.n;
  const before = await logged();
  t.equal((await ask('admin', 'GET', `/v1/platform-deliveries/${first.deliveryId}`)).body.bundle.type, 'transaction');
  t.equal(await logged(), (before ?? 0) + 1, 'who looks into one is in the access log');
  t.equal((await ask('admin', 'POST', `/v1/platform-deliveries/${first.deliveryId}/replay`)).status, 200);
  await until('both are there', async () => (await states()).delivered === 2);
  const codes = server.stored().flatMap((r: Loose) => (r.resourceType === 'Condition' ? [r.code.coding[0].code] : []));
  t.same(codes, ['K10.1', 'K20.1']);

  server.set({ always: 400 });
  await report(await callOf(phone), 'K30.1');
  await until('dead again', async () => (await states()).dead === 1);
  server.set({ always: null });
  const [third] = await list();
  t.match((await ask('admin', 'POST', `/v1/platform-deliveries/${third.deliveryId}/discard`)).body, {
    state: 'discarded',
  });
  await report(await callOf(phone), 'K40.1');
  await until('the next goes on', async () => (await states()).delivered === 3);
});

t.test('a correction reaches the platform: what was said before is marked as an error', async (t) => {
  const { server, instance, register, callOf, report, states, ask } = await stage(t, production);
  await instance();
  const callId = await callOf(await register(1));
  const wrong = await report(callId, 'I21.0');
  await until('the first is there', async () => (await states()).delivered === 1);
  await report(callId, 'K21.9', { corrects: wrong.outcomeId });
  await until('the correction is there', async () => (await states()).delivered === 2);
  const found = server.stored().filter((r: Loose) => r.resourceType === 'Condition');
  t.same(
    found.map((r: Loose) => [r.code.coding[0].code, r.verificationStatus.coding[0].code]),
    [
      ['I21.0', 'entered-in-error'],
      ['K21.9', 'confirmed'],
    ],
  );
  for (const resource of found) t.same(faultsIn(resource), []);

  const standing = (code: string) =>
    server.stored().flatMap((r: Loose) => {
      const isIt = r.resourceType === 'Condition' && r.code.coding[0].code === code;
      return isIt && r.verificationStatus.coding[0].code === 'confirmed' ? [r.subject.reference] : [];
    });
  await t.test(
    'a diagnosis had twice: that of the first call is no error when something else of it changes',
    async (t) => {
      const phone = await register(2);
      const [first, second] = [await callOf(phone), await callOf(phone)];
      await report(first, 'J44.1', { reportId: 'first' });
      await report(second, 'J44.1');
      await report(first, 'K29.7', { advice: 'invented' });
      await until('all three are there', async () => standing('J44.1').length + standing('K29.7').length === 3);
      await report(first, 'K30', { reportId: 'first' });
      await until('the correction is there', async () => standing('K30').length === 1);
      t.equal(standing('J44.1').length, 1, 'what the hospital took back is');
    },
  );

  await t.test('linked to the wrong person: whoever it was not is rid of it there as well', async (t) => {
    const callId = await callOf(await register(3));
    await register(4);
    const note = { entryId: 'v-1', at: new Date().toISOString(), heartRate: 88 };
    await ask('admin', 'PUT', `/v1/calls/${callId}/care-record`, { vitals: [note] });
    const { outcomeId } = await report(callId, 'G40.9');
    await until('it is with the one', async () => standing('G40.9').length === 1);
    const link = { callId, residentId: 'r-4' };
    t.equal((await ask('admin', 'POST', `/v1/outcomes/${outcomeId}/link`, link)).status, 200);
    const [before] = standing('G40.9');
    await until('and with the other', async () => {
      const [now] = standing('G40.9');
      return now !== undefined && now !== before && !(await states()).pending;
    });
    t.equal(standing('G40.9').length, 1, 'one diagnosis stands');
    const pulse = server
      .stored()
      .filter((r: Loose) => r.resourceType === 'Observation' && r.valueQuantity?.value === 88);
    t.equal(pulse.length, 1);
    t.equal(pulse[0]?.status, 'final', 'what the crew measured is the other’s now, and no error');
    const stay = server.stored().find((r: Loose) => r.identifier?.some(({ value }: Loose) => value === callId));
    const subjects = [stay, pulse[0]].map((each) => each?.subject.reference);
    t.same(subjects, [...standing('G40.9'), ...standing('G40.9')], 'stay, pulse and diagnosis are of one person');
    t.equal((await ask('admin', 'POST', `/v1/outcomes/${outcomeId}/link`, { callId, residentId: null })).status, 200);
    await until('it is nobody’s', async () => standing('G40.9').length === 0);
  });
});

t.test('what is attached goes too, once, also what is attached late', async (t) => {
  const { server, instance, register, callOf, report, states, ask } = await stage(t, production);
  server.set({ share: 0.5 });
  await instance();
  const callId = await callOf(await register(1));
  const attach = (id: string, content: string) =>
    ask(
      'admin',
      'PUT',
      `/v1/calls/${callId}/care-record/attachments/${id}?kind=twelve-lead-ecg&at=${encodeURIComponent(new Date().toISOString())}`,
      content,
      { 'content-type': 'application/pdf' },
    );
  const first = '%PDF-1.4 an invented electrocardiogram';
  const late = '%PDF-1.4 found on the stretcher';
  t.equal((await attach('ecg-1', first)).status, 201);
  await report(callId, 'I21.0');
  const of = (type: string) => server.stored().filter((r: Loose) => r.resourceType === type);
  await until('the first is there', async () => of('DocumentReference').length === 1);
  t.equal((await attach('ecg-2', late)).status, 201);
  await until('the second too', async () => of('DocumentReference').length === 2 && !(await states()).pending);
  const shown = of('DocumentReference').map(({ content: [{ attachment }] }: Loose) => {
    const binary = server.stored().find((r: Loose) => `${r.resourceType}/${r.id}` === attachment.url);
    t.same(faultsIn(binary), [], 'a valid Binary');
    t.equal(binary.contentType, attachment.contentType);
    return Buffer.from(binary.data, 'base64').toString();
  });
  t.same(shown.sort(), [first, late].sort());
  t.equal(server.created.filter(({ type }) => type === 'Binary').length, 2, 'each once');
  for (const { bundle } of server.applied) {
    t.same(faultsIn(bundle), []);
    t.notMatch(JSON.stringify(bundle), /JVBERi/, 'no transaction carries it');
  }
});

t.test('nothing is lost while nobody delivers: what happened before the setting was made goes too', async (t) => {
  const { server, instance, register, callOf, report, states } = await stage(t, production);
  await report(await callOf(await register(1)), 'K10.1');
  t.equal(server.asked(), 0);
  await instance();
  await until('it is there', async () => (await states()).delivered === 1);
  t.equal(server.created.filter(({ type }) => type === 'Condition').length, 1);
});
