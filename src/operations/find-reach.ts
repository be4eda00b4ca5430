/** The area that can be reached in some minutes from a unit, a place or a point. */
import type { Deps } from '../deps.ts';
import { Problem, refuseField } from '../domain/errors.ts';
import { type CoordinateSystem, type Position, toWgs84 } from '../domain/position.ts';
import type { Reach } from '../fleet/roads/reach.ts';
import { listPlaces, listUnits } from '../fleet/store.ts';

export interface ReachQuery {
  readonly unitId?: string;
  readonly placeId?: string;
  readonly lon?: number;
  readonly lat?: number;
  readonly crs?: CoordinateSystem;
  readonly minutes?: number;
}

/** The response target, for want of another. */
const MINUTES = 8;

/** Throws `invalid-field` where not exactly one start is named, `unknown-unit`, `not-found`. */
export async function findReach(
  deps: Pick<Deps, 'db' | 'roads' | 'clock'>,
  query: ReachQuery,
): Promise<Reach & { readonly from: Position; readonly minutes: number }> {
  const from = await startOf(deps, query);
  const { minutes = MINUTES } = query;
  const reach = await deps.roads.reach({ from, seconds: minutes * 60, at: deps.clock.now() });
  return { ...reach, from, minutes };
}

async function startOf({ db }: Pick<Deps, 'db'>, query: ReachQuery): Promise<Position> {
  const { unitId, placeId, lon, lat, crs = 'wgs84' } = query;
  const isPoint = lon !== undefined || lat !== undefined;
  if (Number(unitId !== undefined) + Number(placeId !== undefined) + Number(isPoint) !== 1)
    throw refuseField('unitId', 'or placeId or lon with lat: exactly one start is needed');
  if (unitId !== undefined) {
    const unit = (await listUnits(db)).find((each) => each.unitId === unitId);
    if (!unit) throw refuseField('unitId', 'is not a unit known here', 'unknown-unit');
    if (!unit.position) throw refuseField('unitId', 'has never said where it is');
    return unit.position;
  }
  if (placeId !== undefined) {
    const place = (await listPlaces(db, null)).find((each) => each.placeId === placeId);
    if (!place) throw new Problem('not-found', [{ field: 'placeId', detail: 'is not a place known here' }]);
    return place.position;
  }
  if (lon === undefined) throw refuseField('lon', 'is needed with lat');
  if (lat === undefined) throw refuseField('lat', 'is needed with lon');
  return toWgs84({ lon, lat, crs });
}
