/** Two instances at the same moment: what one writes about a call, a report or a person, the other has not seen yet. */
import t from 'tap';
import type { Role } from '../../src/domain/vocabulary.ts';
import { callFrom, fleet, zhang } from '../support/people.ts';
import { freshDatabase } from '../support/postgres.ts';
import { serviceOn } from '../support/service.ts';

const { idNumber: _, history: __, ...filed } = zhang;
const ROUNDS = 6;
const hospital = { role: 'hospital' as Role, subject: 'h-1' };
const infarction = { system: 'icd-10', code: 'I21.0' };

t.test('two instances at once', { timeout: 200_000 }, async (t) => {
  const url = await freshDatabase(t);
  const first = await serviceOn(t, url);
  const second = await serviceOn(t, url);
  const { ask, db, time } = first;
  for (const unit of fleet) await ask('admin', 'PUT', `/v1/units/${unit.unitId}`, unit);
  /** Nobody of them exists; each has a telephone of their own. */
  const person = (n: number) => ({
    ...filed,
    residentId: `r-${n}`,
    name: `虚构${'甲乙丙丁戊己庚辛壬癸'.charAt(n % 10)}${'一二三四五六七八九十'.charAt(Math.floor(n / 10))}`,
    birthDate: `19${40 + n}-03-02`,
    phones: [`1380014${String(n).padStart(4, '0')}`],
    contacts: [],
    devices: [],
    home: undefined,
  });
  let people = 0;
  let strangers = 0;
  const register = async () => {
    const one = person(++people);
    await ask('registry', 'PUT', `/v1/residents/${one.residentId}`, one);
    return one;
  };
  type Person = Awaited<ReturnType<typeof register>>;
  const callOf = async ({ phones: [phone], name, sex }: Person, known = true): Promise<string> => {
    const said = known ? { caller: { phone, relation: 'self' }, patient: { name, sex } } : {};
    const caller = { phone: `1391112${String(++strangers).padStart(4, '0')}`, relation: 'bystander' };
    time.now += 3_600_000;
    second.time.now = time.now;
    return (await ask('dispatcher', 'POST', '/v1/calls', callFrom({ caller, ...said }))).body.call.callId;
  };
  const report = (callId: string, body: object, service = first, headers = {}) =>
    service.ask(hospital, 'POST', `/v1/calls/${callId}/outcome`, body, headers);
  const codesOf = async (residentId: string, list = 'conditions'): Promise<string[]> =>
    ((await ask('registry', 'GET', `/v1/residents/${residentId}`)).body.learned?.[list] ?? []).map(
      ({ code }: { code: string }) => code,
    );
  const text = (code: string) => ({ system: 'text', code });
  const statuses = (answers: readonly { status: number }[]) => answers.map(({ status }) => status).sort();

  await t.test('the same report at both is one; two versions of one report leave one that counts', async (t) => {
    const one = await register();
    for (let round = 0; round < ROUNDS; round++) {
      const callId = await callOf(one);
      const same = { diagnoses: [text(`same-${round}`)], disposition: 'left' };
      const twins = await Promise.all([report(callId, same), report(callId, same, second)]);
      t.same(statuses(twins), [200, 201]);
      t.equal(twins[0]?.body.outcomeId, twins[1]?.body.outcomeId);
      const version = (v: string) => ({ reportId: `rep-${round}`, diagnoses: [text(`v-${round}-${v}`)] });
      await Promise.all([report(callId, version('a')), report(callId, version('b'), second)]);
      const codes = await codesOf(one.residentId);
      t.equal(codes.filter((code) => code === `same-${round}`).length, 1);
      t.equal(codes.filter((code) => code.startsWith(`v-${round}`)).length, 1, 'one version');
    }
  });

  await t.test('a waiting report is corrected by one of two', async (t) => {
    const stranger = { name: '周另人', sex: 'male', birthDate: '1988-01-01' };
    for (let round = 0; round < ROUNDS; round++) {
      const callId = await callOf(await register());
      const waiting = await report(callId, { diagnoses: [text(`w-${round}`)], patient: stranger });
      t.match(waiting.body, { state: 'unmatched', callId: null });
      const correct = (v: string, service = first) => {
        const diagnoses = [text(`c-${round}-${v}`)];
        const corrected = { corrects: waiting.body.outcomeId, diagnoses, patient: stranger };
        return service.ask(hospital, 'POST', '/v1/outcomes', corrected);
      };
      t.same(statuses(await Promise.all([correct('a'), correct('b', second)])), [201, 422]);
    }
  });

  await t.test(
    'one part names the patient nobody was sure of, another does not: neither is left waiting',
    async (t) => {
      const one = await register();
      const named = { name: one.name, sex: one.sex, birthDate: one.birthDate, phone: one.phones[0] };
      for (let round = 0; round < ROUNDS; round++) {
        const callId = await callOf(one, false);
        const parts = await Promise.all([
          report(callId, { diagnoses: [text(`p-${round}-a`)], patient: named }),
          report(callId, { diagnoses: [text(`p-${round}-b`)] }, second),
          report(callId, { diagnoses: [text(`p-${round}-c`)] }, second),
        ]);
        t.same(statuses(parts), [201, 201, 201]);
        const codes = await codesOf(one.residentId);
        t.equal(codes.filter((code) => code.startsWith(`p-${round}`)).length, 3);
      }
      t.same(
        (await ask('admin', 'GET', '/v1/outcomes?state=unmatched')).body.outcomes.filter(
          ({ reason }: { reason: string }) => reason === 'patient-unknown',
        ),
        [],
      );
    },
  );

  await t.test('a call is cancelled while its report comes: what comes after waits', async (t) => {
    const one = await register();
    for (let round = 0; round < ROUNDS; round++) {
      const callId = await callOf(one);
      const [told] = await Promise.all([
        report(callId, { diagnoses: [text(`x-${round}`)] }),
        second.ask('dispatcher', 'POST', `/v1/calls/${callId}/cancel`, { reason: 'invented' }),
      ]);
      const { rows } = await db.query<{ type: string; state: string | null }>({
        text: `SELECT type, data->>'state' AS state FROM events
               WHERE (call_id = $1 AND type = 'call.closed') OR data->>'outcomeId' = $2 ORDER BY seq`,
        values: [callId, told?.body.outcomeId],
      });
      const order = rows.map(({ type, state }) => `${type} ${state ?? ''}`.trim());
      const allowed = [
        ['outcome.received matched', 'call.closed'],
        ['call.closed', 'outcome.received unmatched'],
      ];
      t.ok(
        allowed.some((each) => each.join() === order.join()),
        order.join(', '),
      );
    }
  });

  await t.test(
    'another patient is confirmed while the report comes: it is in one history, the confirmed one’s',
    async (t) => {
      for (let round = 0; round < ROUNDS; round++) {
        const [one, other] = [await register(), await register()];
        const callId = await callOf(one);
        const code = `y-${round}`;
        await Promise.all([
          report(callId, { diagnoses: [text(code)] }),
          second.ask('dispatcher', 'PATCH', `/v1/calls/${callId}`, { residentId: other.residentId }),
        ]);
        await ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, { reason: 'invented' });
        t.same([await codesOf(one.residentId), await codesOf(other.residentId)], [[], [code]]);
      }
    },
  );

  await t.test(
    'a follow-up is done while the report that asked for it is corrected, and a death of another call comes',
    async (t) => {
      for (let round = 0; round < ROUNDS; round++) {
        const one = await register();
        const [callId, later] = [await callOf(one), await callOf(one)];
        const asking = { reportId: `f-${round}`, diagnoses: [infarction], disposition: 'discharged' };
        await report(callId, asking);
        const tasks = (await ask('admin', 'GET', '/v1/follow-ups?status=due&limit=500')).body.followUps;
        const own = tasks.filter((task: { callId: string }) => task.callId === callId);
        t.equal(own.length, 2);
        const done = { contact: 'phone', findings: 'invented', allergies: [text(`z-${round}`)] };
        const answers = await Promise.all([
          ...own.map(({ followUpId }: { followUpId: string }) =>
            second.ask('admin', 'POST', `/v1/follow-ups/${followUpId}/complete`, done),
          ),
          report(callId, { ...asking, diagnoses: [text(`mild-${round}`)] }),
          report(later, { disposition: 'died' }, second),
        ]);
        t.ok(
          answers.every(({ status }) => [200, 201, 409].includes(status)),
          JSON.stringify(statuses(answers)),
        );
        const ended = (await ask('admin', 'GET', '/v1/follow-ups?limit=500')).body.followUps.filter(
          (task: { callId: string }) => task.callId === callId,
        );
        const isDone = ended.some(({ status }: { status: string }) => status === 'done');
        t.ok(
          ended.every(({ status }: { status: string }) => ['done', 'cancelled'].includes(status)),
          'nobody visits the dead',
        );
        t.same(await codesOf(one.residentId, 'allergies'), isDone ? [`z-${round}`] : [], 'what was found is kept');
        t.ok((await codesOf(one.residentId)).includes(`mild-${round}`));
      }
    },
  );

  await t.test('two people link two reports the other way round, and a file is replaced beside it', async (t) => {
    const [one, other] = [await register(), await register()];
    for (let round = 0; round < ROUNDS; round++) {
      const calls = [await callOf(one), await callOf(other)] as const;
      const outcomes = await Promise.all(
        calls.map(async (callId, i) => (await report(callId, { diagnoses: [text(`l-${round}-${i}`)] })).body.outcomeId),
      );
      const link = (i: number, residentId: string, service: typeof first) =>
        service.ask('registry', 'POST', `/v1/outcomes/${outcomes[i]}/link`, { callId: calls[i], residentId });
      const answers = await Promise.all([
        link(0, other.residentId, first),
        link(1, one.residentId, second),
        second.ask('registry', 'PUT', `/v1/residents/${one.residentId}`, one),
        ask('registry', 'PUT', `/v1/residents/${other.residentId}`, other),
      ]);
      t.same(statuses(answers), [200, 200, 200, 200]);
      t.ok((await codesOf(other.residentId)).includes(`l-${round}-0`));
      t.ok((await codesOf(one.residentId)).includes(`l-${round}-1`));
      t.notOk((await codesOf(one.residentId)).includes(`l-${round}-0`));
    }
  });
});
