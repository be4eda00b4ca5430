/** Who stands in for the patient of a call brought in: somebody who lives nearby and is about as old, the same for the same draw. */
import t from 'tap';
import { neighboursOf } from '../../../src/operations/simulation-cases.ts';
import { fileResident } from '../../../src/residents/file.ts';
import { zhang } from '../../support/people.ts';

const NOW = Date.parse('2026-03-01T00:00:00+08:00');
const home = { lon: 116.36, lat: 39.91, crs: 'wgs84' } as const;
const living = (residentId: string, birthYear: number, lon: number) => {
  const { idNumber, ...rest } = zhang;
  const at = { ...zhang.home, position: { ...home, lon } };
  return fileResident({ ...rest, residentId, birthDate: `${birthYear}-01-01`, home: at } as never, NOW);
};

t.test('near before far, of an age before any; nobody where nobody lives', async (t) => {
  const standIn = neighboursOf(
    [living('old', 1940, 116.36), living('child', 2018, 116.3601), living('far', 1980, 116.378)],
    NOW,
  );
  const who = (lon: number, ageYears: number | null, drawn = 0) =>
    standIn({ ...home, lon }, ageYears, drawn)?.residentId ?? null;
  t.equal(who(116.36, 84), 'old');
  t.equal(who(116.36, 12), 'child', 'not quite as old');
  t.equal(who(116.36, 44), 'far', 'nobody of that age next door, one down the road');
  t.same(
    [0, 0.49, 0.5, 0.999].map((drawn) => who(116.36, null, drawn)),
    ['old', 'old', 'child', 'child'],
    'of unknown age: any of those next door, by the draw',
  );
  t.equal(who(116.36, 26), null);
  t.equal(who(116.5, 84), null, 'ten kilometres off');
});
