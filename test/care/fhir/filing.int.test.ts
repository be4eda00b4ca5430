/** Filing by Bundle on a real database: nothing lost, all or nothing, and every bad Bundle answered with its place. */
import t from 'tap';
import { callFrom, fleet } from '../../support/people.ts';
import { freshDatabase } from '../../support/postgres.ts';
import { serviceOn } from '../../support/service.ts';
import {
  absent,
  allergy,
  bundleOf,
  concept,
  condition,
  entry,
  type Loose,
  medication,
  observation,
  patient,
  SNOMED,
  synthea,
  ZHANG,
} from './support.ts';

t.setTimeout(120_000);

async function service(t: Parameters<typeof freshDatabase>[0]) {
  const made = await serviceOn(t, await freshDatabase(t));
  const post = (bundle: unknown, role: Parameters<typeof made.ask>[0] = 'registry', headers = {}) =>
    made.ask(role, 'POST', '/fhir', bundle, { 'content-type': 'application/fhir+json', ...headers });
  const file = async (id: string) => (await made.ask('registry', 'GET', `/v1/residents/${id}`)).body;
  const count = async () =>
    (await made.db.query<{ n: number }>({ text: 'SELECT count(*) AS n FROM residents' })).rows[0]?.n;
  return { ...made, post, file, count };
}
const idOf = (body: Loose, index = 0): string => body.entry[index].response.location.split('/')[1];

t.test('Synthea: no condition, allergy or medication is lost', { skip: absent }, async (t) => {
  const { post, file, ask } = await service(t);
  for (const { name, bundle } of synthea()) {
    const { status, body } = await post(bundle);
    t.equal(status, 200, name);
    t.equal(body.type, 'transaction-response');
    t.equal(body.entry.length, bundle.entry.length, 'an answer an entry');
    const filed = await file(idOf(body));
    const of = (type: string) =>
      bundle.entry.map((e: Loose) => e.resource).filter((r: Loose) => r.resourceType === type);
    const lists = [
      ['Condition', 'conditions', (r: Loose) => r.code, (r: Loose) => r.onsetDateTime],
      ['AllergyIntolerance', 'allergies', (r: Loose) => r.code, () => undefined],
      ['MedicationRequest', 'medications', (r: Loose) => r.medicationCodeableConcept, (r: Loose) => r.authoredOn],
      ['Procedure', 'procedures', (r: Loose) => r.code, (r: Loose) => r.performedPeriod.start],
    ] as const;
    for (const [type, list, code, since] of lists) {
      const given = of(type);
      const kept: Loose[] = filed.history[list] ?? [];
      t.equal(kept.length, given.length, `${name}: ${given.length} of ${type}`);
      for (const resource of given) {
        const [coding] = code(resource).coding;
        const there = kept.find((e) => e.code === coding.code && e.onset === since(resource)?.slice(0, 10));
        t.equal(there?.display, coding.display, `${type} ${coding.code}`);
        const over = ['stopped', 'completed'].includes(resource.status) || resource.abatementDateTime !== undefined;
        if (type !== 'Procedure') t.equal(there?.status, over ? 'resolved' : 'active');
      }
    }
    const weights = of('Observation')
      .filter((r: Loose) => r.code.coding[0].code === '29463-7')
      .sort((a: Loose, b: Loose) => (a.effectiveDateTime < b.effectiveDateTime ? -1 : 1));
    t.equal(filed.history.weightKg, Math.round(weights.at(-1).valueQuantity.value * 10) / 10, 'the latest weight');
    t.equal(filed.birthDate, of('Patient')[0].birthDate);

    const again = await post(bundle);
    t.equal(idOf(again.body), idOf(body), 'filed again it is the same resident');
    t.same((await file(idOf(body))).history, filed.history, 'and nothing stands twice');
  }
  const { body } = await ask('registry', 'GET', '/v1/unmapped-codes');
  t.ok(body.codes.length > 0, 'what no risk group claims is counted');
});

t.test('Synthea: SNOMED CT leads to the risk groups', { skip: absent }, async (t) => {
  const { post, file } = await service(t);
  const groups = new Map<string, string[]>();
  for (const { name, bundle } of synthea()) {
    const { body } = await post(bundle);
    groups.set(name.split('_')[0] ?? '', (await file(idOf(body))).riskGroups);
  }
  t.ok(groups.get('Caridad')?.includes('epilepsy'), 'seizure disorder');
  t.ok(groups.get('Louis')?.includes('sedative-use'), 'diazepam');
});

t.test('what was filed by Bundle decides the next call', async (t) => {
  const { post, ask } = await service(t);
  for (const unit of fleet) await ask('admin', 'PUT', `/v1/units/${unit.unitId}`, unit);
  const before = await ask('dispatcher', 'POST', '/v1/calls', callFrom());
  t.equal(before.body.recommendation.vehicleType, 'basic');
  await post(bundleOf([entry(patient(), ZHANG), entry(condition(ZHANG)), entry(medication(ZHANG))]));
  const after = await ask('dispatcher', 'POST', '/v1/calls', callFrom());
  t.equal(after.body.recommendation.basis, 'history');
  t.equal(after.body.recommendation.vehicleType, 'intensive');
});

t.test('references: by urn, by id, by identifier, contained; devices, flags, weight, pregnancy', async (t) => {
  const { post, file } = await service(t);
  const first = await post(bundleOf([entry(patient(), ZHANG)]));
  const id = idOf(first.body);
  t.match(id, /^p-[0-9a-f]{24}$/, 'an id that tells nothing of whom');
  const search = `Patient?identifier=${encodeURIComponent('urn:oid:2.16.156.10011.1.3|110102194103020023')}`;
  const more = await post(
    bundleOf([
      entry(condition(`Patient/${id}`)),
      entry(allergy(search)),
      entry({
        ...medication(`Patient/${id}`),
        medicationCodeableConcept: undefined,
        medicationReference: { reference: '#m' },
        contained: [
          { resourceType: 'Medication', id: 'm', code: concept('http://www.whocc.no/atc', 'B01AA03', 'warfarin') },
        ],
      }),
      entry({
        resourceType: 'Device',
        status: 'active',
        type: concept(SNOMED, '14106009', 'Cardiac pacemaker'),
        patient: { reference: search },
      }),
      entry({
        resourceType: 'Flag',
        status: 'active',
        code: concept(SNOMED, '160685001', 'Bed-ridden'),
        subject: { reference: search },
      }),
      entry({
        resourceType: 'Flag',
        status: 'active',
        category: [concept('http://terminology.hl7.org/CodeSystem/flag-category', 'advance-directive')],
        code: { text: '不做心肺复苏' },
        subject: { reference: search },
      }),
      entry(
        observation(search, concept('http://loinc.org', '29463-7'), { valueQuantity: { value: 120, code: '[lb_av]' } }),
      ),
      entry(observation(search, concept('http://loinc.org', '11778-8'), { valueDateTime: '2026-06-01' })),
      entry(observation(search, concept(SNOMED, '105529008'), {})),
    ]),
  );
  t.equal(more.status, 200, JSON.stringify(more.body));
  const { history, livesAlone, riskGroups } = await file(id);
  t.match(history, {
    conditions: [{ system: 'snomed', code: '22298006', status: 'active', onset: '2019-05-01' }, { code: '160685001' }],
    allergies: [{ code: '91936005' }],
    medications: [{ system: 'atc', code: 'B01AA03', display: 'warfarin' }],
    implants: [{ code: '14106009' }],
    directives: [{ system: 'text', code: '不做心肺复苏' }],
    weightKg: 54.4,
    pregnancyDueDate: '2026-06-01',
    mobility: 'bedridden',
  });
  t.ok(livesAlone);
  t.ok(riskGroups.includes('ischaemic-heart-disease') || riskGroups.length > 2, riskGroups.join());
});

t.test('taken back: entered in error goes out of the file', async (t) => {
  const { post, file } = await service(t);
  const { body } = await post(bundleOf([entry(patient(), ZHANG), entry(condition(ZHANG)), entry(medication(ZHANG))]));
  const id = idOf(body);
  const wrong = {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'entered-in-error' }],
  };
  await post(bundleOf([entry(condition(`Patient/${id}`, { verificationStatus: wrong, clinicalStatus: undefined }))]));
  await post(bundleOf([entry(medication(`Patient/${id}`, { status: 'stopped' }))]));
  const { history } = await file(id);
  t.same(history.conditions, []);
  t.equal(history.medications[0].status, 'resolved');
});

t.test('a transaction is all or nothing, a batch entry by entry', async (t) => {
  const { post, count, file } = await service(t);
  const entries = [entry(patient(), ZHANG), entry(condition(ZHANG)), entry(condition(ZHANG, { code: undefined }))];
  const refused = await post(bundleOf(entries));
  t.equal(refused.status, 422);
  t.match(refused.headers['content-type'], /^application\/fhir\+json/);
  t.match(refused.body, {
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', expression: ['Bundle.entry[2].resource.code'], diagnostics: /nothing to file/ }],
  });
  t.equal(await count(), 0, 'nothing of it was filed');
  const batch = await post(bundleOf(entries, 'batch'));
  t.equal(batch.status, 200);
  t.equal(batch.body.type, 'batch-response');
  t.same(
    batch.body.entry.map((e: Loose) => e.response.status),
    ['201 Created', '201 Created', '422 invalid-field'],
  );
  t.equal((await file(idOf(batch.body))).history.conditions.length, 1);
});

const bad: readonly [name: string, bundle: Loose, status: number, place: string][] = [
  ['no Bundle', { resourceType: 'Patient' }, 400, 'Bundle'],
  ['null', null, 400, 'Bundle'],
  ['no entries', bundleOf([]), 400, 'Bundle.entry'],
  ['a searchset', bundleOf([entry(patient())], 'searchset'), 400, 'Bundle.type'],
  [
    'a type nobody knows',
    bundleOf([entry({ resourceType: 'Sickness' })]),
    422,
    'Bundle.entry[0].resource.resourceType',
  ],
  ['a deletion', bundleOf([entry(patient(), ZHANG, { method: 'DELETE' })]), 422, 'Bundle.entry[0].request.method'],
  ['another URL', bundleOf([entry(patient(), ZHANG, { url: 'Condition' })]), 422, 'Bundle.entry[0].request.url'],
  ['a dangling urn', bundleOf([entry(condition(ZHANG))]), 422, 'Bundle.entry[0].resource.subject.reference'],
  ['nobody filed', bundleOf([entry(condition('Patient/nobody'))]), 422, 'Bundle.entry[0].resource'],
  ['nobody found', bundleOf([entry(condition('Patient?identifier=a|b'))]), 422, 'Bundle.entry[0].resource'],
  [
    'no patient',
    bundleOf([entry(patient(), ZHANG), entry(condition('Group/1'))]),
    422,
    'Bundle.entry[1].resource.subject.reference',
  ],
  [
    'a dangling encounter',
    bundleOf([entry(patient(), ZHANG), entry(condition(ZHANG, { encounter: { reference: 'urn:uuid:none' } }))]),
    422,
    'Bundle.entry[1].resource.encounter.reference',
  ],
  [
    'a status nobody knows',
    bundleOf([entry(patient(), ZHANG), entry(medication(ZHANG, { status: 'eaten' }))]),
    422,
    'Bundle.entry[1].resource.status',
  ],
  [
    'a clinical status nobody knows',
    bundleOf([
      entry(patient(), ZHANG),
      entry(
        condition(ZHANG, {
          clinicalStatus: concept('http://terminology.hl7.org/CodeSystem/condition-clinical', 'ill'),
        }),
      ),
    ]),
    422,
    'Bundle.entry[1].resource.clinicalStatus.coding',
  ],
  [
    'no code',
    bundleOf([entry(patient(), ZHANG), entry(condition(ZHANG, { code: {} }))]),
    422,
    'Bundle.entry[1].resource.code',
  ],
  [
    'born after death',
    bundleOf([entry(patient({ deceasedDateTime: '1940-01-01' }))]),
    422,
    'Bundle.entry[0].resource.deceasedDateTime',
  ],
  [
    'born tomorrow',
    bundleOf([entry(patient({ identifier: [], birthDate: '2999-01-01' }))]),
    422,
    'Bundle.entry[0].resource',
  ],
  ['born some time', bundleOf([entry(patient({ birthDate: '1941' }))]), 422, 'Bundle.entry[0].resource.birthDate'],
  [
    'another birth date than the number',
    bundleOf([entry(patient({ birthDate: '1941-03-03' }))]),
    422,
    'Bundle.entry[0].resource',
  ],
  ['nameless', bundleOf([entry(patient({ name: [] }))]), 422, 'Bundle.entry[0].resource.name'],
  ['a gender nobody knows', bundleOf([entry(patient({ gender: 'F' }))]), 422, 'Bundle.entry[0].resource.gender'],
  [
    'a modifier',
    bundleOf([entry(patient({ modifierExtension: [{ url: 'x', valueBoolean: true }] }))]),
    422,
    'Bundle.entry[0].resource.modifierExtension',
  ],
  [
    'the same fullUrl twice',
    bundleOf([entry(patient(), ZHANG), entry(patient(), ZHANG)]),
    422,
    'Bundle.entry[1].fullUrl',
  ],
  ['the same patient twice', bundleOf([entry(patient()), entry(patient())]), 422, 'Bundle.entry[1].resource'],
  [
    'weight in stones',
    bundleOf([
      entry(patient(), ZHANG),
      entry(observation(ZHANG, concept('http://loinc.org', '29463-7'), { valueQuantity: { value: 9, unit: 'st' } })),
    ]),
    422,
    'Bundle.entry[1].resource.valueQuantity',
  ],
  [
    'too long a code',
    bundleOf([entry(patient(), ZHANG), entry(condition(ZHANG, { code: { text: 'x'.repeat(201) } }))]),
    422,
    'Bundle.entry[1].resource.code',
  ],
  [
    'more illnesses than a file holds',
    bundleOf([
      entry(patient(), ZHANG),
      ...Array.from({ length: 501 }, (_, i) => entry(condition(ZHANG, { code: { text: `illness ${i}` } }))),
    ]),
    422,
    'Bundle.entry[0].resource',
  ],
];

t.test('bad Bundles: refused with their place, nothing filed', async (t) => {
  const { post, count } = await service(t);
  for (const [name, bundle, status, place] of bad) {
    const answer = await post(bundle);
    t.equal(answer.status, status, `${name}: ${JSON.stringify(answer.body).slice(0, 300)}`);
    t.equal(answer.body.resourceType, 'OperationOutcome', name);
    t.equal(answer.body.issue[0].expression?.[0], place, name);
    t.notMatch(JSON.stringify(answer.body), /张虚构|13800138001|110102194103020023/, `${name}: nothing personal`);
  }
  t.equal(await count(), 0);
});

t.test("somebody else's patient", async (t) => {
  const { post, file, ask } = await service(t);
  await ask('registry', 'PUT', '/v1/residents/r-1', {
    residentId: 'r-1',
    name: '李虚构',
    sex: 'male',
    birthDate: '1950-01-01',
    phones: [],
  });
  const answer = await post(
    bundleOf([
      entry(patient({ identifier: [] }), ZHANG, { method: 'PUT', url: 'Patient/r-1' }),
      entry(condition(ZHANG)),
    ]),
  );
  t.equal(answer.status, 409);
  t.equal(answer.body.issue[0].code, 'conflict');
  t.match(await file('r-1'), { name: '李虚构', sex: 'male' });
  for (const role of ['crew', 'dispatcher', 'doctor', 'centre', 'planner'] as const)
    t.equal((await post(bundleOf([entry(patient())]), role)).status, 403, role);
});

t.test('what depends on who is filed', async (t) => {
  const { post, file, count } = await service(t);
  const identifier = [{ system: 'http://hospital.example/mrn', value: '7' }];
  const conditional = { ifNoneExist: 'identifier=http://hospital.example/mrn|7' };
  const first = await post(bundleOf([entry(patient({ identifier }), ZHANG, conditional), entry(condition(ZHANG))]));
  const again = patient({ identifier, name: [{ text: '张又名' }] });
  const second = await post(bundleOf([entry(again, ZHANG, conditional), entry(allergy(ZHANG))]));
  t.equal(idOf(second.body), idOf(first.body));
  t.equal(second.body.entry[0].response.status, '200 OK');
  t.match(await file(idOf(first.body)), { name: '张虚构', history: { conditions: [{}], allergies: [{}] } });
  await post(bundleOf([entry(patient({ identifier: [...identifier, { system: 'http://b.example', value: '1' }] }))]));
  await post(bundleOf([entry(patient({ identifier: [{ system: 'http://c.example', value: '1' }] }))]));
  t.equal(await count(), 2);
  const both = [...identifier, { system: 'http://c.example', value: '1' }];
  t.equal((await post(bundleOf([entry(patient({ identifier: both }))]))).status, 412, 'fits two');
});

t.test('two at once lose nothing of each other', async (t) => {
  const { post, file } = await service(t);
  const codes = Array.from({ length: 12 }, (_, i) => `illness ${i}`);
  const answers = await Promise.all(
    codes.map((text) => post(bundleOf([entry(patient(), ZHANG), entry(condition(ZHANG, { code: { text } }))]))),
  );
  t.same([...new Set(answers.map(({ status }) => status))], [200]);
  t.equal(new Set(answers.map(({ body }) => idOf(body))).size, 1, 'one resident');
  const { history } = await file(idOf(answers[0]?.body));
  t.same(history.conditions.map((c: Loose) => c.code).sort(), [...codes].sort());
});

t.test('five thousand entries', async (t) => {
  const { post, count } = await service(t);
  const people = Array.from({ length: 2_500 }, (_, i) => {
    const url = `urn:uuid:${String(i).padStart(8, '0')}-1111-4111-8111-111111111111`;
    const identifier = [{ system: 'http://hospital.example/mrn', value: String(i) }];
    return [entry(patient({ identifier }), url), entry(condition(url))];
  }).flat();
  const { status, body } = await post(bundleOf(people));
  t.equal(status, 200);
  t.equal(body.entry.length, 5_000);
  t.equal(await count(), 2_500);
  const tooMany = await post(bundleOf(Array.from({ length: 10_001 }, () => entry({ resourceType: 'Claim' }))));
  t.equal(tooMany.status, 400);
  const { status: tooLarge, body: outcome } = await post(
    bundleOf([entry(patient({ text: { div: 'x'.repeat(17 * 1024 ** 2) } }))]),
  );
  t.equal(tooLarge, 413);
  t.match(outcome, { resourceType: 'OperationOutcome', issue: [{ code: 'too-long' }] });
});

t.test('formats: JSON is spoken, XML is told so', async (t) => {
  const { app, ask } = await service(t);
  const xml = await ask('registry', 'POST', '/fhir', '<Bundle xmlns="http://hl7.org/fhir"/>', {
    'content-type': 'application/fhir+xml',
  });
  t.equal(xml.status, 415);
  t.match(xml.body, {
    resourceType: 'OperationOutcome',
    issue: [{ diagnostics: /application\/fhir\+json or application\/json/ }],
  });
  t.equal(xml.headers.accept, 'application/fhir+json, application/json');
  const metadata = (headers: Record<string, string>, query = '') =>
    app.inject({ url: `/fhir/metadata${query}`, headers });
  t.equal((await metadata({})).json().resourceType, 'CapabilityStatement');
  t.equal((await metadata({ accept: 'application/fhir+xml' })).statusCode, 406);
  t.equal((await metadata({ accept: 'application/fhir+xml, */*;q=0.1' })).statusCode, 200);
  t.equal((await metadata({ accept: 'application/fhir+json;fhirVersion=4.0' })).statusCode, 200);
  t.equal((await metadata({}, '?_format=xml')).statusCode, 406);
  t.equal((await metadata({ accept: 'text/html' }, '?_format=json')).statusCode, 200, '_format says more than Accept');
  t.equal((await app.inject({ url: '/fhir/nothing/here/either' })).json().resourceType, 'OperationOutcome');
  const nobody = await app.inject({ method: 'POST', url: '/fhir', payload: {} });
  t.equal(nobody.statusCode, 401);
  t.match(nobody.json(), { issue: [{ code: 'login' }] });
});
