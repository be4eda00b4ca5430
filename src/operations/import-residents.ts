/** Filing a whole registry: streamed, in batches, the good lines kept and the bad ones listed. */
import { inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { compileCheck } from '../domain/check.ts';
import type { Coded } from '../domain/coded.ts';
import { Problem } from '../domain/errors.ts';
import { groupsOfPatient } from '../requirement/concepts.ts';
import { type FiledResident, fileResident } from '../residents/file.ts';
import { type Line, readLines } from '../residents/import.ts';
import { Resident } from '../residents/schema.ts';
import { type Batch, countUnmapped, fileResidents, sealBatch } from '../residents/store.ts';

/** Enough for a good rate, small enough that two batches in hand stay a few megabytes. */
const BATCH_LINES = 500;
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
  readonly mark?: (tx: Parameters<Parameters<typeof inTransaction>[1]>[0], linesDone: number) => Promise<void>;
}

type ImportDeps = Pick<Deps, 'db' | 'seal' | 'clock' | 'protocol'>;

const check = compileCheck(Resident);

/** Reads NDJSON to its end. One batch is prepared while the one before is being stored. */
export async function importResidents(
  deps: ImportDeps,
  source: AsyncIterable<Uint8Array>,
  options: ImportOptions = {},
): Promise<ImportReport> {
  const report: ImportReport = { filed: 0, refused: 0, refusals: [] };
  const skip = options.skipLines ?? 0;
  let batch: FiledResident[] = [];
  let lastLine = 0;
  let storing: Promise<void> = Promise.resolve();

  const store = async (filed: number, sealed: Batch, unmapped: readonly Coded[], linesDone: number) => {
    await inTransaction(deps.db, async (tx) => {
      if (filed) {
        await countUnmapped(tx, unmapped);
        await fileResidents(tx, sealed);
      }
      await options.mark?.(tx, linesDone);
    });
    report.filed += filed;
    options.onProgress?.(linesDone, report);
  };
  const flush = async () => {
    const residents = batch;
    batch = [];
    const sealed = sealBatch(deps.seal, residents);
    const unmapped = residents.flatMap((resident) => unmappedOf(deps, resident));
    await storing;
    storing = store(residents.length, sealed, unmapped, lastLine);
    storing.catch(() => {}); // awaited at the next flush; without this Node would call it unhandled in between
  };

  for await (const line of readLines(source)) {
    lastLine = line.number;
    const read = readResidentLine(line, deps.clock.now());
    if ('refusal' in read) {
      report.refused++;
      if (report.refusals.length < REFUSALS_LISTED) report.refusals.push(read.refusal);
    } else if (line.number > skip) batch.push(read.resident);
    if (batch.length === BATCH_LINES) await flush();
  }
  await flush();
  await storing;
  return report;
}

const unmappedOf = (deps: ImportDeps, resident: FiledResident): readonly Coded[] =>
  groupsOfPatient(deps.protocol, resident.history ?? {}).unmapped;

function readResidentLine(line: Line, now: number): { resident: FiledResident } | { refusal: Refusal } {
  const refuse = (code: string, detail: string) => ({ refusal: { line: line.number, code, detail } });
  if (line.text === null)
    return refuse('bad-request', line.fault === 'too-long' ? 'the line is too long' : 'the line is not UTF-8');
  let value: unknown;
  try {
    value = JSON.parse(line.text);
  } catch {
    return refuse('bad-request', 'the line is not JSON');
  }
  const problems = check(value);
  if (problems.length) return refuse('bad-request', problems.map((p) => `${p.field}: ${p.detail}`).join('; '));
  try {
    return { resident: fileResident(value as Resident, now) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return refuse(error.code, error.fields.map((f) => `${f.field}: ${f.detail}`).join('; '));
  }
}
