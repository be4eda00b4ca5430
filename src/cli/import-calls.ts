/** `npm run import:calls -- FILE.ndjson`: brings in past calls; broken off, it goes on where it stopped. */
import { importCalls } from '../operations/import-calls.ts';
import { systemClock } from '../system.ts';
import { importFile } from './import-file.ts';
import { fileArgument, runCommand } from './run.ts';

const file = fileArgument('npm run import:calls -- FILE.ndjson');

await runCommand((_config, { db }) =>
  importFile(db, file, (source, options) => importCalls({ db, clock: systemClock }, source, options)),
);
