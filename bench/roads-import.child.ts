/** Imports an extract and says how long it took, in a process of its own so that its memory is its own. */
import { readFileSync } from 'node:fs';
import { openPool } from '../src/database/pool.ts';
import { importCity } from '../src/operations/import-city.ts';

export interface CityImport {
  readonly seconds: number;
  readonly peakMegabytes: number;
}

const [file = '', dataDir = ''] = process.argv.slice(2);
const db = openPool(process.env.DATABASE_URL as string);
const started = performance.now();
await importCity({ db, dataDir }, file, { areaLevel: 8 }, Date.now());
const seconds = (performance.now() - started) / 1000;
await db.end();
// The kernel's own high-water mark of this process: `maxRSS` begins with that of whoever started it.
const peakMegabytes = Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
console.log(JSON.stringify({ seconds, peakMegabytes } satisfies CityImport));
