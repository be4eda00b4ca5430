/** Who covers whom, made smaller before anything is solved: equal and implied demand merged, sites that others outdo left out. */

export interface Cover {
  /** Sites that cover each point, ascending. */
  readonly by: readonly Int32Array[];
  /** Points each site covers, ascending. */
  readonly of: readonly Int32Array[];
}

/** @param covers whether `site` is within the standard of `point` */
export function coverOf(points: number, sites: number, covers: (point: number, site: number) => boolean): Cover {
  const by: Int32Array[] = [];
  const of: number[][] = Array.from({ length: sites }, () => []);
  for (let point = 0; point < points; point++) {
    const list: number[] = [];
    for (let site = 0; site < sites; site++)
      if (covers(point, site)) {
        list.push(site);
        of[site]?.push(point);
      }
    by.push(Int32Array.from(list));
  }
  return { by, of: of.map((list) => Int32Array.from(list)) };
}

/** Points that the same sites cover are one point with the weight of all. */
export function merged(by: readonly Int32Array[], weights: Float64Array): { by: Int32Array[]; weights: Float64Array } {
  const places = new Map<string, number>();
  const kept: Int32Array[] = [];
  const sums: number[] = [];
  for (const [point, list] of by.entries()) {
    const key = list.join();
    const place = places.get(key);
    if (place === undefined) {
      places.set(key, kept.push(list) - 1);
      sums.push(weights[point] as number);
    } else sums[place] = (sums[place] as number) + (weights[point] as number);
  }
  return { by: kept, weights: Float64Array.from(sums) };
}

/** Bits of a list of indices. */
export function bitsOf(list: Int32Array, size: number): Int32Array {
  const bits = new Int32Array(Math.ceil(size / 32));
  for (const each of list) bits[each >> 5] = (bits[each >> 5] as number) | (1 << (each & 31));
  return bits;
}

/** Whether all of `a` is in `b`. */
export function isWithin(a: Int32Array, b: Int32Array): boolean {
  for (let word = 0; word < a.length; word++) if ((a[word] as number) & ~(b[word] as number)) return false;
  return true;
}

/** Comparing all pairs is worth its time up to here. */
const PAIRS_COMPARED = 30_000_000;

/**
 * Marks the lists that all lie within another one's (`outdone`), of equals all but the first.
 * @param mayGo those that may be marked
 */
export function outdone(lists: readonly Int32Array[], size: number, mayGo: (list: number) => boolean): Uint8Array {
  const marks = new Uint8Array(lists.length);
  const words = Math.ceil(size / 32);
  if (lists.length ** 2 * Math.min(words, 4) > PAIRS_COMPARED) return marks;
  const bits = lists.map((list) => bitsOf(list, size));
  for (const [small, list] of lists.entries()) {
    if (!mayGo(small)) continue;
    for (const [large, other] of lists.entries()) {
      if (large === small || marks[large] || other.length < list.length) continue;
      if (other.length === list.length && mayGo(large) && large > small) continue;
      if (isWithin(bits[small] as Int32Array, bits[large] as Int32Array)) {
        marks[small] = 1;
        break;
      }
    }
  }
  return marks;
}

/** Points whose cover implies another's: whoever covers the shorter list covers the longer one's point as well. */
export function implied(by: readonly Int32Array[], sites: number): Uint8Array {
  const marks = new Uint8Array(by.length);
  if (by.length ** 2 * Math.min(Math.ceil(sites / 32), 4) > PAIRS_COMPARED) return marks;
  const bits = by.map((list) => bitsOf(list, sites));
  for (const [long, list] of by.entries())
    for (const [short, other] of by.entries()) {
      if (short === long || marks[short] || other.length > list.length) continue;
      if (other.length === list.length && short > long) continue;
      if (isWithin(bits[short] as Int32Array, bits[long] as Int32Array)) {
        marks[long] = 1;
        break;
      }
    }
  return marks;
}
