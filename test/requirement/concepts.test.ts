/** Codes as clinics and registries write them reach the risk groups they mean; the rest is shown, not dropped. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import type { Coded } from '../../src/domain/coded.ts';
import { expandRange, groupsOf, groupsOfPatient } from '../../src/requirement/concepts.ts';
import { loadProtocol } from '../../src/requirement/load.ts';

const protocol = loadProtocol();
const groups = (entry: Coded, list?: 'allergies') => [...groupsOf(protocol, [entry], list).groups.keys()].sort();

t.test('the map', (t) => {
  t.ok(protocol.groups.size >= 45, `${protocol.groups.size} risk groups`);
  for (const [id, { label }] of protocol.groups) t.ok(label.zh && label.en, `${id} in both languages`);
  t.end();
});

t.test('codes of every system', (t) => {
  const examples: readonly [Coded['system'], string, readonly string[]][] = [
    ['icd-10', 'I21.900', ['ischaemic-heart-disease']],
    ['icd-10', 'I21.9', ['ischaemic-heart-disease']],
    ['icd-10', 'i21900', ['ischaemic-heart-disease']],
    ['icd-10', ' I25.200x001 ', ['ischaemic-heart-disease']],
    ['icd-10', 'I26.900', ['venous-thromboembolism']],
    ['icd-10', 'I63.905', ['stroke']],
    ['icd-10', 'I48.x00', ['atrial-fibrillation']],
    ['icd-10', 'J44.100', ['copd']],
    ['icd-10', 'E10.900', ['diabetes', 'insulin']],
    ['icd-10', 'E11.200†', ['diabetes']],
    ['icd-10', 'N18.500', ['kidney-failure']],
    ['icd-10', 'Z99.201', ['dialysis']],
    ['icd-10', 'A16.2', ['open-tuberculosis']],
    ['icd-10', 'Z88.000', ['penicillin-allergy']],
    ['icd-10', 'O14.100', ['high-risk-pregnancy', 'pregnancy']],
    ['icd-10', 'I2', []],
    ['icd-10', 'I27.0', ['chronic-respiratory-failure']],
    ['icd-10', 'M54.500', []],
    ['snomed', '22298006', ['ischaemic-heart-disease']],
    ['snomed', '230690007', ['stroke']],
    ['snomed', '49436004', ['atrial-fibrillation']],
    ['snomed', '13645005', ['copd']],
    ['snomed', '84757009', ['epilepsy']],
    ['snomed', '44054006', ['diabetes']],
    ['snomed', '46635009', ['diabetes', 'insulin']],
    ['snomed', '2229800', []],
    ['atc', 'B01AA03', ['anticoagulated']],
    ['atc', 'b01af02', ['anticoagulated']],
    ['atc', 'A10AE04', ['diabetes', 'insulin']],
    ['atc', 'A10BA02', ['diabetes']],
    ['rxnorm', '11289', ['anticoagulated']],
    ['text', ' 华法林 ', ['anticoagulated']],
    ['text', 'Warfarin', ['anticoagulated']],
    ['text', 'ＷＡＲＦＡＲＩＮ', ['anticoagulated']],
    ['text', '没有华法林', []],
  ];
  for (const [system, code, expected] of examples) t.same(groups({ system, code }), expected, `${system} ${code}`);
  t.end();
});

t.test('an allergy is not a treatment', (t) => {
  t.same(groups({ system: 'atc', code: 'J01CA04' }, 'allergies'), ['penicillin-allergy']);
  t.same(groups({ system: 'atc', code: 'J01CA04' }), [], 'amoxicillin taken is no allergy');
  t.same(groups({ system: 'atc', code: 'B01AA03' }, 'allergies'), [], 'an allergy to warfarin is not anticoagulation');
  t.same(groups({ system: 'snomed', code: '91936005' }, 'allergies'), ['penicillin-allergy']);
  t.same(groups({ system: 'snomed', code: '91936005' }), ['penicillin-allergy'], 'filed as a condition it is one too');
  for (const words of ['青霉素', '青霉素过敏', '青霉素过敏史', 'Penicillin allergy', 'allergy to penicillin']) {
    t.same(groups({ system: 'text', code: words }, 'allergies'), ['penicillin-allergy'], words);
  }
  t.end();
});

t.test('resolved conditions count where the group says so', (t) => {
  const resolved = (code: string): Coded => ({ system: 'icd-10', code, status: 'resolved' });
  t.same(groups(resolved('I21.9')), ['ischaemic-heart-disease']);
  t.same(groups(resolved('A15.0')), []);
  t.same(groupsOf(protocol, [resolved('A15.0')]).unmapped, [], 'claimed all the same');
  t.end();
});

t.test('a whole history', (t) => {
  const stent: Coded = { system: 'icd-10', code: 'Z95.5' };
  const sprain: Coded = { system: 'icd-10', code: 'S93.4', display: 'invented entry' };
  const { groups, unmapped } = groupsOfPatient(protocol, {
    conditions: [sprain, stent, { system: 'icd-10', code: 'I21.9' }],
    allergies: [{ system: 'text', code: '芒果' }],
    directives: [{ system: 'text', code: 'DNR' }],
  });
  t.same([...groups.keys()].sort(), ['do-not-resuscitate', 'ischaemic-heart-disease']);
  t.equal(groups.get('ischaemic-heart-disease'), stent, 'the entry that put the patient there');
  t.same(unmapped, [sprain, { system: 'text', code: '芒果' }]);
  t.end();
});

t.test('ranges', (t) => {
  t.same(expandRange('I20-I25'), ['I20', 'I21', 'I22', 'I23', 'I24', 'I25']);
  t.same(expandRange('N18.4-N18.5'), ['N184', 'N185']);
  t.same(expandRange('A00-A02'), ['A00', 'A01', 'A02']);
  t.same(expandRange('I25.2'), ['I252']);
  for (const broken of ['I25-I20', 'I20-J25', 'I20-I25.2']) t.equal(expandRange(broken), null, broken);
  t.end();
});

t.test('active disorders of synthetic FHIR records', (t) => {
  const folder = new URL('../../../shared/data/fhir/', import.meta.url);
  if (!existsSync(folder)) {
    t.comment('no FHIR records beside this checkout: the code examples above are what this run covers');
    t.end();
    return;
  }
  interface Resource {
    readonly resourceType: string;
    readonly clinicalStatus?: { readonly coding: readonly { readonly code: string }[] };
    readonly code?: {
      readonly coding: readonly { readonly system: string; readonly code: string; readonly display: string }[];
    };
  }
  const shown = new Map<string, string>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    const bundle = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { entry: { resource: Resource }[] };
    for (const { resource } of bundle.entry) {
      const allergy = resource.resourceType === 'AllergyIntolerance';
      if (!allergy && resource.resourceType !== 'Condition') continue;
      const coding = resource.code?.coding[0];
      if (!coding || resource.clinicalStatus?.coding[0]?.code !== 'active') continue;
      const found = groups({ system: 'snomed', code: coding.code }, allergy ? 'allergies' : undefined);
      shown.set(`${coding.code} ${coding.display}`, found.join(', ') || '—');
    }
  }
  for (const [code, found] of shown) t.comment(`${code}: ${found}`);
  const mapped = (code: string) => [...shown].find(([shownCode]) => shownCode.startsWith(`${code} `))?.[1];
  for (const [code, group] of [
    ['84757009', 'epilepsy'],
    ['128613002', 'epilepsy'],
    ['703151001', 'epilepsy'],
    ['195967001', 'asthma'],
    ['44054006', 'diabetes'],
    ['300916003', 'latex-allergy'],
    ['91934008', 'severe-allergy'],
  ] as const) {
    t.equal(mapped(code), group, code);
  }
  t.end();
});
