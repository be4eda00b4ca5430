/** Shapes out of nodes: the middle of a building, the rings of an administrative area. */
import type { Position as GeoPosition, MultiPolygon } from 'geojson';
import type { Coordinates } from './coordinates.ts';

/** The mean of the points; null of none. */
export function middleOf(points: readonly (readonly [number, number])[]): readonly [number, number] | null {
  // The outline of a building comes back to its first node, which must not count twice.
  const [start, end] = [points[0], points.at(-1)];
  const own =
    points.length > 1 && start && end && start[0] === end[0] && start[1] === end[1] ? points.slice(1) : points;
  if (own.length === 0) return null;
  const mean = (k: 0 | 1) => own.reduce((sum, point) => sum + point[k], 0) / own.length;
  return [mean(0), mean(1)];
}

/** Rings out of the ways of a relation, each an outline of its own; null where they do not close. */
export function outlineOf(
  ways: readonly number[],
  outlines: ReadonlyMap<number, readonly number[]>,
  nodes: Coordinates,
): MultiPolygon | null {
  const left = ways.flatMap((id) => {
    const refs = outlines.get(id);
    return refs && refs.length > 1 ? [[...refs]] : [];
  });
  if (left.length === 0 || left.length < ways.length) return null;
  const rings: GeoPosition[][] = [];
  for (let ring = left.pop(); ring; ring = left.pop()) {
    while (ring[0] !== ring.at(-1)) {
      const end = ring.at(-1);
      const next = left.findIndex((way) => way[0] === end || way.at(-1) === end);
      if (next < 0) return null;
      const [way] = left.splice(next, 1) as [number[]];
      ring.push(...(way[0] === end ? way : way.reverse()).slice(1));
    }
    const points = nodes.known(ring);
    if (points.length < ring.length || ring.length < 4) return null;
    rings.push(points.map(([lon, lat]) => [lon, lat]));
  }
  // Holes are outlines within outlines: PostGIS' ST_MakeValid and the even-odd rule of the store sort them out.
  return { type: 'MultiPolygon', coordinates: rings.map((ring) => [ring]) };
}
