/** Filing a whole registry: how fast, and how much memory it takes on the way. */
import type { Ground } from './ground.ts';
import { judged, type ResultRow, round } from './rows.ts';

const LEAST_PER_SECOND = 5_000;

export async function benchImport(ground: Ground, { residents }: { readonly residents: number }): Promise<ResultRow[]> {
  const { filing } = await ground.registry(residents);
  const conditions = `${filing.filed} residents from an NDJSON file into an empty registry, fsync on, in a process of its own that shares the processors with PostgreSQL`;
  const row = (figure: string, unit: string, value: number): ResultRow => {
    return { benchmark: 'import', figure, value: round(value), unit, conditions };
  };
  return [
    judged(row('residents filed', 'a second', filing.filed / filing.seconds), { atLeast: LEAST_PER_SECOND }),
    row('resident memory at its peak', 'MB', filing.peakMegabytes),
    row('memory grown after the first tenth', 'MB', filing.peakMegabytes - filing.warmMegabytes),
  ];
}
