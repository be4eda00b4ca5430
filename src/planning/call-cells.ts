/** The H3 cell of calls taken here, found after the call was taken: intake waits for nothing planners need. */
import { latLngToCell } from 'h3-js';
import type { Executor } from '../database/pool.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';

/** Hexagons of resolution 9 are 0.1 km² (350 m across): finer than a minute's drive. */
export const DEMAND_RESOLUTION = 9;
const CALLS_A_TURN = 2_000;

const without = (calls: string) => `
  SELECT c.call_id, c.lon, c.lat FROM calls c
  WHERE ${calls} AND c.lon IS NOT NULL AND NOT EXISTS (SELECT FROM call_cells cc WHERE cc.call_id = c.call_id)`;

export const sql = {
  /** Calls with a place and no cell yet. $1 received from, $2 to (not included), $3 at most. */
  without: {
    name: 'call-cells.without',
    text: `${without('c.received_at >= $1 AND c.received_at < $2')} LIMIT $3`,
  },
  /** The same of calls that have not ended, whenever they were received. $1 at most. */
  liveWithout: {
    name: 'call-cells.live-without',
    text: `${without(`c.status NOT IN ('closed', 'cancelled')`)} LIMIT $1`,
  },
  /** $1 calls, $2 cells. A place that changed since makes no odds: it is looked at while the call lives. */
  set: {
    name: 'call-cells.set',
    text: `
      INSERT INTO call_cells (call_id, cell) SELECT * FROM unnest($1::text[], $2::bigint[]) AS c (call_id, cell)
      ON CONFLICT (call_id) DO NOTHING`,
  },
} as const;

/** Gives calls received from `from` on and before `to` their hexagon. */
export const findCells = (db: Executor, from: Instant, to: Instant): Promise<void> =>
  fill(db, { ...sql.without, values: [rfc3339(from), rfc3339(to), CALLS_A_TURN] });

/** Gives calls that have not ended their hexagon. */
export const findLiveCells = (db: Executor): Promise<void> => fill(db, { ...sql.liveWithout, values: [CALLS_A_TURN] });

async function fill(db: Executor, query: { name: string; text: string; values: unknown[] }): Promise<void> {
  for (let left = true; left; ) {
    const { rows } = await db.query<{ call_id: string; lon: number; lat: number }>(query);
    if (rows.length > 0) {
      const cells = rows.map(({ lat, lon }) => BigInt(`0x${latLngToCell(lat, lon, DEMAND_RESOLUTION)}`).toString());
      await db.query({ ...sql.set, values: [rows.map(({ call_id }) => call_id), cells] });
    }
    left = rows.length === CALLS_A_TURN;
  }
}
