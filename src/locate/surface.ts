/** The posterior as an area: hexagons with the share of likelihood in each, for a map. Pure. */
import type { FeatureCollection, Polygon } from 'geojson';
import { cellToBoundary, cellToLatLng, getHexagonEdgeLengthAvg, gridDisk, latLngToCell, UNITS } from 'h3-js';
import type { Position } from '../domain/position.ts';
import { type Fix, fixLikelihood, sigmaMetres } from './fuse.ts';

export interface PlacedShare {
  readonly position: Position | null;
  readonly confidence: number;
}

export type Surface = FeatureCollection<Polygon, { readonly confidence: number }>;

/** H3 resolutions from cells of a building (about 9 m an edge) to cells of a block (about 66 m). */
const FINEST = 12;
const COARSEST = 10;
const CELLS_AT_MOST = 400;
/** Cells beyond this share of everything are not worth drawing. */
const LEAST_SHARE = 0.0005;
const SPREAD_SIGMAS = 2.5;

/**
 * Doors lie in their cell; `elsewhere` lies where the fixes say, by the same density that judged the doors. Shares sum
 * to what can be placed on a map at all.
 */
export function surfaceOf(places: readonly PlacedShare[], elsewhere: number, fixes: readonly Fix[]): Surface {
  const sharpest = fixes.reduce<Fix | null>(
    (best, fix) => (best === null || sigmaMetres(fix) < sigmaMetres(best) ? fix : best),
    null,
  );
  const resolution = resolutionFor(sharpest);
  const shares = new Map<string, number>();
  const add = (cell: string, share: number) => shares.set(cell, (shares.get(cell) ?? 0) + share);
  for (const { position, confidence } of places)
    if (position) add(latLngToCell(position.lat, position.lon, resolution), confidence);
  if (sharpest) {
    const rings = ringsFor(sharpest, resolution);
    const around = gridDisk(latLngToCell(sharpest.position.lat, sharpest.position.lon, resolution), rings);
    const densities = around.map((cell) => {
      const [lat, lon] = cellToLatLng(cell);
      return fixes.reduce((product, fix) => product * fixLikelihood(fix, { lat, lon, crs: 'wgs84' }), 1);
    });
    const total = densities.reduce((sum, density) => sum + density, 0);
    for (const [i, cell] of around.entries()) add(cell, (elsewhere * (densities[i] as number)) / total);
  }
  const drawn = [...shares].filter(([, share]) => share >= LEAST_SHARE).sort(([, a], [, b]) => b - a);
  return {
    type: 'FeatureCollection',
    features: drawn.slice(0, CELLS_AT_MOST).map(([cell, share]) => ({
      type: 'Feature',
      id: cell,
      properties: { confidence: Number(share.toFixed(4)) },
      geometry: {
        type: 'Polygon',
        coordinates: [cellToBoundary(cell, true).map(([lon, lat]) => [round(lon), round(lat)])],
      },
    })),
  };
}

function resolutionFor(fix: Fix | null): number {
  if (!fix) return FINEST;
  for (let resolution = FINEST; resolution > COARSEST; resolution--) {
    const rings = ringsFor(fix, resolution);
    if (1 + 3 * rings * (rings + 1) <= CELLS_AT_MOST) return resolution;
  }
  return COARSEST;
}

/** Rings of cells that reach as far as the fix can be believed; a very wide one is cut at what a map shows. */
function ringsFor(fix: Fix, resolution: number): number {
  const stepMetres = getHexagonEdgeLengthAvg(resolution, UNITS.m) * Math.sqrt(3);
  return Math.min(11, Math.max(1, Math.ceil((SPREAD_SIGMAS * sigmaMetres(fix)) / stepMetres)));
}

const round = (degrees: number | undefined) => Math.round((degrees ?? 0) * 1e6) / 1e6;
