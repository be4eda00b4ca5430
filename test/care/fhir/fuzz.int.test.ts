/** Hundreds of Bundles that are nearly right: none brings the service down, and a refusal leaves nothing behind. */
import fc from 'fast-check';
import t from 'tap';
import { issueToken } from '../../../src/http/auth.ts';
import { garbage, mutated } from '../../bad-input/generate.ts';
import { freshDatabase } from '../../support/postgres.ts';
import { serviceOn } from '../../support/service.ts';
import {
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
  ZHANG,
} from './support.ts';

t.setTimeout(170_000);
const RUNS = 400;

const filing = bundleOf([
  entry(
    patient({ contact: [{ name: { text: '李虚构' }, telecom: [{ system: 'phone', value: '13900139001' }] }] }),
    ZHANG,
  ),
  entry(condition(ZHANG)),
  entry(allergy(ZHANG)),
  entry(medication(ZHANG)),
  entry(observation(ZHANG, concept('http://loinc.org', '29463-7'), { valueQuantity: { value: 61, code: 'kg' } })),
  entry({ resourceType: 'Procedure', status: 'completed', code: { text: 'x' }, subject: { reference: ZHANG } }),
  entry({ resourceType: 'Device', status: 'active', type: concept(SNOMED, '14106009'), patient: { reference: ZHANG } }),
  entry({ resourceType: 'Flag', status: 'active', code: { text: 'y' }, subject: { reference: ZHANG } }),
]);
const report = bundleOf([
  entry(patient(), ZHANG),
  entry({
    resourceType: 'Encounter',
    identifier: [{ system: 'urn:precision-dispatch:call-number', value: '77' }],
    status: 'finished',
    class: { code: 'EMER' },
    subject: { reference: ZHANG },
    period: { start: '2026-03-01T10:00:00+08:00', end: '2026-03-01T12:00:00+08:00' },
    hospitalization: {
      dischargeDisposition: concept('http://terminology.hl7.org/CodeSystem/discharge-disposition', 'home'),
    },
  }),
  entry(condition(ZHANG)),
  entry(medication(ZHANG)),
]);

t.test('nearly right, and garbage', async (t) => {
  const { app, deps, db } = await serviceOn(t, await freshDatabase(t), 10, { env: { REQUESTS_PER_MINUTE: '1000000' } });
  const key = deps.config.auth.local;
  if (!key) throw new Error('the test settings have a local key');
  const token = async (role: 'registry' | 'hospital') =>
    `Bearer ${await issueToken(key, { role, subject: 'h-1', ttlSeconds: 3_600 }, deps.clock)}`;
  const count = async () => {
    const { rows } = await db.query<{ n: number }>({
      text: 'SELECT (SELECT count(*) FROM residents) + (SELECT count(*) FROM outcomes) AS n',
    });
    return rows[0]?.n ?? 0;
  };
  for (const [role, good] of [
    ['registry', filing],
    ['hospital', report],
  ] as const) {
    const authorization = await token(role);
    const post = (payload: string) =>
      app.inject({
        method: 'POST',
        url: '/fhir',
        headers: { authorization, 'content-type': 'application/fhir+json' },
        payload,
      });
    /** One resource of it is changed, so that the frame still reads. */
    const inside = fc.nat(good.entry.length - 1).chain((at) =>
      mutated(fc.constant(good.entry[at].resource)).map((resource) => ({
        ...good,
        entry: good.entry.map((each: Loose, i: number) => (i === at ? { ...each, resource } : each)),
      })),
    );
    const bodies = fc.oneof(
      { weight: 12, arbitrary: inside },
      { weight: 6, arbitrary: mutated(fc.constant(good)) },
      { weight: 2, arbitrary: mutated(fc.constant({ ...good, type: 'batch' })) },
      { weight: 1, arbitrary: garbage },
    );
    let accepted = 0;
    for (const body of fc.sample(bodies, { seed: 20260302, numRuns: RUNS / 2 })) {
      const before = await count();
      const { statusCode, body: text } = await post(JSON.stringify(body) ?? '');
      const answer = JSON.parse(text);
      if (statusCode === 200) accepted++;
      else if (statusCode >= 500 || answer.resourceType !== 'OperationOutcome' || (await count()) !== before)
        t.fail(`${statusCode} ${text.slice(0, 400)} to ${JSON.stringify(body).slice(0, 3_000)}`);
    }
    t.ok(accepted > 10 && accepted < RUNS / 2 - 10, `${role}: ${accepted} of ${RUNS / 2} accepted`);

    const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
    const texts = [
      `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","x":${deep}},"request":{"method":"POST","url":"Patient"}}]}`,
      `{"resourceType":"Bundle","type":"transaction","entry":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
      JSON.stringify(good).replace('22298006', '\\u0000'),
      JSON.stringify(good).replace('{"resourceType"', '{"__proto__":{"a":1},"resourceType"'),
      '',
      '[]',
      '"Bundle"',
    ];
    for (const text of texts) {
      const { statusCode } = await post(text);
      t.ok(statusCode >= 400 && statusCode < 500, `${statusCode}: ${text.slice(0, 60)}`);
    }
  }
});
