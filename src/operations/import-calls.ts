/** Bringing in past calls: streamed, in batches, the good lines kept and the bad ones listed. */
import { inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { compileCheck } from '../domain/check.ts';
import { type FiledPastCall, filePastCall, PastCall } from '../planning/past-call.ts';
import { filePastCalls } from '../planning/past-store.ts';
import { type Line, readLines } from '../residents/import.ts';
import type { ImportOptions, ImportReport, Refusal } from './import-residents.ts';

const BATCH_LINES = 2_000;
const REFUSALS_LISTED = 1_000;

const check = compileCheck(PastCall);

/** Reads NDJSON to its end. One batch is read while the one before is being stored. */
export async function importCalls(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  source: AsyncIterable<Uint8Array>,
  options: ImportOptions = {},
): Promise<ImportReport> {
  const report: ImportReport = { filed: 0, refused: 0, refusals: [] };
  const skip = options.skipLines ?? 0;
  let batch: FiledPastCall[] = [];
  let lastLine = 0;
  let storing: Promise<void> = Promise.resolve();

  const store = async (calls: readonly FiledPastCall[], linesDone: number) => {
    await inTransaction(db, async (tx) => {
      if (calls.length > 0) await filePastCalls(tx, calls);
      await options.mark?.(tx, linesDone);
    });
    report.filed += calls.length;
    options.onProgress?.(linesDone, report);
  };
  const flush = async () => {
    const calls = batch;
    batch = [];
    await storing;
    storing = store(calls, lastLine);
    storing.catch(() => {}); // awaited at the next flush; without this Node would call it unhandled in between
  };

  for await (const line of readLines(source)) {
    lastLine = line.number;
    const read = readCallLine(line, clock.now());
    if ('refusal' in read) {
      report.refused++;
      if (report.refusals.length < REFUSALS_LISTED) report.refusals.push(read.refusal);
    } else if (line.number > skip) batch.push(read.call);
    if (batch.length === BATCH_LINES) await flush();
  }
  await flush();
  await storing;
  return report;
}

function readCallLine(line: Line, now: number): { call: FiledPastCall } | { refusal: Refusal } {
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
  const call = filePastCall(value as PastCall);
  return call.receivedAt > now ? refuse('received-in-future', 'receivedAt: lies in the future') : { call };
}
