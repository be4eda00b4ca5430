/**
 * One story, on both ways to run: somebody without a history calls, the hospital reports by Bundle, and the next call is
 * decided by it. All that is written in FHIR on the way passes two independent validators.
 */
import t from 'tap';
import type { Chart } from '../../../src/care/fhir/chart.ts';
import { transactionOf } from '../../../src/care/fhir/transaction.ts';
import { gatherChart } from '../../../src/operations/read-fhir.ts';
import { backends } from '../../support/backends.ts';
import { callFrom, fleet, zhang } from '../../support/people.ts';
import { serviceOn } from '../../support/service.ts';
import { bundleOf, concept, entry, type Loose, patient, SNOMED, ZHANG } from './support.ts';
import { faultsIn } from './validators.ts';

t.setTimeout(180_000);

/** Nobody else at this number, and no history. Invented. */
const qian = { ...zhang, residentId: 'r_10', phones: ['13800138010'], devices: [], history: undefined };
const hospital = { role: 'hospital', subject: 'h-1' } as const;
const doctor = { role: 'doctor', subject: 'd-1' } as const;
const PATIENT = 'x.r.u10';
const at = (time: string) => `2026-03-02T${time}:00+08:00`;
const byNumber = (number: number) => [{ system: 'urn:precision-dispatch:call-number', value: String(number) }];

const ENCOUNTER = 'urn:uuid:22222222-2222-4222-8222-222222222222';
/** What the hospital reports: infarction, a stent, clopidogrel. */
const report = (identifier: Loose[], over: Loose = {}) => ({
  ...bundleOf([
    entry(patient({ deceasedDateTime: undefined, ...over.patient }), ZHANG),
    entry(
      {
        resourceType: 'Encounter',
        identifier,
        status: 'finished',
        class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'EMER' },
        subject: { reference: ZHANG },
        period: { start: at('10:40'), end: at('16:00') },
        hospitalization: {
          dischargeDisposition: concept('http://terminology.hl7.org/CodeSystem/discharge-disposition', 'home'),
        },
        ...over.encounter,
      },
      ENCOUNTER,
    ),
    entry({
      resourceType: 'Condition',
      code: { coding: [{ system: 'urn:oid:2.16.156.10011.2.3.3.11', code: 'I21.0', display: '急性前壁心肌梗死' }] },
      subject: { reference: ZHANG },
      encounter: { reference: ENCOUNTER },
      ...over.condition,
    }),
    entry({
      resourceType: 'Procedure',
      status: 'completed',
      code: concept(SNOMED, '415070008', 'Percutaneous coronary intervention'),
      subject: { reference: ZHANG },
      performedDateTime: at('11:20'),
    }),
    entry({
      resourceType: 'MedicationRequest',
      status: 'active',
      intent: 'order',
      medicationCodeableConcept: concept('http://www.whocc.no/atc', 'B01AC04', '氯吡格雷'),
      subject: { reference: ZHANG },
    }),
    entry({
      resourceType: 'CarePlan',
      status: 'active',
      intent: 'plan',
      description: '一周后复诊 <b>',
      subject: { reference: ZHANG },
    }),
    entry({ resourceType: 'Organization', name: 'an invented hospital' }),
  ]),
  ...over.bundle,
});

const care = {
  vitals: [
    {
      entryId: 'v-1',
      at: at('10:06'),
      heartRate: 96,
      systolicMmHg: 150,
      diastolicMmHg: 85,
      oxygenSaturationPercent: 95,
    },
    {
      entryId: 'v-2',
      at: at('10:12'),
      heartRate: 351,
      respiratoryRate: 22,
      temperatureCelsius: 36.6,
      glucoseMmolPerLitre: 7.1,
      endTidalCo2MmHg: 35,
      onOxygen: true,
    },
    { entryId: 'v-3', at: at('10:12'), amends: 'v-2', heartRate: 101, reason: 'mistyped' },
  ],
  assessments: [
    {
      entryId: 'a-1',
      at: at('10:07'),
      glasgow: { eye: 4, verbal: 5, motor: 6 },
      pain: 7,
      fast: { face: 'normal', arm: 'normal', speech: 'normal' },
      text: 'pale & sweating',
    },
  ],
  medications: [
    {
      entryId: 'm-1',
      at: at('10:10'),
      medication: { system: 'atc', code: 'N02BA01', display: 'aspirin' },
      dose: 300,
      unit: 'mg',
      route: 'oral',
    },
    { entryId: 'm-2', at: at('10:11'), medication: { system: 'text', code: 'oxygen' }, route: 'mask' },
  ],
  procedures: [
    {
      entryId: 'p-1',
      at: at('10:09'),
      endedAt: at('10:10'),
      procedure: { system: 'text', code: 'venous line' },
      success: true,
      attempts: 2,
      text: 'left arm',
    },
  ],
  history: [{ entryId: 'h-1', at: at('10:08'), list: 'allergies', coded: { system: 'text', code: '青霉素过敏' } }],
  destinations: [{ entryId: 'd-1', at: at('10:15'), hospitalId: 'h-1' }],
  handovers: [{ entryId: 'ho-1', at: at('10:45'), hospitalId: 'h-1', to: 'nurse', text: 'ECG handed over' }],
};

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { databaseUrl } = await backend.fresh(t);
    const { ask, db, time, deps } = await serviceOn(t, databaseUrl, backend.name === 'embedded' ? 4 : 10);
    const read = async (path: string, role: Parameters<typeof ask>[0] = 'registry') =>
      await ask(role, 'GET', `/fhir/${path}`);
    for (const unit of fleet) await ask('admin', 'PUT', `/v1/units/${unit.unitId}`, unit);
    await ask('registry', 'PUT', '/v1/residents/r_10', qian);
    const call = async () =>
      (await ask('dispatcher', 'POST', '/v1/calls', callFrom({ caller: { phone: '13800138010', relation: 'self' } })))
        .body;

    const bare = await read(`Patient/${PATIENT}/$summary`);
    t.same(faultsIn(bare.body), [], 'a summary of nothing is a summary all the same');
    t.match(JSON.stringify(bare.body), /no-problem-info.*no-allergy-info.*no-medication-info/);

    const first = await call();
    t.equal(first.recommendation.vehicleType, 'basic');
    const { callId, number } = first.call;
    const sent = await ask('dispatcher', 'POST', `/v1/calls/${callId}/assignments`, { unitId: 'u-basic' });
    t.equal(sent.status, 201);
    const crew = { role: 'crew', subject: 'u-basic' } as const;
    for (const [point, minute] of [
      ['en-route', 1],
      ['on-scene', 5],
      ['at-patient', 6],
      ['left-scene', 20],
      ['at-destination', 38],
      ['handed-over', 45],
      ['in-service', 55],
    ] as const) {
      time.now = Date.parse(at('10:00')) + minute * 60_000;
      await ask(crew, 'POST', '/v1/units/u-basic/time-points', { callId, point, at: new Date(time.now).toISOString() });
    }
    time.now = Date.parse(at('17:00'));
    const recorded = await ask('admin', 'PUT', `/v1/calls/${callId}/care-record`, care);
    t.equal(recorded.status, 200, JSON.stringify(recorded.body).slice(0, 300));
    await ask(
      'admin',
      'PUT',
      `/v1/calls/${callId}/care-record/attachments/ecg-1?kind=twelve-lead-ecg&at=${encodeURIComponent(at('10:08'))}`,
      '%PDF-1.4 invented',
      { 'content-type': 'application/pdf' },
    );

    const bundle = report(byNumber(number), { bundle: { identifier: { system: 'urn:h-1', value: 'report-7' } } });
    const told = await ask(hospital, 'POST', '/fhir', bundle, { 'content-type': 'application/fhir+json' });
    t.equal(told.status, 200, JSON.stringify(told.body));
    t.equal(told.body.entry[1].response.status, '201 Created', JSON.stringify(told.body.entry[1]));
    t.equal(told.body.entry[1].response.location, `Encounter/${callId}`);
    t.same(faultsIn(told.body), []);
    const again = await ask(hospital, 'POST', '/fhir', bundle, { 'content-type': 'application/fhir+json' });
    t.equal(again.body.entry[1].response.status, '200 OK', 'sent again it is the same report');

    const second = await call();
    t.equal(second.recommendation.vehicleType, 'intensive');
    const because = second.recommendation.reasons.filter((each: Loose) => each.from?.source === 'outcome');
    t.ok(because.length > 0, 'the reasons name the outcome they came from');
    t.match(because[0].from, { callId, by: 'h-1' });
    const cautions = second.recommendation.cautions.map((caution: Loose) => caution.code).join();
    t.match(cautions, /bleed/, 'clopidogrel is heard of');

    await t.test('everything, validated', async (t) => {
      const { status, body } = await read(`Patient/${PATIENT}/$everything`, doctor);
      t.equal(status, 200);
      t.same(faultsIn(body), []);
      const all = body.entry.map((e: Loose) => e.resource);
      for (const resource of all) t.same(faultsIn(resource), [], `${resource.resourceType}/${resource.id}`);
      const of = (type: string) => all.filter((r: Loose) => r.resourceType === type);
      t.equal(new Set(all.map((r: Loose) => `${r.resourceType}/${r.id}`)).size, all.length, 'each once');
      const encounter = of('Encounter').find((r: Loose) => r.id === callId);
      t.same(
        encounter.statusHistory.map((step: Loose) => [step.status, step.period.start]),
        [
          ['planned', first.call.receivedAt],
          ['arrived', '2026-03-02T02:05:00.000Z'],
          ['in-progress', '2026-03-02T02:06:00.000Z'],
          ['finished', '2026-03-02T02:45:00.000Z'],
        ],
      );
      t.equal(encounter.diagnosis.length, 1);
      const diagnosis = encounter.diagnosis[0].condition.reference;
      t.ok(
        all.some((r: Loose) => `${r.resourceType}/${r.id}` === diagnosis),
        'the diagnosis is there',
      );
      t.equal(
        of('Observation').filter((r: Loose) => r.code.coding?.[0].code === '8867-4').length,
        2,
        'the amended pulse only',
      );
      t.match(
        of('Observation').find((r: Loose) => r.status === 'corrected'),
        { valueQuantity: { value: 101 } },
      );
      t.equal(of('MedicationAdministration').length, 2);
      t.equal(of('Procedure').length, 2, 'the venous line and the stent');
      t.equal(of('AllergyIntolerance').length, 1);
      t.match(of('AllergyIntolerance')[0].verificationStatus.coding[0], { code: 'unconfirmed' });
      t.equal(of('DocumentReference').length, 2);
      t.equal(of('Provenance').length, 2, 'hospital and crew');
      t.ok(of('CarePlan').length >= 1);
      for (const resource of all) {
        const one = await read(`${resource.resourceType}/${resource.id}`);
        t.equal(one.status, 200, `${resource.resourceType}/${resource.id} is read by its id`);
        t.same(one.body, resource);
      }
    });

    await t.test('the summary is a document that stands on its own', async (t) => {
      const { status, body, headers } = await read(`Patient/${PATIENT}/$summary`, hospital);
      t.equal(status, 200);
      t.match(headers['content-type'], /^application\/fhir\+json/);
      t.same(faultsIn(body), []);
      const urls = new Set(body.entry.map((e: Loose) => e.fullUrl));
      for (const { reference } of referencesIn(body))
        t.ok(urls.has(`http://localhost:80/fhir/${reference}`), `${reference} is inside`);
      const composition = body.entry[0].resource;
      t.equal(composition.resourceType, 'Composition');
      t.match(composition.section[0].text.div, /急性前壁心肌梗死/);
      t.match(JSON.stringify(composition), /一周后复诊 &lt;b&gt;/, 'words are words, not markup');
    });

    await t.test('who may', async (t) => {
      const path = `Patient/${PATIENT}/$everything`;
      t.equal((await read(path, { role: 'doctor', subject: 'd-2' })).status, 404, "another doctor's patient");
      t.equal((await read(path, { role: 'hospital', subject: 'h-2' })).status, 404, 'a hospital nobody was brought to');
      t.equal((await read(path, crew)).status, 404, 'the crew is through with the call');
      t.equal((await read(`${path}?callId=none`, 'dispatcher')).status, 403, 'without a call');
      t.equal((await read(`${path}?callId=${second.call.callId}`, 'dispatcher')).status, 200, 'during one');
      t.equal((await read(path, 'planner')).status, 403);
      t.equal((await read('Patient/nobody')).status, 404);
      t.equal((await read('Claim/1')).status, 404);
      t.equal((await read(`Condition/${PATIENT}.000000000000`)).status, 404);
      const { rows } = await db.query<{ n: number }>({
        text: `SELECT count(*) AS n FROM access_log WHERE resident_id = 'r_10' AND role = 'doctor'`,
      });
      t.equal(rows[0]?.n, 1, 'the read that was answered is in the access log, and only that');
    });

    await t.test('what the platform is sent of the call, and what is taken back there, validated', async (t) => {
      const chart = (await gatherChart(deps, db, 'r_10')) as Chart;
      const sent = transactionOf(chart, callId, { earlier: null });
      const bare = chart.calls.map((each) => ({ ...each, care: [], attachments: [], outcomes: [] }));
      const nothing = { ...chart, calls: bare, learned: null, followUps: [] };
      const takenBack = transactionOf(nothing, callId, { earlier: sent });
      for (const bundle of [sent, takenBack]) {
        t.same(faultsIn(bundle), []);
        for (const { resource } of bundle.entry ?? [])
          if (resource) t.same(faultsIn(resource), [], resource.resourceType);
      }
      const types = (bundle: Loose) => [...new Set(bundle.entry.map((e: Loose) => e.resource.resourceType))].sort();
      const ofCall = ['AllergyIntolerance', 'CarePlan', 'Condition', 'DocumentReference', 'Encounter'];
      const more = [
        'MedicationAdministration',
        'MedicationStatement',
        'Observation',
        'Patient',
        'Procedure',
        'Provenance',
      ];
      t.same(types(sent), [...ofCall, ...more, 'Task']);
      const wrong = (takenBack.entry ?? []).filter(({ resource }) => /entered-in-error/.test(JSON.stringify(resource)));
      t.ok(wrong.length > 10, `${wrong.length} taken back`);
    });

    await t.test('a file with everything in it, validated', async (t) => {
      const words = (code: string) => [{ system: 'text', code }];
      const history = {
        conditions: [{ system: 'icd-10', code: 'I50.9', status: 'active', onset: '2020-05-01' }, ...words('跌倒史')],
        allergies: [{ system: 'snomed', code: '91936005', display: 'Allergy to penicillin' }],
        medications: [{ system: 'atc', code: 'B01AA03', status: 'resolved' }],
        implants: words('心脏起搏器'),
        directives: words('不做心肺复苏'),
        weightKg: 58.5,
        mobility: 'wheelchair',
        pregnancyDueDate: '2026-09-01',
      };
      const all = {
        ...zhang,
        idNumber: undefined,
        residentId: 'r-all',
        phones: ['13800138099'],
        devices: zhang.devices,
        history,
      };
      t.equal((await ask('registry', 'PUT', '/v1/residents/r-all', all)).status, 201);
      const { body } = await read('Patient/r-all/$everything');
      t.same(faultsIn(body), []);
      for (const { resource } of body.entry) t.same(faultsIn(resource), [], resource.resourceType);
      const types = new Set(body.entry.map((e: Loose) => e.resource.resourceType));
      for (const type of ['Consent', 'Device', 'DeviceUseStatement', 'MedicationStatement', 'Observation'])
        t.ok(types.has(type), type);
      t.same(faultsIn((await read('Patient/r-all/$summary')).body), []);
      for (const type of types) {
        const found = await read(`${type}?${type === 'Patient' ? '_id' : 'patient'}=r-all`);
        t.same(faultsIn(found.body), [], `${type}: a valid searchset`);
        t.equal(found.body.total, body.entry.filter((e: Loose) => e.resource.resourceType === type).length);
      }
    });

    await t.test('search', async (t) => {
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      const search = (
        type: string,
        given: Record<string, string>,
        role: Parameters<typeof ask>[0] = 'registry',
        more = {},
      ) => ask(role, 'POST', `/fhir/${type}/_search`, new URLSearchParams(given).toString(), { ...form, ...more });
      const names = ({ body }: Loose) => body.entry.map((e: Loose) => `${e.resource.resourceType}/${e.resource.id}`);
      const everything = (await read(`Patient/${PATIENT}/$everything`)).body.entry.map((e: Loose) => e.resource);
      for (const type of new Set<string>(everything.map((r: Loose) => r.resourceType))) {
        const given: Record<string, string> = type === 'Patient' ? { _id: PATIENT } : { patient: PATIENT };
        const found = await search(type, { ...given, _count: '200' });
        t.equal(found.status, 200, type);
        t.same(faultsIn(found.body), [], `${type}: a valid searchset`);
        for (const { resource } of found.body.entry) t.same(faultsIn(resource), []);
        const theirs = everything.filter((r: Loose) => r.resourceType === type);
        t.same(
          names(found),
          theirs.map((r: Loose) => `${type}/${r.id}`),
          `${type}: all of them`,
        );
        t.equal(found.body.total, theirs.length);
      }
      const number = `${'urn:oid:2.16.156.10011.1.3'}|110102194103020023`;
      for (const given of [
        { identifier: number },
        { identifier: '110102194103020023' },
        { identifier: `urn:precision-dispatch:resident|r_10` },
      ]) {
        const found = await search('Patient', given, hospital);
        t.same(names(found), [`Patient/${PATIENT}`], Object.values(given).join());
        t.notMatch(JSON.stringify(found.body.link), /110102194103020023/, 'no link holds it');
      }
      const byNumber = await search(
        'Condition',
        { 'patient.identifier': number, 'clinical-status': 'active' },
        hospital,
      );
      t.match(byNumber.body, { total: 1, entry: [{ resource: { code: { coding: [{ code: 'I21.0' }] } } }] });
      t.same(names(await search('Patient', { identifier: number, _id: 'r-77' })), [], 'all that is said has to hold');

      const pulse = { patient: `Patient/${PATIENT}`, code: 'http://loinc.org|8867-4' };
      const count = async (over: Record<string, string>) =>
        (await search('Observation', { ...pulse, ...over })).body.total;
      t.equal(await count({}), 2);
      t.equal(await count({ status: 'corrected' }), 1);
      t.equal(await count({ status: 'corrected,final' }), 2, 'a comma means or');
      t.equal(await count({ code: 'http://snomed.info/sct|8867-4' }), 0, 'another system');
      t.equal(await count({ date: '2026-03-02' }), 2, 'a day here');
      t.equal(await count({ date: 'gt2026-03-02' }), 0);
      t.equal(await count({ date: 'ge2026-03' }), 2);
      t.equal(await count({ encounter: callId }), 2);
      t.equal(await count({ encounter: `Encounter/${second.call.callId}` }), 0);
      const stays = await search('Encounter', { patient: PATIENT, date: 'ge2026-03-02T02:00:00Z', status: 'finished' });
      t.same(names(stays), [`Encounter/${callId}`]);

      const pages: string[] = [];
      let page = await search(
        'Observation',
        { 'patient.identifier': number, _count: '3', _include: 'Observation:patient' },
        hospital,
      );
      for (let turn = 0; turn < 20; turn++) {
        t.ok(page.body.entry.filter((e: Loose) => e.search.mode === 'match').length <= 3);
        t.match(page.body.entry.at(-1), { resource: { resourceType: 'Patient' }, search: { mode: 'include' } });
        pages.push(...names(page).filter((name: string) => name.startsWith('Observation')));
        const next = page.body.link.find((link: Loose) => link.relation === 'next');
        if (!next) break;
        page = await ask(hospital, 'GET', new URL(next.url).pathname + new URL(next.url).search);
        t.equal(page.status, 200, 'a link is followed as it stands');
      }
      t.same(
        pages,
        everything.flatMap((r: Loose) => (r.resourceType === 'Observation' ? [`Observation/${r.id}`] : [])),
        'page by page, all of them',
      );

      t.match((await search('Condition', { patient: PATIENT, severity: 'high' })).body.issue, [
        { diagnostics: /severity/ },
      ]);
      const lenient = await search('Condition', { patient: PATIENT, severity: 'high' }, 'registry', {
        prefer: 'handling=lenient',
      });
      t.match(lenient.body.entry.at(-1), {
        search: { mode: 'outcome' },
        resource: { issue: [{ diagnostics: /severity/ }] },
      });
      t.same(faultsIn(lenient.body), []);
      for (const [what, type, given] of [
        ['nobody named', 'Condition', { code: 'I21.0' }],
        ['a system alone', 'Patient', { identifier: 'urn:oid:2.16.156.10011.1.3|' }],
        ['no date', 'Observation', { patient: PATIENT, date: 'yesterday' }],
        ['a prefix not looked at', 'Observation', { patient: PATIENT, date: 'ap2026' }],
        ['not a patient', 'Observation', { patient: 'Practitioner/1' }],
        ['no number', 'Observation', { patient: PATIENT, _count: 'many' }],
      ] as const) {
        const answer = await search(type, given);
        t.equal(answer.status, 400, what);
        t.same(faultsIn(answer.body), [], what);
      }
      const inUrl = await read(`Patient?identifier=${encodeURIComponent(number)}`);
      t.match(inUrl, { status: 400, body: { issue: [{ diagnostics: /must not be in a URL/ }] } });
      t.notMatch(JSON.stringify(inUrl.body), /110102194103020023/);
      t.equal((await read(`Condition?patient=${PATIENT}&clinical-status=active`)).body.total, 1, 'an id may');
      t.equal((await search('Claim', { patient: PATIENT })).status, 404);
      const json = await ask('registry', 'POST', '/fhir/Condition/_search', { patient: PATIENT });
      t.match(json, { status: 415, body: { issue: [{ diagnostics: /x-www-form-urlencoded/ }] } });
      t.same(
        names(await search('Patient', { identifier: number }, { role: 'doctor', subject: 'd-2' })),
        [],
        "another doctor's",
      );
      t.equal((await search('Condition', { patient: PATIENT }, { role: 'hospital', subject: 'h-2' })).body.total, 0);
      t.equal(
        (await search('Condition', { patient: PATIENT, callId: 'none' }, 'dispatcher')).status,
        403,
        'without a call',
      );
      t.equal(
        (await search('Condition', { patient: PATIENT, callId: second.call.callId }, 'dispatcher')).body.total,
        1,
      );
      const declared = (await read('metadata')).body;
      t.same(faultsIn(declared), []);
      const ofCondition = declared.rest[0].resource.find((r: Loose) => r.type === 'Condition');
      t.ok(ofCondition.searchParam.some((p: Loose) => p.name === 'clinical-status' && p.type === 'token'));
    });

    await t.test('bad reports', async (t) => {
      const post = (body: Loose, role: Parameters<typeof ask>[0] = hospital) =>
        ask(role, 'POST', '/fhir', body, { 'content-type': 'application/fhir+json' });
      const bad: [string, Loose, number, RegExp][] = [
        ['no encounter', bundleOf([entry(patient(), ZHANG)]), 422, /Encounter/],
        ['a batch', { ...report(byNumber(number)), type: 'batch' }, 422, /Bundle\.type/],
        [
          'no diagnosis code',
          report(byNumber(number), { condition: { code: undefined } }),
          422,
          /entry\[2\]\.resource\.code/,
        ],
        [
          'an unknown status',
          report(byNumber(number), { encounter: { status: 'sleeping' } }),
          422,
          /entry\[1\]\.resource\.status/,
        ],
        [
          'dead before born',
          report(byNumber(number), { patient: { deceasedDateTime: '1940-01-01T00:00:00+08:00' } }),
          422,
          /deceasedDateTime/,
        ],
        [
          'a death neither true nor false',
          report(byNumber(number), { patient: { deceasedBoolean: 'yes' } }),
          422,
          /deceasedBoolean/,
        ],
        [
          'discharged before arrival',
          report(byNumber(number), { encounter: { period: { start: at('16:00'), end: at('15:00') } } }),
          422,
          /dischargedAt/,
        ],
        [
          'a day is no time',
          report(byNumber(number), { encounter: { period: { start: '2026-03-02' } } }),
          422,
          /period\.start/,
        ],
        [
          'a dangling reference',
          report(byNumber(number), { condition: { encounter: { reference: 'urn:uuid:none' } } }),
          422,
          /entry\[2\]\.resource\.encounter\.reference/,
        ],
        [
          "somebody else's condition",
          report(byNumber(number), { condition: { subject: { reference: 'Patient/r-77' } } }),
          422,
          /entry\[2\]\.resource\.subject/,
        ],
        ['a call nobody has', report([{ system: 'urn:precision-dispatch:call', value: 'none' }]), 404, /no such thing/],
      ];
      const outcomes = async () =>
        (await db.query<{ n: number }>({ text: 'SELECT count(*) AS n FROM outcomes' })).rows[0]?.n;
      const before = await outcomes();
      for (const [name, body, status, place] of bad) {
        const answer = await post(body);
        t.equal(answer.status, status, `${name}: ${JSON.stringify(answer.body).slice(0, 300)}`);
        t.equal(answer.body.resourceType, 'OperationOutcome');
        t.same(faultsIn(answer.body), [], `${name}: valid`);
        t.match(JSON.stringify(answer.body), place, name);
        t.notMatch(JSON.stringify(answer.body), /张虚构|110102194103020023/, `${name}: nothing personal`);
      }
      t.equal(await outcomes(), before, 'nothing of it is kept');
      const stranger = await post(report(byNumber(number)), { role: 'hospital', subject: 'h-9' });
      t.match(stranger.body.entry[1].response, {
        status: '202 Accepted',
        outcome: { issue: [{ diagnostics: /other-hospital/ }] },
      });
      const other = {
        identifier: [],
        name: [{ text: '赵别人' }],
        birthDate: '1990-05-05',
        gender: 'male',
        telecom: [],
      };
      const differs = await post(report(byNumber(number), { patient: other }));
      t.match(differs.body.entry[1].response, {
        status: '202 Accepted',
        outcome: { issue: [{ diagnostics: /patient-differs/ }] },
      });
      // Last, for it closes the file: a death said without its time is one.
      await post(report(byNumber(number), { patient: { deceasedBoolean: true } }));
      t.match((await ask('registry', 'GET', '/v1/residents/r_10')).body.learned, { death: { at: at('16:00') } });
    });
  });
}

function referencesIn(value: Loose): { reference: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'reference' && typeof inner === 'string' ? [{ reference: inner }] : referencesIn(inner),
  );
}
