/** Outcomes as they really come: corrected, in the wrong order, about somebody else, for no call at all; and the files of the dead. */
import t from 'tap';
import type { Role } from '../../src/domain/vocabulary.ts';
import { callFrom, fleet, zhang } from '../support/people.ts';
import { freshDatabase } from '../support/postgres.ts';
import { NOW, serviceOn } from '../support/service.ts';

const { idNumber: _, history: __, ...filed } = zhang;
/** Nobody else at this number, and no history. Invented, as all here. */
const qian = {
  ...filed,
  residentId: 'r-10',
  name: '钱虚构',
  birthDate: '1960-03-02',
  phones: ['13800138010'],
  contacts: [],
  devices: [],
  confirmedAt: '2026-02-01T09:00:00+08:00',
};
const infarction = { system: 'icd-10', code: 'I21.0', display: '急性前壁心肌梗死' };
const hospital = { role: 'hospital' as Role, subject: 'h-1' };

t.test('outcomes', async (t) => {
  const { ask, db, time } = await serviceOn(t, await freshDatabase(t));
  for (const unit of fleet) await ask('admin', 'PUT', `/v1/units/${unit.unitId}`, unit);
  await ask('registry', 'PUT', '/v1/residents/r-10', qian);
  let calls = 0;
  const receive = async (over = {}) => {
    time.now = NOW + calls++ * 24 * 3_600_000;
    const body = callFrom({ caller: { phone: '13800138010', relation: 'self' }, ...over });
    const answer = (await ask('dispatcher', 'POST', '/v1/calls', body)).body;
    time.now += 2 * 3_600_000;
    return answer;
  };
  const report = (callId: string, body: object, as = hospital) => ask(as, 'POST', `/v1/calls/${callId}/outcome`, body);
  const loose = (body: object, as = hospital) => ask(as, 'POST', '/v1/outcomes', body);
  const learned = async (residentId = 'r-10') =>
    (await ask('registry', 'GET', `/v1/residents/${residentId}`)).body.learned;
  const codes = async () => ((await learned())?.conditions ?? []).map((each: { code: string }) => each.code);
  const stored = async () =>
    (await db.query({ text: 'SELECT (SELECT count(*) FROM outcomes) + (SELECT seq FROM event_head) AS n' })).rows[0].n;
  const at = (minutes: number) => new Date(time.now + minutes * 60_000).toISOString();

  await t.test('a correction leaves nothing of what it corrects, in the history or among the tasks', async (t) => {
    const { callId } = (await receive()).call;
    const body = { reportId: 'rep-1', diagnoses: [infarction], disposition: 'discharged' };
    const first = await report(callId, body);
    t.match(first.body, { state: 'matched', residentId: 'r-10' });
    t.match(await report(callId, body), { status: 200, body: { outcomeId: first.body.outcomeId } }, 'the same again');
    t.same(await codes(), ['I21.0']);
    const second = await report(callId, { ...body, diagnoses: [{ system: 'icd-10', code: 'K21.9' }] });
    t.equal(second.status, 201, 'other content under the same report id');
    t.same(await codes(), ['K21.9']);
    t.match(
      await report(callId, { corrects: first.body.outcomeId, diagnoses: [infarction] }),
      { status: 422 },
      'one correction each',
    );
    const open = (await ask('admin', 'GET', '/v1/follow-ups?status=due')).body.followUps;
    t.same(
      open.map((each: { rule: string }) => each.rule),
      ['discharge.any'],
    );
    await ask('registry', 'PUT', '/v1/residents/r-10', qian);
    t.same(await codes(), ['K21.9'], 'filing anew erases nothing of it');
  });

  await t.test('filed as one thing and learned as the other: both are there', async (t) => {
    const taken = { system: 'atc', code: 'B01AC04', display: '氯吡格雷' };
    await ask('registry', 'PUT', '/v1/residents/r-10', { ...qian, history: { medications: [taken] } });
    const { callId } = (await receive()).call;
    await report(callId, { medications: [{ ...taken, status: 'resolved' }] });
    const { body } = await ask('registry', 'GET', '/v1/residents/r-10');
    t.match(body.conflicts, [{ list: 'medications', filed: taken, learned: { status: 'resolved', from: { callId } } }]);
    const next = await receive();
    t.ok(next.recommendation.flags.includes('history-conflict'));
    t.ok(next.recommendation.cautions.length > 0, 'what was filed still counts: history never lowers');
    await ask('registry', 'PUT', '/v1/residents/r-10', qian);
  });

  await t.test('refused, and nothing stored', async (t) => {
    const { callId } = (await receive()).call;
    const before = await stored();
    for (const [what, body, field] of [
      [
        'a birth date after death',
        { disposition: 'died', diedAt: at(0), patient: { birthDate: '2026-04-01' } },
        'patient.birthDate',
      ],
      ['discharged before arrival', { arrivedAt: at(0), dischargedAt: at(-60) }, 'dischargedAt'],
      ['in the future', { arrivedAt: at(90) }, 'arrivedAt'],
      ['dead and discharged', { disposition: 'discharged', diedAt: at(0) }, 'diedAt'],
      ['a wrong citizen number', { patient: { idNumber: '110102194103020024' } }, 'patient.idNumber'],
      ['corrects nothing', { corrects: 'none', disposition: 'left' }, 'corrects'],
    ] as const)
      t.match(await report(callId, body), { status: 422, body: { fields: [{ field }] } }, what);
    for (const [what, body, field] of [
      ['a diagnosis with no code', { diagnoses: [{ system: 'icd-10', display: 'x' }] }, /^diagnoses(\[0\]|\.0)/],
      ['nothing', {}, /./],
      ['an unknown field', { residentId: 'r-10' }, /./],
    ] as const)
      t.match(await report(callId, body), { status: 400, body: { fields: [{ field }] } }, what);
    t.equal((await report('none', { disposition: 'left' })).status, 404);
    t.equal((await report(callId, { hospitalId: 'h-2', disposition: 'left' })).status, 403, 'for another hospital');
    t.equal(await stored(), before);
  });

  await t.test('somebody else’s patient waits for a person, who may say so or put it aside', async (t) => {
    const { callId } = (await receive()).call;
    const wrong = { diagnoses: [infarction], patient: { name: '周另人', sex: 'male', birthDate: '1988-01-01' } };
    const waiting = (await report(callId, wrong)).body;
    t.match(waiting, { state: 'unmatched', reason: 'patient-differs', callId: null, residentId: null });
    t.notOk((await codes()).includes('I21.0'));
    const list = await ask('registry', 'GET', '/v1/outcomes?state=unmatched');
    t.match(list.body.outcomes, [{ outcomeId: waiting.outcomeId, patient: { name: '周另人' } }]);
    const detail = await ask('registry', 'GET', `/v1/outcomes/${waiting.outcomeId}`);
    t.ok(
      detail.body.candidates.calls.some((each: { callId: string }) => each.callId === callId),
      'the call is offered',
    );
    t.same((await ask({ role: 'hospital', subject: 'h-2' }, 'GET', '/v1/outcomes')).body.outcomes, []);
    t.equal((await ask({ role: 'hospital', subject: 'h-2' }, 'GET', `/v1/outcomes/${waiting.outcomeId}`)).status, 404);
    const link = (body: object) => ask('registry', 'POST', `/v1/outcomes/${waiting.outcomeId}/link`, body);
    t.match(await link({ callId: 'none' }), { status: 422 });
    t.match(await link({ callId, residentId: 'nobody' }), { status: 422, body: { code: 'unknown-resident' } });
    t.match(await link({ callId, residentId: 'r-10' }), {
      status: 200,
      body: { state: 'matched', residentId: 'r-10' },
    });
    t.ok((await codes()).includes('I21.0'));
    const put = await ask('registry', 'POST', `/v1/outcomes/${waiting.outcomeId}/dismiss`, { reason: 'not-our-call' });
    t.match(put, { status: 200, body: { state: 'dismissed', residentId: null } });
    t.notOk((await codes()).includes('I21.0'), 'and out of the history again');
  });

  await t.test('a cancelled call, a number nobody has, a hospital it was not bound for', async (t) => {
    const { callId, number } = (await receive()).call;
    await ask('dispatcher', 'POST', `/v1/calls/${callId}/cancel`, { reason: 'false alarm' });
    t.match((await report(callId, { disposition: 'left' })).body, { state: 'unmatched', reason: 'call-cancelled' });
    t.match((await loose({ callNumber: number, disposition: 'left', advice: 'x' })).body, { reason: 'call-cancelled' });
    t.match((await loose({ callNumber: 999_999, disposition: 'left' })).body, { reason: 'no-such-call' });
    const bound = (await receive()).call;
    const entry = { entryId: 'd-1', at: at(0), hospitalId: 'h-2' };
    await ask('admin', 'PUT', `/v1/calls/${bound.callId}/care-record`, { destinations: [entry] });
    t.equal((await report(bound.callId, { disposition: 'left' })).status, 403);
    t.match((await loose({ callNumber: bound.number, disposition: 'left' })).body, {
      state: 'unmatched',
      reason: 'other-hospital',
    });
    t.match(
      (
        await report(
          bound.callId,
          { disposition: 'transferred', transferredTo: 'h-1' },
          { role: 'hospital', subject: 'h-2' },
        )
      ).body,
      { state: 'matched' },
    );
    t.equal(
      (await report(bound.callId, { disposition: 'discharged' })).status,
      201,
      'transferred there, it may report too',
    );
  });

  await t.test('a number alone opens nobody’s history: numbers run on', async (t) => {
    const { callId, number } = (await receive()).call;
    const other = { role: 'hospital' as Role, subject: 'h-3' };
    for (const patient of [undefined, {}, { sex: 'female' as const }]) {
      const { body } = await loose({ callNumber: number, arrivedAt: at(-75), disposition: 'left', patient }, other);
      t.match(body, { state: 'unmatched', reason: 'number-only', callId: null, residentId: null });
    }
    t.equal((await ask(other, 'GET', '/fhir/Patient/x.r.u10/$summary')).status, 404);
    const entry = { entryId: 'd-2', at: at(0), hospitalId: 'h-3' };
    await ask('admin', 'PUT', `/v1/calls/${callId}/care-record`, { destinations: [entry] });
    t.match((await loose({ callNumber: number, disposition: 'left', advice: 'x' }, other)).body, { state: 'matched' });
  });

  await t.test('by patient and time, where the number is not known or wrong', async (t) => {
    const { callId, number } = (await receive({ patient: { name: '钱虚构', ageYears: 66, sex: 'female' } })).call;
    const patient = { name: '钱虚构', sex: 'female', birthDate: '1960-03-02' };
    const found = await loose({ arrivedAt: at(-75), diagnoses: [{ system: 'icd-10', code: 'J44.1' }], patient });
    t.match(found.body, { state: 'matched', callId, callNumber: number, residentId: 'r-10' });
    const slipped = await loose({ callNumber: number + 100, arrivedAt: at(-75), advice: 'y', patient });
    t.match(slipped.body, { state: 'matched', callId }, 'a wrong number beside the right name');
    const stranger = await loose({
      arrivedAt: at(-75),
      patient: { name: '孙不在', birthDate: '1950-05-05', sex: 'male' },
      disposition: 'left',
    });
    t.match(stranger.body, { state: 'unmatched', reason: 'no-call-fits' });
    t.match(
      (await loose({ arrivedAt: at(-75), disposition: 'left' })).body,
      { state: 'unmatched' },
      'time and place alone are nobody',
    );
  });

  await t.test('of nobody filed: by the card the crew read, or by what a hospital said before', async (t) => {
    const { callId } = (await receive({ caller: { phone: '13911113333' } })).call;
    const patient = { name: '吴无档', sex: 'female', birthDate: '1949-07-08' };
    await ask('admin', 'PUT', `/v1/calls/${callId}/care-record`, {
      identities: [{ entryId: 'i-1', at: at(-60), patient: { ...patient, address: '三里河一区5号楼2单元501室' } }],
      destinations: [{ entryId: 'd-9', at: at(-60), hospitalId: 'h-1' }],
    });
    const read = await loose({ arrivedAt: at(-75 - 24 * 60), advice: 'noted a day early', patient });
    t.match(read.body, { state: 'unmatched', reason: 'patient-unknown', callId }, 'outside the hours looked among');
    const slipped = { ...patient, name: '吴勿档', address: '三里河1区5栋2门501' };
    const misread = await loose({ arrivedAt: at(-75 - 24 * 60), advice: 'and the name misheard', patient: slipped });
    t.match(misread.body, { state: 'unmatched', callId }, 'the day of birth and the door are the same');

    const unnamed = (await receive({ caller: { phone: '13911114444' } })).call;
    const other = { name: '郑无名', sex: 'male', birthDate: '1971-05-06' };
    await report(unnamed.callId, { advice: 'first part', patient: other });
    const later = { name: '郑无名', birthDate: '1971-06-05' };
    const part = await loose({ arrivedAt: at(-75), advice: 'second part, month and day exchanged', patient: later });
    t.match(part.body, { callId: unnamed.callId }, 'what the hospital said of the call before names its patient');
    const stranger = { name: '郑别人', sex: 'male', birthDate: '1952-02-02' };
    const wrong = await loose({ arrivedAt: at(-75), advice: 'walked in at that minute', patient: stranger });
    t.match(wrong.body, { callId: null }, 'and somebody else is not');
    const { rows } = await db.query({
      text: `SELECT count(*)::int AS n FROM call_keys k JOIN resident_keys USING (token)`,
    });
    t.equal(rows[0].n, 0, 'no token joins a call to a file');
  });

  await t.test('nobody is sure who called: it waits, until the hospital names the patient', async (t) => {
    const { callId } = (await receive({ caller: { phone: '13911112222' } })).call;
    t.match((await report(callId, { diagnoses: [infarction] })).body, {
      state: 'unmatched',
      reason: 'patient-unknown',
      callId,
    });
    const named = await report(callId, {
      advice: 'z',
      patient: { name: '钱虚构', sex: 'female', birthDate: '1960-03-02' },
    });
    t.match(named.body, { state: 'matched', residentId: 'r-10' });
    t.ok((await codes()).includes('I21.0'), 'and what waited is written back with it');
  });

  await t.test('a death closes the file: it matches nobody, and is shown; corrected, it opens again', async (t) => {
    const { callId } = (await receive()).call;
    const died = await report(callId, { disposition: 'died', diedAt: at(-10) });
    t.match(await learned(), { death: { from: { callId } } });
    const open = (await ask('admin', 'GET', '/v1/follow-ups?status=due')).body.followUps as { rule: string }[];
    t.same(open.map(({ rule }) => rule).sort(), ['death.bereavement', 'death.close-file'], 'all else is cancelled');
    const next = await receive();
    t.same(next.matches, [], 'the telephone of the dead rings on');
    t.ok(next.recommendation.flags.includes('closed-file'));
    t.equal(next.recommendation.basis, 'complaint-only');
    const named = await receive({ patient: { name: '钱虚构', ageYears: 66, sex: 'female' } });
    t.match(named.matches, [{ residentId: 'r-10' }], 'but somebody who is said to be that very person may be');
    t.ok(named.recommendation.flags.includes('closed-file'));
    await report(callId, { corrects: died.body.outcomeId, disposition: 'discharged' });
    t.equal((await learned()).death, null);
    t.match((await receive()).matches, [{ residentId: 'r-10', grade: 'match' }]);
  });

  await t.test('two at once: the same report once, its parts all', async (t) => {
    const { callId } = (await receive()).call;
    const same = await Promise.all(
      Array.from({ length: 6 }, () => report(callId, { advice: 'again', disposition: 'left' })),
    );
    t.equal(same.filter(({ status }) => status === 201).length, 1);
    t.equal(new Set(same.map(({ body }) => body.outcomeId)).size, 1);
    const parts = await Promise.all(
      Array.from({ length: 8 }, (_, i) => report(callId, { diagnoses: [{ system: 'icd-10', code: `Z0${i}` }] })),
    );
    t.ok(parts.every(({ status }) => status === 201));
    t.equal((await codes()).filter((code: string) => code.startsWith('Z0')).length, 8);
  });

  await t.test('nothing of it lies open', async (t) => {
    const { rows } = await db.query({
      text: `SELECT (SELECT count(*) FROM outcomes WHERE position('I21' in encode(sealed, 'escape')) > 0)
               + (SELECT count(*) FROM residents WHERE position('I21' in encode(learned, 'escape')) > 0)
               + (SELECT count(*) FROM events WHERE data::text ~ 'I21|虚构|r-10') AS n`,
    });
    t.equal(rows[0].n, 0);
  });
});
