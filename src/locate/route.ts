/** Which community health centre a place belongs to, and who comes after it. Pure. */
import type { Position } from '../domain/position.ts';
import { distanceMetres } from '../domain/position.ts';

export interface Centre {
  readonly centreId: string;
  readonly position: Position;
  readonly subdistrictCode: string | null;
  /** Size of its outline; null where it has none and goes by its sub-district. */
  readonly outlineArea: number | null;
  /** Somebody has its desk page open, or it is told in another way. */
  readonly attended: boolean;
}

export interface Place {
  readonly position: Position | null;
  readonly subdistrictCode: string | null;
  /** Centres whose outline holds it. */
  readonly heldBy: ReadonlySet<string>;
  /** The centre filed for whoever is looked for. */
  readonly filedCentreId: string | null;
}

export interface Route {
  /** Null: there is no centre at all, or nothing is known of the place. */
  readonly centreId: string | null;
  /** All centres in the order in which they are asked; the first is `centreId`. */
  readonly order: readonly string[];
  readonly flags: readonly RouteFlag[];
}

const routeFlags = ['catchment-gap', 'overlapping-catchments', 'place-unknown', 'no-centre', 'nobody-at-desk'] as const;
export type RouteFlag = (typeof routeFlags)[number];

/**
 * The centre whose catchment holds the place: by its outline (of several that overlap the smallest, as the most
 * particular), else by the sub-district, else the nearest, flagged as a gap. Where the place is not known, the centre
 * filed for the resident. The others follow by distance.
 */
export function routeTo(place: Place, centres: readonly Centre[]): Route {
  const { position } = place;
  const metres = new Map(centres.map((centre) => [centre, position ? distanceMetres(centre.position, position) : 0]));
  const byDistance = [...centres].sort(
    (a, b) => (metres.get(a) ?? 0) - (metres.get(b) ?? 0) || compare(a.centreId, b.centreId),
  );
  const flags: RouteFlag[] = position ? [] : ['place-unknown'];
  const filed = centres.find(({ centreId }) => centreId === place.filedCentreId);

  let first: Centre | undefined;
  if (position) {
    const outlined = byDistance.filter(({ centreId }) => place.heldBy.has(centreId));
    if (outlined.length > 1) flags.push('overlapping-catchments');
    first = outlined.sort((a, b) => (a.outlineArea ?? 0) - (b.outlineArea ?? 0))[0];
    // An outline says where a centre's catchment ends, so one that does not hold the place has no claim by sub-district.
    first ??= byDistance.find(
      (centre) =>
        centre.outlineArea === null &&
        centre.subdistrictCode !== null &&
        centre.subdistrictCode === place.subdistrictCode,
    );
    if (!first && byDistance.length) flags.push('catchment-gap');
    first ??= byDistance[0];
  } else first = filed;
  // A centre the registry names and nobody described is still somebody to ask.
  const centreId = first?.centreId ?? place.filedCentreId;
  if (centreId === null) return { centreId, order: byDistance.map(idOf), flags: [...flags, 'no-centre'] };
  if (!first?.attended) flags.push('nobody-at-desk');
  return { centreId, order: [centreId, ...byDistance.map(idOf).filter((each) => each !== centreId)], flags };
}

const idOf = ({ centreId }: Centre) => centreId;
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
