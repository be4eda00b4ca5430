/** Precision and recall on an invented population stay above floors set a little below what was measured. */
import t from 'tap';
import { measureMatchQuality, precision, recall } from '../../../bench/match-quality.ts';

// Measured with 100,000 residents and 20,000 calls: see bench/match-quality.ts. The floors leave room for another seed.
t.test('matching an invented population', async (t) => {
  const { all } = measureMatchQuality({ residents: 10_000, calls: 4000, seed: 11 });
  const [p, r] = [precision(all), recall(all)];
  t.comment(
    `precision ${p.match.toFixed(4)} / ${p.possible.toFixed(4)}, recall ${r.match.toFixed(4)} / ${r.possible.toFixed(4)}`,
  );
  t.ok(p.match >= 0.99, 'a match is the patient');
  t.ok(r.match >= 0.52, 'matched where somebody filed is the patient');
  t.ok(r.possible >= 0.77, 'shown where somebody filed is the patient');
  t.ok(r.possible / (all.reachable / all.filed) >= 0.95, 'shown where the right one was among the candidates');
  t.ok(p.possible >= 0.85, 'a list that is shown holds the patient');
});
