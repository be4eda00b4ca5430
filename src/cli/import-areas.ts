/** `npm run import:areas -- FILE.geojson`: loads sub-district outlines, all or none. */
import { readFile } from 'node:fs/promises';
import { inTransaction } from '../database/pool.ts';
import { readAreas } from '../fleet/import-areas.ts';
import { placeAnew, putArea } from '../fleet/store.ts';
import { fileArgument, runCommand } from './run.ts';

const file = fileArgument('npm run import:areas -- FILE.geojson');

await runCommand(async (_config, { db }) => {
  const read = readAreas(parse(await readFile(file, 'utf8')));
  if ('problems' in read) throw new Error(read.problems.map((p) => `${p.field}: ${p.detail}`).join('\n'));
  await inTransaction(db, async (tx) => {
    for (const area of read.areas) {
      if (!(await putArea(tx, area))) throw new Error(`${area.subdistrictCode}: the outline encloses nothing`);
    }
    await placeAnew(tx);
  });
  console.log(`${read.areas.length} sub-districts loaded`);
});

/** The parser's own words quote the file over several lines. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${file} is not JSON`, { cause });
  }
}
