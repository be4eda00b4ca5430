/** The match quality as result rows; how it is measured stands in `match-quality.ts`. */
import { measureMatchQuality, precision, recall } from './match-quality.ts';
import { type ResultRow, round } from './rows.ts';

export interface QualitySize {
  readonly residents: number;
  readonly calls: number;
  readonly seed: number;
}

export function benchQuality(size: QualitySize): ResultRow[] {
  const { all, microsecondsPerCandidate } = measureMatchQuality(size);
  const conditions = `${size.calls} invented calls with faults, 30 % about nobody filed, over ${size.residents} invented residents, seed ${size.seed}`;
  const row = (figure: string, unit: string, value: number): ResultRow => {
    return { benchmark: 'match-quality', figure, value: round(value), unit, conditions };
  };
  return [
    row('precision of match', 'share', precision(all).match),
    row('recall of match', 'share', recall(all).match),
    row('precision of possible', 'share', precision(all).possible),
    row('recall of possible', 'share', recall(all).possible),
    row('scoring', 'µs a candidate', microsecondsPerCandidate),
  ];
}
