/** Loads the demonstration district by the same operations a centre files by. */
import { inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import type { Instant } from '../domain/time.ts';
import { prepareGraph } from '../fleet/roads/prepare/prepare.ts';
import { newestGraph, putGraph } from '../fleet/roads/store.ts';
import { putArea, putPlace, putUnit } from '../fleet/store.ts';
import { dutyContext, putDuty } from '../locate/desk-store.ts';
import { importCalls } from '../operations/import-calls.ts';
import { importResidents } from '../operations/import-residents.ts';
import { registerResponder } from '../operations/register-responder.ts';
import { inventDistrict } from './district.ts';
import { subdistricts } from './geography.ts';
import { inventPastCalls } from './past-calls.ts';
import { seededRandom } from './random.ts';
import { inventResponders } from './responders.ts';
import { inventStreets } from './streets.ts';

/** Apart from the district's own, so that a new responder changes nobody's home. */
const RESPONDERS_SEED = 20_250_709;
const PAST_SEED = 20_250_710;

export const sql = {
  /** Whether nothing is here but what an interrupted load left: units come last, so one of them says it was finished. */
  isEmpty: {
    name: 'demo.is-empty',
    text: `
      SELECT NOT EXISTS (SELECT FROM units)
         AND NOT EXISTS (SELECT FROM residents WHERE resident_id NOT LIKE 'demo-r-%') AS empty`,
  },
} as const;

/** Files the district where no resident and no unit is filed yet. Answers whether it did; run twice, it files once. */
export async function loadDistrict(
  deps: Pick<Deps, 'db' | 'seal' | 'clock' | 'protocol' | 'config'>,
  now: Instant,
): Promise<boolean> {
  const { rows } = await deps.db.query<{ empty: boolean }>(sql.isEmpty);
  if (!rows[0]?.empty) return false;
  const { areas, places, residents, units } = inventDistrict(now);
  await inTransaction(deps.db, async (tx) => {
    for (const area of areas) await putArea(tx, area);
    for (const place of places) await putPlace(tx, place);
  });
  const { refusals } = await importResidents(deps, linesOf(residents));
  if (refusals[0]) throw new Error(`the demonstration has a resident that is refused: ${refusals[0].detail}`);
  const past = inventPastCalls(seededRandom(PAST_SEED), { places, units, residents }, now);
  const brought = await importCalls(deps, linesOf(past));
  if (brought.refusals[0])
    throw new Error(`the demonstration has a past call that is refused: ${brought.refusals[0].detail}`);
  for (const responder of inventResponders(seededRandom(RESPONDERS_SEED), places))
    await registerResponder(deps, responder.responderId, responder);
  await inTransaction(deps.db, async (tx) => {
    for (const { code, name } of subdistricts) {
      // Numbers of a block the plan leaves to nobody in the demonstration.
      const duty = {
        name: `${name}值班室（虚构）`,
        phone: `010-5550 ${code.slice(-4)}`,
        policeName: `${name}派出所（虚构）`,
      };
      await putDuty(tx, code, deps.seal.close(duty, dutyContext(code)), []);
    }
    for (const unit of units) await putUnit(tx, unit, now);
  });
  return true;
}

/** Streets for the demonstration, where no city was imported. Answers whether it laid any. */
export async function loadStreets({ db }: Pick<Deps, 'db'>, now: Instant): Promise<boolean> {
  if (await newestGraph(db)) return false;
  const { graph } = prepareGraph(inventStreets());
  await inTransaction(db, (tx) => putGraph(tx, graph, { junctions: graph.nodeCount, roads: graph.edgeCount }, now));
  return true;
}

async function* linesOf(lines: readonly object[]): AsyncGenerator<Uint8Array> {
  for (const each of lines) yield Buffer.from(`${JSON.stringify(each)}\n`);
}
