/** A file brought in line by line: a bar while it runs, the refusals by line, and broken off it goes on where it stopped. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { SingleBar } from 'cli-progress';
import type { Executor } from '../database/pool.ts';
import type { ImportOptions, ImportReport } from '../operations/import-lines.ts';
import { findImport, forgetImport, markImport } from '../residents/store.ts';
import { systemClock } from '../system.ts';

/** Exit code 2 where a line was refused. */
export async function importFile(
  db: Executor,
  file: string,
  bringIn: (source: AsyncIterable<Uint8Array>, options: ImportOptions) => Promise<ImportReport>,
): Promise<void> {
  const { size } = await stat(file);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const fileHash = hash.digest('hex');
  const skipLines = await findImport(db, fileHash);
  if (skipLines) console.log(`going on after line ${skipLines}, where an earlier import of this file stopped`);

  const bar = new SingleBar({
    format: '[{bar}] {percentage}% · {value} of {total} MB · {filed} filed · {refused} refused · {eta_formatted} left',
    noTTYOutput: true,
    notTTYSchedule: 5_000,
  });
  const megabytes = (bytes: number) => Math.round(bytes / 100_000) / 10;
  const source = createReadStream(file, { highWaterMark: 1 << 20 });
  const started = Date.now();
  bar.start(megabytes(size), 0, { filed: 0, refused: 0 });
  const report = await bringIn(source, {
    skipLines,
    mark: (tx, linesDone) => markImport(tx, fileHash, linesDone, systemClock.now()),
    onProgress: (_lines, { filed, refused }) => bar.update(megabytes(source.bytesRead), { filed, refused }),
  });
  bar.update(megabytes(size), { filed: report.filed, refused: report.refused });
  bar.stop();
  await forgetImport(db, fileHash);

  for (const { line, code, detail } of report.refusals) console.error(`line ${line}: ${code}: ${detail}`);
  const unlisted = report.refused - report.refusals.length;
  if (unlisted > 0) console.error(`… and ${unlisted} more`);
  const seconds = (Date.now() - started) / 1000;
  console.log(
    `${report.filed} filed, ${report.refused} refused in ${seconds.toFixed(1)} s (${Math.round(report.filed / seconds)} a second)`,
  );
  if (report.refused > 0) process.exitCode = 2;
}
