/** Travel times about a place, asked for before the deciding begins: the deciding itself waits for nobody. */
import type { Deps } from '../deps.ts';
import type { Position } from '../domain/position.ts';

/**
 * What decides about a place, with the travel times of the router asked first where there is one (`OSRM_URL`), else at
 * once. Never fails. A place that only the caller's file tells is known too late to ask: the roads here answer for it.
 */
export function judgesAbout(deps: Deps, place: Position | null): Deps | Promise<Deps> {
  const { osrm, roster } = deps;
  if (!osrm || !place) return deps;
  const units = roster.units.flatMap(({ position }) => position ?? []);
  const hospitals = roster.hospitals.map(({ position }) => position);
  return osrm.about(place, units, hospitals).then((travel) => ({ ...deps, travel }));
}
