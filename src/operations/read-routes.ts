/** The ways units take to a call, as lines for a map; decided nothing by, so asked for only when somebody looks. */
import { findCall, findUnitsOn } from '../calls/store.ts';
import type { Deps } from '../deps.ts';
import { Problem } from '../domain/errors.ts';
import type { Position } from '../domain/position.ts';
import type { TravelBasis } from '../domain/vocabulary.ts';

export interface RouteView {
  readonly unitId: string;
  readonly etaSeconds: number;
  readonly basis: TravelBasis;
  readonly points: readonly Position[];
}

const ON_THE_WAY: readonly string[] = ['notified', 'en-route'];

/** Of the units on their way there, and of `unitId`, which may be sent. Throws `not-found`. */
export async function readRoutes(deps: Deps, callId: string, unitId: string | null): Promise<RouteView[]> {
  const row = await findCall(deps.db, callId);
  if (!row) throw new Problem('not-found');
  if (row.lon === null || row.lat === null) return [];
  const to: Position = { lon: row.lon, lat: row.lat, crs: 'wgs84' };
  const on = (await findUnitsOn(deps.db, [callId])).get(callId) ?? [];
  await deps.lookUp({ keys: [], residentId: null, position: null, nearbyHomes: false }); // units as they are now
  const asked = on.filter(({ status }) => ON_THE_WAY.includes(status)).map((each) => each.unitId);
  if (unitId !== null && !asked.includes(unitId)) asked.push(unitId);
  const now = deps.clock.now();
  return asked.flatMap((id) => {
    const from = deps.roster.unit(id)?.position;
    if (!from) return [];
    const { seconds, basis, points } = deps.travel.route(from, to, now);
    return [{ unitId: id, etaSeconds: Math.round(seconds), basis, points }];
  });
}
