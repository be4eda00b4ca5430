/** Loads the demonstration district by the same operations a centre files by, and keeps its crews reporting where they are. */
import { type Executor, inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import { putArea, putPlace, putUnit } from '../fleet/store.ts';
import { importResidents } from '../operations/import-residents.ts';
import type { Resident } from '../residents/schema.ts';
import { inventDistrict } from './district.ts';

/** Well below the half hour after which a position counts as stale. */
const REPORT_EVERY_MS = 60_000;

export const sql = {
  /** Whether nothing is here but what an interrupted load left: units come last, so one of them says it was finished. */
  isEmpty: {
    name: 'demo.is-empty',
    text: `
      SELECT NOT EXISTS (SELECT FROM units)
         AND NOT EXISTS (SELECT FROM residents WHERE resident_id NOT LIKE 'demo-r-%') AS empty`,
  },
  /** The invented crews on duty report that they are where they were. $1 when. */
  report: {
    name: 'demo.report',
    text: `
      UPDATE units SET position_at = $1, changed = pg_current_xact_id()
      WHERE unit_id LIKE 'demo-unit-%' AND status <> 'off-duty' AND lon IS NOT NULL`,
  },
} as const;

/** Files the district where no resident and no unit is filed yet. Answers whether it did; run twice, it files once. */
export async function loadDistrict(
  deps: Pick<Deps, 'db' | 'seal' | 'clock' | 'protocol'>,
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
  await inTransaction(deps.db, async (tx) => {
    for (const unit of units) await putUnit(tx, unit, now);
  });
  return true;
}

async function* linesOf(residents: readonly Resident[]): AsyncGenerator<Uint8Array> {
  for (const resident of residents) yield Buffer.from(`${JSON.stringify(resident)}\n`);
}

export async function reportPositions(db: Executor, now: Instant): Promise<void> {
  await db.query({ ...sql.report, values: [rfc3339(now)] });
}

/**
 * Has the invented crews report now and every minute, because without reports no arrival could be predicted after half
 * an hour, nor on a later start. Answers how to stop, which waits for a report under way: close the pool after it.
 */
export function keepUnitsReporting({ db, clock, log }: Pick<Deps, 'db' | 'clock' | 'log'>): () => Promise<void> {
  let underWay: Promise<void> = Promise.resolve();
  const report = () => {
    underWay = underWay
      .then(() => reportPositions(db, clock.now()))
      .catch((error: unknown) => log.warn({ err: error }, 'the demonstration units could not report'));
  };
  report();
  const timer = setInterval(report, REPORT_EVERY_MS);
  return () => {
    clearInterval(timer);
    return underWay;
  };
}
