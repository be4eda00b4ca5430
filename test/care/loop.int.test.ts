/** The way back, on both ways to run: an outcome changes what the next call is recommended, once, and says where that came from. */
import t from 'tap';
import type { LooseOutcomeInput } from '../../src/care/schema.ts';
import { receiveOutcome } from '../../src/operations/receive-outcome.ts';
import { recordCare } from '../../src/operations/record-care.ts';
import { backends } from '../support/backends.ts';
import { callFrom, fleet, zhang } from '../support/people.ts';
import { serviceOn } from '../support/service.ts';

/** Nobody else at this number, and no history. Invented. */
const qian = {
  ...zhang,
  residentId: 'r-10',
  name: '钱虚构',
  idNumber: undefined,
  phones: ['13800138010'],
  devices: [],
  history: undefined,
};
const hospital = { role: 'hospital', subject: 'h-1' };

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { databaseUrl } = await backend.fresh(t);
    const { ask, db, deps, time } = await serviceOn(t, databaseUrl, backend.name === 'embedded' ? 4 : 10);
    for (const unit of fleet) await ask('admin', 'PUT', `/v1/units/${unit.unitId}`, unit);
    await ask('registry', 'PUT', '/v1/residents/r-10', qian);
    const call = async () =>
      (await ask('dispatcher', 'POST', '/v1/calls', callFrom({ caller: { phone: '13800138010', relation: 'self' } })))
        .body;

    const first = await call();
    time.now += 3_600_000;
    t.equal(first.recommendation.vehicleType, 'basic', 'no history: the complaint alone');
    const callId = first.call.callId as string;
    const report = {
      callId,
      arrivedAt: '2026-03-02T10:20:00+08:00',
      diagnoses: [{ system: 'icd-10', code: 'I21.0', display: '急性前壁心肌梗死' }],
      procedures: [{ system: 'text', code: '冠脉支架术后' }],
      medications: [{ system: 'atc', code: 'B01AC04', display: '氯吡格雷' }],
      disposition: 'discharged',
    } satisfies LooseOutcomeInput;
    const answer = await receiveOutcome(deps, report, hospital);
    t.match(answer, { state: 'matched', callId, residentId: 'r-10', repeated: false });
    t.match(await receiveOutcome(deps, report, hospital), { outcomeId: answer.outcomeId, repeated: true });

    const second = await call();
    t.equal(second.recommendation.vehicleType, 'intensive');
    const cautions = second.recommendation.cautions.map((caution: { code: string }) => caution.code);
    t.ok(cautions.includes('possible-infarction'));
    t.match(
      second.recommendation.reasons.find((each: { rule: string }) => each.rule === 'heart.ischaemic-chest-pain'),
      {
        fact: new RegExp(answer.outcomeId),
        from: { source: 'outcome', sourceId: answer.outcomeId, callId, by: 'h-1' },
      },
    );
    await ask('registry', 'PUT', '/v1/residents/r-10', qian);
    t.equal((await call()).recommendation.vehicleType, 'intensive', 'filing anew erases nothing of it');

    const correction = {
      callId,
      corrects: answer.outcomeId,
      diagnoses: [{ system: 'icd-10', code: 'K21.9' }],
    } satisfies LooseOutcomeInput;
    t.match(await receiveOutcome(deps, correction, hospital), { state: 'matched', residentId: 'r-10' });
    t.equal((await call()).recommendation.vehicleType, 'basic', 'a correction leaves nothing of the first behind');

    const entry = { entryId: 'e-1', at: '2026-03-02T10:05:00+08:00', list: 'allergies' } as const;
    const told = { history: [{ ...entry, coded: { system: 'text', code: '青霉素过敏' } }] } as const;
    t.match(await recordCare(deps, callId, told as never, { role: 'admin', subject: 'a-1' }), { added: 1 });
    t.match(await recordCare(deps, callId, told as never, { role: 'admin', subject: 'a-1' }), { added: 0, seq: null });
    const events = (
      await db.query({ text: `SELECT type FROM events WHERE call_id = $1 ORDER BY seq`, values: [callId] })
    ).rows;
    t.same(
      events.map((event) => event.type),
      [
        'call.received',
        'outcome.received',
        'record.written-back',
        'outcome.received',
        'record.written-back',
        'care.recorded',
        'record.written-back',
      ],
    );
  });
}
