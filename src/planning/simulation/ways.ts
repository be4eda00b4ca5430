/** Where a unit is while it drives to a station: places passed on the way, found from drive times alone, whatever they come from. */
import type { City } from './city.ts';

/** Places kept of each way, the first where it begins. */
export const WAY_STEPS = 8;

/**
 * For each place, station and step the place passed then: of all places the one whose drives from the start and on to
 * the station come nearest to their shares of the whole. On a road network that is a place along the quickest way, to
 * within the spacing of the places.
 */
export function waysOf({ points, seconds, stations }: City): Int32Array {
  const n = points.length;
  const ways = new Int32Array(n * stations.length * WAY_STEPS);
  stations.forEach(({ point: end }, station) => {
    const onward = Float32Array.from({ length: n }, (_, p) => seconds[p * n + end] as number);
    for (let start = 0; start < n; start++) {
      const whole = onward[start] as number;
      const at = (start * stations.length + station) * WAY_STEPS;
      ways.fill(start, at, at + WAY_STEPS);
      if (!Number.isFinite(whole)) continue;
      for (let step = 1; step < WAY_STEPS; step++) {
        const gone = (whole * step) / WAY_STEPS;
        let best = Infinity;
        for (let p = 0; p < n; p++) {
          const off =
            Math.abs((seconds[start * n + p] as number) - gone) + Math.abs((onward[p] as number) - (whole - gone));
          if (off < best) {
            best = off;
            ways[at + step] = p;
          }
        }
      }
    }
  });
  return ways;
}
