/** Filing a whole registry: streamed, in batches, the good lines kept and the bad ones listed. */
import type { Deps } from '../deps.ts';
import { compileCheck } from '../domain/check.ts';
import { groupsOfPatient } from '../requirement/concepts.ts';
import { type FiledResident, fileResident } from '../residents/file.ts';
import { Resident } from '../residents/schema.ts';
import { countUnmapped, fileResidents, sealBatch } from '../residents/store.ts';
import { type ImportOptions, type ImportReport, importLines } from './import-lines.ts';

const BATCH_LINES = 500;

const check = compileCheck(Resident);

/** Files the residents of an NDJSON stream, one a line. */
export function importResidents(
  deps: Pick<Deps, 'db' | 'seal' | 'clock' | 'protocol'>,
  source: AsyncIterable<Uint8Array>,
  options: ImportOptions = {},
): Promise<ImportReport> {
  return importLines<FiledResident>(
    deps,
    source,
    {
      batchLines: BATCH_LINES,
      check,
      read: (value) => fileResident(value as Resident, deps.clock.now()),
      prepare(residents) {
        const sealed = sealBatch(deps.seal, residents);
        const unmapped = residents.flatMap(({ history }) => groupsOfPatient(deps.protocol, history ?? {}).unmapped);
        return async (tx) => {
          await countUnmapped(tx, unmapped);
          await fileResidents(tx, sealed);
        };
      },
    },
    options,
  );
}
