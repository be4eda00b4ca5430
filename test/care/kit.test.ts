/** What crews choose from: the list shipped is whole, and a centre's own is refused with the line that is wrong. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { KitError, parseKit } from '../../src/care/kit.ts';
import { loadKit } from '../../src/care/load-kit.ts';

const shipped = readFileSync(new URL('../../src/care/kit/care-kit.yaml', import.meta.url), 'utf8');

t.test('the list shipped says what it rests on and that nobody has signed it', async (t) => {
  const kit = loadKit();
  t.equal(kit.signature, null);
  const cited = new Set(kit.medications.flatMap(({ sources }) => sources));
  t.same([...cited].sort(), Object.keys(kit.sources).sort(), 'every source is used, every use has its source');
  t.match(kit.version, /^\d+\.\d+\.\d+\+[0-9a-f]{8}$/);
  // An amount nobody published must not be one tap away.
  for (const { amounts, label, sources } of kit.medications)
    if (amounts && sources.every((source) => source === 'cn-eml-2018'))
      t.fail(`${label.en}: amounts without a guideline`);
});

for (const [what, from, to, says] of [
  ['a drug twice', 'code: B01AC24', 'code: B01AC04', /care\.yaml:\d+:\d+: atc B01AC04 is there twice/],
  ['an unknown source', 'sources: [crash-2]', 'sources: [crash-3]', /unknown source "crash-3"/],
  ['an unknown route', 'routes: [oral, intravenous, rectal]', 'routes: [spoon]', /must be one of oral/],
  ['no amount', 'amounts: [180]', 'amounts: [0]', /care\.yaml:\d+/],
  ['an unknown field', 'unit: ml,', 'unit: ml, dose: 3,', /has no place here/],
] as const)
  t.test(`refused: ${what}`, async (t) => {
    const text = shipped.replace(from, to);
    t.not(text, shipped);
    t.throws(() => parseKit('care.yaml', text), { name: 'KitError', message: says });
  });

t.test('a file that is not there', async (t) => t.throws(() => loadKit('/nowhere/kit.yaml'), KitError));
