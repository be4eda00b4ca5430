/** What every row of `results.json` has, whatever was measured. */
import type { Test } from 'tap';
import type { ResultRow } from '../../bench/rows.ts';

export function checkRows(t: Test, rows: readonly ResultRow[], benchmark: string): void {
  t.ok(rows.length > 0, `${benchmark} measures something`);
  for (const row of JSON.parse(JSON.stringify(rows)) as ResultRow[]) {
    t.equal(row.benchmark, benchmark);
    for (const text of [row.figure, row.unit, row.conditions]) t.ok(typeof text === 'string' && text.length > 0);
    t.ok(Number.isFinite(row.value), `${row.figure}: ${row.value}`);
    t.equal(row.floor === undefined, row.ratio === undefined, 'a ratio has a floor');
    if (row.ratio !== undefined) t.ok(Number.isFinite(row.ratio));
  }
}
