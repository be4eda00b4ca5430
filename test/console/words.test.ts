/** Every word the service may send has one in both languages. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { routes } from '../../src/care/kit.ts';
import { life } from '../../src/care/record.ts';
import { attachmentKinds, entryLists, historyLists } from '../../src/care/schema.ts';
import { lettersOf } from '../../src/console/pages/dispatcher/complaint-codes.ts';
import { vocabulary } from '../../src/console/shell/vocabulary.ts';
import { eventTypes } from '../../src/domain/events.ts';
import {
  callerRelations,
  callStatuses,
  capabilities,
  complaintCodes,
  hospitalCapabilities,
  locateReasons,
  locationSources,
  mobilities,
  priorities,
  roles,
  sexes,
  timePoints,
  unitStatuses,
  vehicleTypes,
} from '../../src/domain/vocabulary.ts';
import type { EvidenceField } from '../../src/residents/match/decide.ts';

t.test('both languages, each in its own script', async (t) => {
  for (const [key, { zh, en }] of Object.entries(vocabulary)) {
    t.ok(zh.trim() && en.trim(), key);
    t.notMatch(en, /\p{Script=Han}/u, `${key} in English`);
    t.notMatch(zh.replace(/CT/, ''), /[a-z]{2}/i, `${key} in Chinese`);
  }
});

const evidence: Readonly<Record<EvidenceField, true>> = {
  confirmed: true,
  idNumber: true,
  device: true,
  phone: true,
  contactPhone: true,
  name: true,
  age: true,
  sex: true,
  address: true,
  distance: true,
};

t.test('every word of the service’s vocabularies', async (t) => {
  const source = (path: string) => readFileSync(new URL(`../../src/${path}`, import.meta.url), 'utf8');
  const flags = ['operations/judge-call.ts', 'calls/intake.ts'].flatMap((path) =>
    [...source(path).matchAll(/flags\.push\('([a-z-]+)'\)/g)].map(([, flag]) => flag),
  );
  t.ok(flags.length >= 8, 'flags found in the source');
  const oddities = [...source('care/record.ts').matchAll(/flags\.push\('([a-z-]+)'\)/g)].map(([, flag]) => flag);
  t.ok(oddities.length >= 5, 'oddities of entries found in the source');
  const expected = {
    priority: priorities,
    vehicle: vehicleTypes,
    call: callStatuses,
    unit: unitStatuses,
    point: timePoints,
    capability: capabilities,
    shortfall: ['position-unknown', 'position-stale'],
    hospital: [...hospitalCapabilities, 'nearest'],
    basis: ['history', 'complaint-only'],
    grade: ['match', 'possible'],
    sex: sexes,
    mobility: mobilities,
    field: Object.keys(evidence),
    flag: flags,
    role: roles,
    event: eventTypes,
    relation: callerRelations,
    source: locationSources,
    leg: ['dispatch', 'turnout', 'travel'],
    report: ['late', 'repeated', 'contradicts-earlier', 'out-of-order', 'after-end'],
    locateReason: locateReasons,
    sign: Object.keys(life),
    careFlag: ['outside-life', ...oddities],
    careList: Object.keys(entryLists),
    attachment: attachmentKinds,
    told: historyLists,
    route: routes,
  };
  const keys = Object.entries(expected).flatMap(([kind, all]) => all.map((word) => `${kind}.${word}`));
  t.same(
    keys.filter((key) => !(key in vocabulary)),
    [],
  );
});

t.test('two letters name one complaint', async (t) => {
  const letters = complaintCodes.map(lettersOf);
  t.same(new Set(letters).size, complaintCodes.length);
  for (const each of letters) t.match(each, /^[a-z]{2}$/);
});
