/** Ladder, routing, suggestion and answers: what is decided without a database. */
import fc from 'fast-check';
import t from 'tap';
import { judgeAnswer, metresFromKnown } from '../../src/locate/judge-answer.ts';
import { defaultLadder, nextStep, parseLadder, stepKinds, withStandIn } from '../../src/locate/ladder.ts';
import { type Centre, routeTo } from '../../src/locate/route.ts';
import { suggestLocate } from '../../src/locate/suggest.ts';

t.test('ladders as they are written', async (t) => {
  t.same(parseLadder('centre:30, next-centre:30 ,subdistrict-duty:60,fire-and-police:0'), defaultLadder);
  for (const wrong of [
    '',
    'centre',
    'centre:x',
    'next-centre:30',
    'centre:30,centre:30',
    'centre:30,somebody:3',
    'centre:-1',
  ])
    t.throws(() => parseLadder(wrong), wrong);
  t.throws(() => parseLadder(`centre:1${',next-centre:1'.repeat(30)}`), 'too many steps');
});

t.test('climbing always goes up, asks nobody twice and ends', async (t) => {
  const ladders = fc
    .array(fc.record({ kind: fc.constantFrom(...stepKinds.slice(1)), waitSeconds: fc.nat(100) }), { maxLength: 8 })
    .map((rest) => [{ kind: 'centre' as const, waitSeconds: 30 }, ...rest]);
  const ids = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'));
  fc.assert(
    fc.property(ladders, ids, ids, fc.boolean(), (ladder, centres, attendedIds, onDuty) => {
      const attended = new Set(attendedIds);
      const asked = withStandIn(centres, attended);
      let dutyAsked = false;
      let step = 0;
      for (let turn = 0; turn <= ladder.length; turn++) {
        const next = nextStep(
          { ladder, step, asked, dutyAsked },
          { centres, attended, duty: onDuty ? 's' : null },
          1_000,
        );
        if (next === null) return true;
        if (next.step <= step || (next.dueAt !== null && next.dueAt < 1_000)) return false;
        for (const { kind, target } of next.ask) {
          if (kind === 'subdistrict-duty' ? dutyAsked : asked.includes(target)) return false;
          if (kind === 'subdistrict-duty') dutyAsked = true;
          else asked.push(target);
        }
        step = next.step;
      }
      return false;
    }),
  );
  t.pass();
});

t.test('a desk nobody sits at is asked all the same, and the nearest attended beside it', async (t) => {
  t.same(withStandIn(['a', 'b', 'c'], new Set(['a', 'c'])), ['a']);
  t.same(withStandIn(['a', 'b', 'c'], new Set(['c'])), ['a', 'c']);
  t.same(withStandIn(['a', 'b'], new Set()), ['a']);
  t.same(withStandIn([], new Set(['a'])), []);
});

t.test('routing', async (t) => {
  const at = (lon: number) => ({ lon, lat: 39.9, crs: 'wgs84' as const });
  const centre = (centreId: string, lon: number, more: Partial<Centre> = {}): Centre => ({
    centreId,
    position: at(lon),
    subdistrictCode: null,
    outlineArea: null,
    attended: true,
    ...more,
  });
  const place = {
    position: at(116.3),
    subdistrictCode: '110102007',
    heldBy: new Set<string>(),
    filedCentreId: 'filed',
  };
  const heldBy = (...ids: string[]) => ({ ...place, heldBy: new Set(ids) });
  const near = centre('near', 116.301);
  const own = centre('own', 116.32, { subdistrictCode: '110102007' });
  const outline = centre('outline', 116.34, { outlineArea: 4 });
  const smaller = centre('smaller', 116.36, { outlineArea: 2 });
  t.match(routeTo(heldBy('outline'), [near, own, outline]), {
    centreId: 'outline',
    order: ['outline', 'near', 'own'],
    flags: [],
  });
  t.match(routeTo(heldBy('outline', 'smaller'), [outline, smaller]), {
    centreId: 'smaller',
    flags: ['overlapping-catchments'],
  });
  t.match(routeTo(place, [near, own]), { centreId: 'own', flags: [] }, 'without an outline by its sub-district');
  t.match(
    routeTo(place, [near, { ...own, outlineArea: 1 }]),
    { centreId: 'near', flags: ['catchment-gap'] },
    'an outline that ends before the place has no claim to it',
  );
  t.match(routeTo({ ...place, position: null }, [near, centre('filed', 116.5)]), {
    centreId: 'filed',
    flags: ['place-unknown'],
  });
  t.match(routeTo(place, []), { centreId: 'filed', flags: ['nobody-at-desk'] }, 'somebody the registry names');
  t.match(routeTo({ ...place, filedCentreId: null }, []), { centreId: null, order: [], flags: ['no-centre'] });
  t.match(routeTo(place, [{ ...own, attended: false }]).flags, ['nobody-at-desk']);
});

t.test('when to suggest a search', async (t) => {
  const alarm = (answers = {}) => suggestLocate('one-key', { code: 'device-alarm', answers });
  t.match(alarm(), { why: 'silent-press' });
  t.match(alarm({ answer: 'no-answer' }), { why: 'callback-unanswered', reason: 'callback-unanswered' });
  t.match(alarm({ conscious: 'unknown' }), { why: 'silent-press' });
  t.equal(alarm({ answer: 'needs-help' }), null);
  t.equal(alarm({ conscious: 'yes' }), null);
  t.match(suggestLocate('phone', { code: 'silent-call' }), { why: 'silent-call' });
  t.equal(suggestLocate('phone', { code: 'chest-pain' }), null);
  t.equal(suggestLocate('phone', { code: 'device-alarm' }), null, 'somebody rang about a device');
});

t.test('whose answer stands', async (t) => {
  const holder = { centreId: 'c', person: 'p' };
  const by = (
    centreId: string,
    person: string | null,
    status: 'accepted' | 'answered' | 'closed' | 'escalated' = 'accepted',
  ) => judgeAnswer({ status, holder, by: { centreId, person } });
  t.equal(by('c', 'p'), 'stands');
  t.equal(by('c', 'p', 'escalated'), 'stands', 'late, and nobody else took it');
  t.equal(by('c', 'q'), 'not-held');
  t.equal(by('c', null), 'not-held');
  t.equal(by('d', 'p'), 'not-held');
  t.equal(by('d', 'p', 'answered'), 'comment');
  t.equal(by('c', 'p', 'closed'), 'over');
  t.equal(judgeAnswer({ status: 'requested', holder: null, by: holder }), 'not-held');
  const at = (lon: number) => ({ lon, lat: 39.9, crs: 'wgs84' as const });
  t.equal(metresFromKnown(at(116), []), null, 'nothing known: nothing to be far from');
  t.equal(metresFromKnown(at(116), [{ position: at(116.001), radiusMetres: 100 }, { position: null }]), 0);
  t.ok((metresFromKnown(at(116.5), [{ position: at(116) }]) ?? 0) > 40_000);
});
