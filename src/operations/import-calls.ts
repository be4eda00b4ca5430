/** Bringing in past calls: streamed, in batches, the good lines kept and the bad ones listed. */
import type { Deps } from '../deps.ts';
import { compileCheck } from '../domain/check.ts';
import { refuseField } from '../domain/errors.ts';
import { type FiledPastCall, filePastCall, PastCall } from '../planning/past-call.ts';
import { packPastDays } from '../planning/past-days-store.ts';
import { filePastCalls } from '../planning/past-store.ts';
import { type ImportOptions, type ImportReport, importLines } from './import-lines.ts';

const BATCH_LINES = 2_000;

const check = compileCheck(PastCall);

/** Files the past calls of an NDJSON stream, one a line, and packs their days for the planner who reads them first. */
export async function importCalls(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  source: AsyncIterable<Uint8Array>,
  options: ImportOptions = {},
): Promise<ImportReport> {
  const report = await importLines<FiledPastCall>(
    { db },
    source,
    {
      batchLines: BATCH_LINES,
      check,
      read(value) {
        const call = filePastCall(value as PastCall);
        if (call.receivedAt > clock.now()) throw refuseField('receivedAt', 'lies in the future', 'received-in-future');
        return call;
      },
      prepare: (calls) => (tx) => filePastCalls(tx, calls),
    },
    options,
  );
  await packPastDays(db);
  return report;
}
