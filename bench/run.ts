/**
 * `npm run bench [-- NAME…]`: every benchmark, or those named, on servers of their own; prints a table and writes
 * `bench/out/results.json`. `npm run bench -- load --target URL --token T` drives a running service instead.
 */
import { parseArgs } from 'node:util';
import { benchLinkage } from './care-linkage.ts';
import { benchClaims, claimsSize } from './claims.ts';
import { benchConsole, consoleSize } from './console.ts';
import { benchDecide } from './decide.ts';
import { benchEmbedded } from './embedded.ts';
import { Ground } from './ground.ts';
import { benchImport } from './import.ts';
import { benchLive, liveSize } from './live.ts';
import { benchLoad, driveTarget, loadSize } from './load.ts';
import { benchLocate, locateSize } from './locate.ts';
import { benchLocateQuality, locateQualitySize } from './locate-quality.ts';
import { benchMatch, matchSize } from './match.ts';
import { benchPlatform, platformSize } from './platform.ts';
import { benchPositions, positionsSize } from './positions.ts';
import { benchQuality } from './quality.ts';
import { benchRoads, roadsSize } from './roads.ts';
import { benchIntakeByRoad, benchOsmImport, intakeByRoadSize } from './roads-service.ts';
import { formatTable, type ResultRow, writeResults } from './rows.ts';
import { benchSimulate } from './simulate.ts';
import { benchSiting } from './siting.ts';
import { benchStatistics } from './statistics.ts';
import { benchWriteBack, writeBackSize } from './write-back.ts';

/** In this order, so that what takes longest comes last. */
const benchmarks: Readonly<Record<string, (ground: Ground) => Promise<ResultRow[]> | ResultRow[]>> = {
  decide: () => benchDecide({ decisions: 20_000 }),
  'match-quality': () => benchQuality({ residents: 100_000, calls: 20_000, seed: 1 }),
  simulate: () => benchSimulate({ days: 200, seed: 11 }),
  'care-linkage': () => benchLinkage({ outcomes: 10_000 }),
  'locate-quality': () => benchLocateQuality(locateQualitySize),
  embedded: (ground) => benchEmbedded(ground, { starts: 3 }),
  import: (ground) => benchImport(ground, { residents: loadSize.residents }),
  siting: () => benchSiting(),
  statistics: (ground) => benchStatistics(ground, { calls: 1_000_000, rounds: 5 }),
  live: (ground) => benchLive(ground, liveSize),
  console: (ground) => benchConsole(ground, consoleSize),
  positions: (ground) => benchPositions(ground, positionsSize),
  locate: (ground) => benchLocate(ground, locateSize),
  roads: async (ground) => [...(await benchRoads(ground, roadsSize)), ...(await benchOsmImport(ground))],
  'roads-intake': (ground) => benchIntakeByRoad(ground, intakeByRoadSize),
  claims: (ground) => benchClaims(ground, claimsSize),
  platform: (ground) => benchPlatform(ground, platformSize),
  'write-back': (ground) => benchWriteBack(ground, writeBackSize),
  load: (ground) => benchLoad(ground, loadSize),
  match: (ground) => benchMatch(ground, matchSize),
};

const usage = `usage: npm run bench [-- NAME…]   NAME: ${Object.keys(benchmarks).join(' ')}
       npm run bench -- load --target URL --token T`;

const { values, positionals } = readArguments();
const names = positionals.length ? positionals : Object.keys(benchmarks);
if (names.some((name) => !benchmarks[name])) stop();

const rows: ResultRow[] = [];
const ground = new Ground();
try {
  if (values.target) {
    if (names.join() !== 'load' || !values.token) stop();
    rows.push(...(await driveTarget(values.target, values.token, loadSize)));
  } else
    for (const name of names) {
      const started = Date.now();
      console.log(`${name} …`);
      rows.push(...((await benchmarks[name]?.(ground)) ?? []));
      console.log(`${name}: ${Math.round((Date.now() - started) / 1000)} s`);
    }
} finally {
  await ground.stop();
}
console.log(`\n${formatTable(rows)}\n\nwritten with their conditions to ${writeResults(rows)}`);

function readArguments() {
  try {
    return parseArgs({
      options: { target: { type: 'string' }, token: { type: 'string' } },
      allowPositionals: true,
    });
  } catch {
    return stop();
  }
}

function stop(): never {
  console.error(usage);
  process.exit(1);
}
