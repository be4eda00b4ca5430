/** `npm run import:osm -- FILE.osm[.gz|.pbf] [--area-level 8]`: a city's roads and places, in the place of the last. */
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { contains } from '../domain/position.ts';
import { type CityReport, type ImportStep, importCity } from '../operations/import-city.ts';
import { systemClock } from '../system.ts';
import { runCommand } from './run.ts';

const USAGE = 'usage: npm run import:osm -- FILE.osm[.gz|.pbf] [--area-level 8]';
const ATTRIBUTION = 'Data © OpenStreetMap contributors, ODbL 1.0: name them wherever it is shown.';
const { file, areaLevel } = readArguments();
const words: Readonly<Record<ImportStep, string>> = { read: 'reading', prepare: 'preparing', store: 'storing' };

await runCommand(async (config, { db }) => {
  const started = Date.now();
  const bar = new SingleBar({
    format: '[{bar}] {percentage}% · {step}',
    noTTYOutput: true,
    notTTYSchedule: 5_000,
    hideCursor: true,
  });
  let report: CityReport;
  bar.start(1000, 0, { step: words.read });
  try {
    // Reading and preparing take about as long as each other; storing is the rest.
    const begins: Readonly<Record<ImportStep, number>> = { read: 0, prepare: 450, store: 900 };
    const takes: Readonly<Record<ImportStep, number>> = { read: 450, prepare: 450, store: 100 };
    const progress = (step: ImportStep, share: number) =>
      bar.update(Math.round(begins[step] + share * takes[step]), { step: words[step] });
    report = await importCity({ db, dataDir: config.dataDir }, file, { areaLevel, progress }, systemClock.now());
  } finally {
    bar.stop();
  }
  say(report, (Date.now() - started) / 1000);
  const { west, south, east, north } = report.bounds;
  const middle = { lon: (west + east) / 2, lat: (south + north) / 2, crs: 'wgs84' } as const;
  if (!contains(config.serviceArea, middle))
    console.error('the middle of this extract lies outside SERVICE_AREA: calls from there will be flagged');
});

function say(report: CityReport, seconds: number): void {
  const { cutOff, places } = report;
  if (report.resumed) console.log('went on from what an earlier import of this file had prepared');
  console.log(
    `${report.roads} roads between ${report.junctions} junctions, ${Math.round(report.graphBytes / 1e5) / 10} MB prepared; ` +
      `${cutOff.nodes} junctions and ${cutOff.edges} roads left out: one cannot get there and away again`,
  );
  const kinds = Object.entries(places).map(([kind, count]) => `${count} ${kind}`);
  console.log(`places: ${kinds.join(', ') || 'none'}; ${report.addresses} addresses; ${report.areas} sub-districts`);
  if (report.missingNodes)
    console.error(
      `${report.missingNodes} nodes are not in the file (a clipped extract): ${report.clippedWays} roads kept up to there, ${report.lostWays} lost`,
    );
  if (report.areasKept) console.error(`${report.areasKept} outlines stand as they were filed from elsewhere`);
  for (const name of report.openAreas) console.error(`outline not closed in this extract: ${name}`);
  if (report.placesWithoutPosition) console.error(`${report.placesWithoutPosition} places have no node in the file`);
  console.log(`done in ${seconds.toFixed(1)} s; a running service takes it over within seconds. ${ATTRIBUTION}`);
}

function readArguments(): { file: string; areaLevel: number } {
  try {
    const { values, positionals } = parseArgs({
      options: { 'area-level': { type: 'string', default: '8' } },
      allowPositionals: true,
    });
    const level = Number(values['area-level']);
    if (positionals.length === 1 && Number.isInteger(level) && level >= 2 && level <= 11)
      return { file: positionals[0] as string, areaLevel: level };
  } catch {
    // said below
  }
  console.error(USAGE);
  return process.exit(1);
}
