/** Many binary values as one parameter: in an array each would be spelled out as text, written and read byte by byte. */

export interface Pile {
  /** All values end to end. */
  readonly bytes: Buffer;
  /** Where each begins, counted from 1 as SQL's `substring` does. */
  readonly starts: number[];
  readonly lengths: number[];
}

export function pile(values: readonly Buffer[]): Pile {
  let next = 1;
  const starts: number[] = [];
  for (const { length } of values) {
    starts.push(next);
    next += length;
  }
  return { bytes: Buffer.concat(values), starts, lengths: values.map(({ length }) => length) };
}
