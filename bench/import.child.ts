/** Files an NDJSON registry by the import and says how fast, in a process of its own so that its memory is its own. */
import { createReadStream } from 'node:fs';
import { openPool } from '../src/database/pool.ts';
import { createSeal } from '../src/database/seal.ts';
import { importResidents } from '../src/operations/import-residents.ts';
import { loadProtocol } from '../src/requirement/load.ts';
import { systemClock } from '../src/system.ts';
import { keys, residentMegabytes } from './ground.ts';

export interface Filing {
  readonly filed: number;
  readonly seconds: number;
  readonly startMegabytes: number;
  /** After the first tenth, when code is compiled and buffers stand. */
  readonly warmMegabytes: number;
  readonly peakMegabytes: number;
}

const [file = '', expected = ''] = process.argv.slice(2);
const db = openPool(process.env.DATABASE_URL as string);
const deps = { db, seal: createSeal(keys.identityKey), clock: systemClock, protocol: loadProtocol() };
await db.query('SELECT 1');

const startMegabytes = residentMegabytes('self');
let warmMegabytes = 0;
let peakMegabytes = startMegabytes;
const started = performance.now();
const { filed, refused, refusals } = await importResidents(deps, createReadStream(file), {
  onProgress: (lines) => {
    const now = residentMegabytes('self');
    peakMegabytes = Math.max(peakMegabytes, now);
    if (lines * 10 <= Number(expected)) warmMegabytes = peakMegabytes;
  },
});
const seconds = (performance.now() - started) / 1000;
await db.end();
if (refused) throw new Error(`refused ${refused}, the first: ${refusals[0]?.detail}`);
console.log(JSON.stringify({ filed, seconds, startMegabytes, warmMegabytes, peakMegabytes } satisfies Filing));
