/**
 * The whole ring, on both ways to run: nobody knows anything of a resident, the hospital finds an infarction, the family
 * doctor follows up on day 7, and the next call for the same complaint is decided with all of it.
 */
import t from 'tap';
import { watchFollowUps } from '../../src/operations/follow-up.ts';
import { backends } from '../support/backends.ts';
import { callFrom, fleet, zhang } from '../support/people.ts';
import { NOW, serviceOn } from '../support/service.ts';

const DAY_MS = 86_400_000;
/** Nobody else at this number, and no history. Invented. */
const { idNumber: _, history: __, ...rest } = zhang;
const qian = {
  ...rest,
  residentId: 'r-10',
  name: '钱虚构',
  phones: ['13800138010'],
  devices: [],
  birthDate: '1960-03-02',
  confirmedAt: '2026-02-01T09:00:00+08:00',
};

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { databaseUrl } = await backend.fresh(t);
    const { ask, db, deps, time } = await serviceOn(t, databaseUrl, backend.name === 'embedded' ? 4 : 10);
    for (const unit of fleet) await ask('admin', 'PUT', `/v1/units/${unit.unitId}`, unit);
    const heart = {
      placeId: 'h-1',
      kind: 'hospital',
      name: '虚构心脏医院',
      position: { lon: 116.36, lat: 39.92, crs: 'wgs84' },
    };
    await ask('admin', 'PUT', '/v1/places/h-1', { ...heart, capabilities: ['emergency', 'chest-pain-centre'] });
    await ask('registry', 'PUT', '/v1/residents/r-10', qian);
    const call = async () =>
      (await ask('dispatcher', 'POST', '/v1/calls', callFrom({ caller: { phone: '13800138010', relation: 'self' } })))
        .body;
    const hospital = { role: 'hospital', subject: 'h-1' } as const;
    const doctor = { role: 'doctor', subject: 'd-1' } as const;

    const first = await call();
    t.match(first.recommendation, { vehicleType: 'basic', priority: 2 }, 'the complaint alone');
    t.same(
      first.recommendation.reasons.filter((each: { from?: unknown }) => each.from),
      [],
    );
    const { callId } = first.call;
    const run = async (status: string, minutes: number) => {
      time.now = NOW + minutes * 60_000;
      await ask({ role: 'crew', subject: 'u-basic' }, 'POST', '/v1/units/u-basic/status', { status });
    };
    await ask('dispatcher', 'POST', `/v1/calls/${callId}/assignments`, {
      unitId: 'u-basic',
      overrideReason: 'nearest',
    });
    for (const [i, status] of ['en-route', 'on-scene', 'transporting', 'at-hospital'].entries())
      await run(status, 2 + 7 * i);
    const crewRecord = { destinations: [{ entryId: 'd-1', at: new Date(time.now).toISOString(), hospitalId: 'h-1' }] };
    t.equal(
      (await ask({ role: 'crew', subject: 'u-basic' }, 'PUT', `/v1/calls/${callId}/care-record`, crewRecord)).status,
      200,
    );
    await run('available', 40);

    t.match(
      (await ask(doctor, 'GET', '/v1/resident-calls')).body.calls,
      [{ callId, status: 'closed', encounter: null, followUps: [] }],
      'the doctor sees that it was',
    );
    t.same((await ask({ ...doctor, subject: 'd-2' }, 'GET', '/v1/resident-calls')).body.calls, []);

    // In two parts, the first of them twice; a discharge two days later.
    const at = (ms: number) => new Date(ms).toISOString();
    const outcome = (body: object, headers = {}) => ask(hospital, 'POST', `/v1/calls/${callId}/outcome`, body, headers);
    const arrival = {
      arrivedAt: at(NOW + 23 * 60_000),
      disposition: 'admitted',
      diagnoses: [{ system: 'icd-10', code: 'I21.0', display: '急性前壁心肌梗死' }],
    };
    time.now = NOW + 3 * 3_600_000;
    const admitted = await outcome(arrival, { 'idempotency-key': 'k-1' });
    t.match(admitted, { status: 201, body: { state: 'matched', residentId: 'r-10', writtenBackAt: String } });
    t.match(await outcome(arrival, { 'idempotency-key': 'k-1' }), {
      status: 200,
      body: { outcomeId: admitted.body.outcomeId },
    });
    t.match(await outcome({ ...arrival, disposition: 'left' }, { 'idempotency-key': 'k-1' }), {
      status: 422,
      body: { code: 'idempotency-mismatch' },
    });
    time.now = NOW + 2 * DAY_MS;
    const dischargedAt = at(time.now);
    const discharge = {
      dischargedAt,
      disposition: 'discharged',
      procedures: [{ system: 'text', code: '经皮冠状动脉介入治疗', display: 'PCI' }],
      medications: [{ system: 'atc', code: 'B01AC04', display: '氯吡格雷' }],
      advice: '双抗至少12个月',
    };
    const discharged = await outcome(discharge);
    t.equal(discharged.status, 201);

    const due = (await ask(doctor, 'GET', '/v1/follow-ups?status=due')).body.followUps;
    t.same(
      due.map((each: { rule: string }) => each.rule),
      ['infarction.day-7', 'infarction.day-30'],
    );
    const day7 = due[0];
    t.match(day7, {
      kind: 'home-visit',
      resident: { name: '钱虚构', phones: ['+8613800138010'] },
      label: { zh: /第7天/ },
    });
    t.equal(day7.dueAt, '2026-03-11T15:59:59.000Z', 'the end of the seventh day after discharge, in China');
    t.same((await ask({ ...doctor, subject: 'd-2' }, 'GET', '/v1/follow-ups')).body.followUps, []);
    t.same(
      (await ask({ role: 'centre', subject: 'c-yuetan' }, 'GET', '/v1/follow-ups')).body.followUps,
      [],
      'not yet the centre’s',
    );

    await watchFollowUps(deps);
    time.now = NOW + 7.8 * DAY_MS;
    await Promise.all([watchFollowUps(deps), watchFollowUps(deps)]);
    const done = {
      contact: 'home-visit',
      findings: '无胸痛，穿刺处愈合',
      allergies: [{ system: 'text', code: '青霉素过敏' }],
    };
    const complete = (as: Parameters<typeof ask>[0], body: object = done) =>
      ask(as, 'POST', `/v1/follow-ups/${day7.followUpId}/complete`, body);
    t.equal((await complete({ ...doctor, subject: 'd-2' })).status, 404, 'none of another doctor’s business');
    t.match(await complete(doctor), { status: 200, body: { followUp: { status: 'done' }, seq: Number } });
    t.match(await complete(doctor), { status: 200, body: { seq: null } }, 'sent again');
    t.match(await complete(doctor, { contact: 'phone' }), { status: 409, body: { code: 'follow-up-ended' } });

    time.now = NOW + 20 * DAY_MS;
    const next = await call();
    t.match(next.recommendation, { vehicleType: 'intensive', priority: 1, basis: 'history' });
    t.match(next.recommendation.hospitals, [{ hospitalId: 'h-1' }], 'a chest-pain centre');
    const cautions = next.recommendation.cautions.map((each: { code: string }) => each.code);
    t.ok(cautions.includes('bleeding-risk') || cautions.includes('antiplatelet'), cautions.join(' '));
    const reasons = next.recommendation.reasons as { rule: string; fact: string; from?: object }[];
    const ischaemic = reasons.find((each) => each.rule === 'heart.ischaemic-chest-pain');
    t.match(ischaemic, {
      from: { source: 'outcome', sourceId: admitted.body.outcomeId, callId, callNumber: first.call.number, by: 'h-1' },
    });
    t.ok(ischaemic?.fact.includes(admitted.body.outcomeId), 'in words too');
    t.ok(
      reasons.some((each) => each.fact.includes(discharged.body.outcomeId)),
      'the drug names the report it stands in',
    );

    const { body: file } = await ask('registry', 'GET', '/v1/residents/r-10');
    t.match(file.learned, {
      findings: [{ text: '无胸痛，穿刺处愈合', from: { source: 'follow-up', by: 'd-1' } }],
      allergies: [{ code: '青霉素过敏' }],
      encounters: [{ callId, disposition: 'discharged', hospitalIds: ['h-1'], advice: ['双抗至少12个月'] }],
    });
    const { body: continuity } = await ask('planner', 'GET', '/v1/continuity?groupBy=hospital');
    t.match(continuity.groups, [
      {
        key: 'h-1',
        figures: {
          calls: 1,
          outcomes: 1,
          writtenBack: 1,
          followUps: { tasks: 2, inTime: 1, pending: 1, late: 0 },
          underWay: 1,
          closedShare: null,
          toOutcome: { medianSeconds: 10_800 },
        },
      },
    ]);
    t.match((await ask('planner', 'GET', '/v1/continuity?groupBy=centre')).body.groups, [{ key: 'c-yuetan' }]);

    // Nobody does the second: it is the centre's.
    time.now = NOW + 40 * DAY_MS;
    await Promise.all([watchFollowUps(deps), watchFollowUps(deps)]);
    const overdue = (await ask({ role: 'centre', subject: 'c-yuetan' }, 'GET', '/v1/follow-ups?status=overdue')).body
      .followUps;
    t.match(overdue, [{ rule: 'infarction.day-30', overdueAt: String }]);
    t.equal(
      (
        await ask({ role: 'centre', subject: 'c-yuetan' }, 'POST', `/v1/follow-ups/${overdue[0].followUpId}/complete`, {
          contact: 'phone',
        })
      ).status,
      200,
    );
    t.match((await ask('planner', 'GET', '/v1/continuity')).body.total, {
      closed: 0,
      closedShare: 0,
      followUps: { late: 1 },
    });

    const { rows } = await db.query({
      text: 'SELECT type FROM events WHERE call_id = $1 ORDER BY seq',
      values: [callId],
    });
    const types = rows.map((row) => row.type).filter((type) => !/^(unit|time-point|clock|recommendation)\./.test(type));
    t.same(types, [
      'call.received',
      'care.recorded',
      'resident.called',
      'record.written-back',
      'call.closed',
      'outcome.received',
      'record.written-back',
      'follow-up.scheduled',
      'follow-up.scheduled',
      'outcome.received',
      'record.written-back',
      'follow-up.scheduled',
      'follow-up.scheduled',
      'follow-up.due',
      'record.written-back',
      'follow-up.completed',
      'follow-up.due',
      'follow-up.overdue',
      'follow-up.completed',
    ]);
  });
}
