/** Every word of the page exists in both languages, and every word the service may send has one. */
import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import {
  callStatuses,
  capabilities,
  hospitalCapabilities,
  mobilities,
  priorities,
  roles,
  sexes,
  timePoints,
  unitStatuses,
  vehicleTypes,
} from '../../src/domain/vocabulary.ts';
import type { EvidenceField } from '../../src/residents/match/decide.ts';

type Table = Readonly<Record<string, { readonly zh: string; readonly en: string }>>;
const folder = new URL('../../src/console/latest/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');
// By address: the page's modules are plain JavaScript, which the compiler of the service does not read.
const { words } = (await import(new URL('words.js', folder).href)) as { words: Table };
const { vocabulary } = (await import(new URL('vocabulary.js', folder).href)) as { vocabulary: Table };
const { demoCalls } = (await import(new URL('demo-calls.js', folder).href)) as {
  demoCalls: readonly { say: string }[];
};

const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'));
const markup = read('index.html');
const code = scripts.map(read).join('\n');
const blanks = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

for (const [title, table] of Object.entries({ words, vocabulary }))
  t.test(`${title}: both languages, with the same blanks to fill`, async (t) => {
    for (const [key, { zh, en }] of Object.entries(table)) {
      t.ok(zh.trim() && en.trim(), key);
      t.same(blanks(zh), blanks(en), key);
      if (key !== 'otherLanguage') t.notMatch(en, /\p{Script=Han}/u, `${key} in English`);
    }
  });

t.test('Chinese is Chinese', async (t) => {
  const withoutAny = Object.entries({ ...words, ...vocabulary }).filter(
    ([key, { zh }]) => key !== 'otherLanguage' && /[a-z]{2}/i.test(zh.replace(/\{\w+\}|CT|npm run.*dispatcher/g, '')),
  );
  t.same(withoutAny, []);
});

t.test('what the page says is in the table, and what is in the table is said', async (t) => {
  const said = new Set([
    ...[...code.matchAll(/\bsay\('(\w+)'/g)].map(([, key]) => key),
    ...[...code.matchAll(/say\([^)]*\? '(\w+)' : '(\w+)'\)/g)].flatMap(([, yes, no]) => [yes, no]),
    ...[...code.matchAll(/const heads = \[([^\]]+)\]/g)].flatMap(([, list = '']) => list.match(/\w+/g) ?? []),
    ...[...code.matchAll(/\/, '(fact\w+)'\]/g)].map(([, key]) => key),
    ...[...markup.matchAll(/data-say="(\w+)"/g)].map(([, key]) => key),
    ...demoCalls.map(({ say }) => say),
  ]);
  t.same([...said].sort(), Object.keys(words).sort());
});

t.test('before its script runs, the page shows the table’s own Chinese', async (t) => {
  const shown = [...markup.matchAll(/data-say="(\w+)"[^>]*>([^<]*)</g)];
  t.ok(shown.length > 10);
  for (const [, key = '', text] of shown) t.equal(text, words[key]?.zh, key);
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
  };
  const keys = Object.entries(expected).flatMap(([kind, all]) => all.map((word) => `${kind}.${word}`));
  t.same(Object.keys(vocabulary).sort(), [...new Set(keys)].sort());
});

t.test('nothing inline, nothing as markup', async (t) => {
  t.notMatch(code, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/);
  t.notMatch(markup, /<style|style=|\son\w+=|<script(?![^>]*src=)/);
});
