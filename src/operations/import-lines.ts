/** An NDJSON file read to its end: in batches, the good lines kept and the bad ones listed. What a line holds, the caller says. */
import { type Executor, inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { type FieldProblem, Problem } from '../domain/errors.ts';
import { type Line, readLines } from '../residents/import.ts';

const REFUSALS_LISTED = 1_000;

export interface Refusal {
  readonly line: number;
  readonly code: string;
  readonly detail: string;
}

export interface ImportReport {
  filed: number;
  refused: number;
  /** The first thousand; a file that is wrong throughout would otherwise fill memory. */
  refusals: Refusal[];
}

export interface ImportOptions {
  /** Lines already filed by an earlier run of the same file; read again, because that run ended without listing its refusals. */
  readonly skipLines?: number;
  /** Told after each batch is stored; written in its transaction by way of `mark`. */
  readonly onProgress?: (linesDone: number, report: Readonly<ImportReport>) => void;
  readonly mark?: (tx: Executor, linesDone: number) => Promise<void>;
}

export interface Lines<T> {
  /** Enough for a good rate, small enough that two batches in hand stay a few megabytes. */
  readonly batchLines: number;
  check(value: unknown): readonly FieldProblem[];
  /** What a line that passed the check files; throws a `Problem` that names its fields. */
  read(value: unknown): T;
  /** Makes a batch ready while the one before is being stored; what it answers stores it. */
  prepare(batch: readonly T[]): (tx: Executor) => Promise<void>;
}

/** Reads NDJSON to its end. One batch is prepared while the one before is being stored. */
export async function importLines<T>(
  { db }: Pick<Deps, 'db'>,
  source: AsyncIterable<Uint8Array>,
  lines: Lines<T>,
  options: ImportOptions,
): Promise<ImportReport> {
  const report: ImportReport = { filed: 0, refused: 0, refusals: [] };
  const skip = options.skipLines ?? 0;
  let batch: T[] = [];
  let lastLine = 0;
  let storing: Promise<void> = Promise.resolve();

  const store = async (filed: number, write: (tx: Executor) => Promise<void>, linesDone: number) => {
    await inTransaction(db, async (tx) => {
      if (filed > 0) await write(tx);
      await options.mark?.(tx, linesDone);
    });
    report.filed += filed;
    options.onProgress?.(linesDone, report);
  };
  const flush = async () => {
    const filed = batch.length;
    const write = lines.prepare(batch);
    batch = [];
    await storing;
    storing = store(filed, write, lastLine);
    storing.catch(() => {}); // awaited at the next flush; without this Node would call it unhandled in between
  };

  for await (const line of readLines(source)) {
    lastLine = line.number;
    const read = readLine(line, lines);
    if ('refusal' in read) {
      report.refused++;
      if (report.refusals.length < REFUSALS_LISTED) report.refusals.push(read.refusal);
    } else if (line.number > skip) batch.push(read.item);
    if (batch.length === lines.batchLines) await flush();
  }
  await flush();
  await storing;
  return report;
}

function readLine<T>(line: Line, { check, read }: Lines<T>): { item: T } | { refusal: Refusal } {
  const refuse = (code: string, detail: string) => ({ refusal: { line: line.number, code, detail } });
  const refuseFields = (code: string, fields: readonly FieldProblem[]) =>
    refuse(code, fields.map(({ field, detail }) => `${field}: ${detail}`).join('; '));
  if (line.text === null)
    return refuse('bad-request', line.fault === 'too-long' ? 'the line is too long' : 'the line is not UTF-8');
  let value: unknown;
  try {
    value = JSON.parse(line.text);
  } catch {
    return refuse('bad-request', 'the line is not JSON');
  }
  const problems = check(value);
  if (problems.length) return refuseFields('bad-request', problems);
  try {
    return { item: read(value) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return refuseFields(error.code, error.fields);
  }
}
