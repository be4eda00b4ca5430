/** `npm run import:residents -- FILE.ndjson`: files a registry; broken off, it goes on where it stopped. */
import { createSeal } from '../database/seal.ts';
import { importResidents } from '../operations/import-residents.ts';
import { loadProtocol } from '../requirement/load.ts';
import { systemClock } from '../system.ts';
import { importFile } from './import-file.ts';
import { fileArgument, runCommand } from './run.ts';

const file = fileArgument('npm run import:residents -- FILE.ndjson');

await runCommand((config, { db }) => {
  const deps = {
    db,
    seal: createSeal(config.identityKey),
    clock: systemClock,
    protocol: loadProtocol(config.protocolDir ?? undefined),
  };
  return importFile(db, file, (source, options) => importResidents(deps, source, options));
});
