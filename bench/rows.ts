/** What a benchmark says: one row a figure, the same in the printed table and in `bench/out/results.json`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface ResultRow {
  readonly benchmark: string;
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  /** The same figure of the floor, measured in the same run. */
  readonly floor?: number;
  /** `value ÷ floor`, or what the figure is compared with. */
  readonly ratio?: number;
  /** What was asked of the ratio, or of the value where there is none: `≥ 0.6`. */
  readonly target?: string;
  readonly met?: boolean;
  /** Sizes, rounds and what shares the machine: what the figure holds for. */
  readonly conditions: string;
}

export type Bound = { readonly atLeast: number } | { readonly atMost: number };

/** A row judged by its ratio, or by its value where it has none. */
export function judged(row: ResultRow, bound: Bound): ResultRow {
  const judgedBy = row.ratio ?? row.value;
  return 'atLeast' in bound
    ? { ...row, target: `≥ ${bound.atLeast}`, met: judgedBy >= bound.atLeast }
    : { ...row, target: `≤ ${bound.atMost}`, met: judgedBy <= bound.atMost };
}

/** Three significant digits: more would claim what a shared machine cannot show. */
export const round = (value: number): number => Number(value.toPrecision(3));

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The smallest value that at least the share `q` of all values do not exceed. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
  if (at === undefined) throw new RangeError('no values');
  return at;
}

export function formatTable(rows: readonly ResultRow[]): string {
  const head = ['benchmark', 'figure', 'value', 'floor', 'ratio', 'target', ''];
  const lines = rows.map((row) => [
    row.benchmark,
    row.figure,
    `${row.value} ${row.unit}`,
    row.floor === undefined ? '' : `${row.floor} ${row.unit}`,
    row.ratio === undefined ? '' : String(row.ratio),
    row.target ?? '',
    row.met === undefined ? '' : row.met ? 'met' : 'MISSED',
  ]);
  const widths = head.map((_, i) => Math.max(...[head, ...lines].map((line) => (line[i] ?? '').length)));
  return [head, ...lines]
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const folder = fileURLToPath(new URL('out/', import.meta.url));

/** Answers where it was written. */
export function writeResults(rows: readonly ResultRow[]): string {
  mkdirSync(folder, { recursive: true });
  const file = `${folder}results.json`;
  writeFileSync(file, `${JSON.stringify(rows, null, 2)}\n`);
  return file;
}
