/** What idle units can cover: places of demand, stations and the worth of a drive between them, gathered by sets of stations. Pure. */

/**
 * To a place of demand only its nearest station matters, then its two nearest, and so on: how many units wait within
 * each of these sets. Places share them, so there are a tenth of as many sets as places and ranks on both cities tried
 * (in a plane they are the cells of Voronoi diagrams of every order). Kinds of need stand apart, as a unit that lacks
 * what a patient needs covers nobody of that kind.
 */
export interface CoverModel {
  readonly stations: number;
  readonly kinds: number;
  /** Probability that an idle unit is taken when it is asked for: the busy fraction of MEXCLP. Above 0, below 1. */
  readonly busy: number;
  /** Each set is an earlier one, or none (−1), and one station more. */
  readonly smaller: Int32Array;
  readonly station: Int32Array;
  /** Station × set: the station is in it. */
  readonly holds: Uint8Array;
  /** Station → the set of it alone; −1 where it is nobody's nearest. */
  readonly alone: Int32Array;
  /** Kind × set: what a unit within it is worth over the nearest one outside, of all expected calls whose set it is. */
  readonly worth: Float64Array;
}

export interface PlacesOfDemand {
  readonly nodes: number;
  readonly stations: number;
  readonly kinds: number;
  /** Kind × node: expected calls; the sum of all is 1. */
  readonly weight: Float64Array;
}

/** `worthOf` a drive of so many seconds is 0 to 1: never more for a longer one, nothing for one without end. */
export function coverModel(
  { nodes, stations, kinds, weight }: PlacesOfDemand,
  busy: number,
  driveSeconds: (station: number, node: number) => number,
  worthOf: (seconds: number) => number,
): CoverModel {
  const numberOf = new Map<string, number>();
  const smaller: number[] = [];
  const station: number[] = [];
  const members: (readonly number[])[] = [];
  const worth: Float64Array[] = [];
  for (let node = 0; node < nodes; node++) {
    const nearest = Array.from({ length: stations }, (_, each) => ({ each, seconds: driveSeconds(each, node) }));
    nearest.sort((a, b) => a.seconds - b.seconds || a.each - b.each);
    let within: readonly number[] = [];
    let before = -1;
    for (const [rank, { each, seconds }] of nearest.entries()) {
      const here = worthOf(seconds);
      if (here === 0) break;
      within = [...within, each].sort((a, b) => a - b);
      const known = numberOf.get(within.join());
      const set = known ?? members.push(within) - 1;
      if (known === undefined) {
        numberOf.set(within.join(), set);
        smaller.push(before);
        station.push(each);
        worth.push(new Float64Array(kinds));
      }
      const outside = nearest[rank + 1];
      const over = here - (outside ? worthOf(outside.seconds) : 0);
      const ofKind = worth[set] as Float64Array;
      for (let kind = 0; kind < kinds; kind++)
        ofKind[kind] = (ofKind[kind] as number) + (weight[kind * nodes + node] as number) * over;
      before = set;
    }
  }
  const sets = members.length;
  const holds = new Uint8Array(stations * sets);
  const alone = new Int32Array(stations).fill(-1);
  for (const [set, within] of members.entries()) {
    for (const each of within) holds[each * sets + set] = 1;
    if (within.length === 1) alone[station[set] as number] = set;
  }
  return {
    stations,
    kinds,
    busy,
    smaller: Int32Array.from(smaller),
    station: Int32Array.from(station),
    holds,
    alone,
    worth: Float64Array.from({ length: kinds * sets }, (_, i) => worth[i % sets]?.[Math.floor(i / sets)] ?? 0),
  };
}
