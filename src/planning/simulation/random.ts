/** Randomness of a simulated day: the same day for the same seed and number, whatever was simulated before it. Pure. */

/** 0 ≤ x < 1 at each call. */
export type Uniform = () => number;

const mix = (value: number): number => {
  let mixed = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
};

/** sfc32 (Chris Doty-Humphrey, public domain), its 128 bits of state spread from the two numbers and run in. */
export function dayStream(seed: number, day: number): Uniform {
  let a = mix(seed + 0x9e3779b9);
  let b = mix(a ^ day);
  let c = mix(b + 0x85ebca6b);
  let counter = 1;
  const next = () => {
    const sum = (a + b + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** How long something takes: seconds, drawn by one uniform number, so that a later draw never depends on an earlier kind. */
export type Duration =
  | { readonly kind: 'constant'; readonly seconds: number }
  | { readonly kind: 'uniform'; readonly least: number; readonly most: number }
  | { readonly kind: 'exponential'; readonly mean: number }
  /** Measured: values at equal steps of probability, from the least to the most; two at least. */
  | { readonly kind: 'quantiles'; readonly values: readonly number[] };

export function secondsOf(duration: Duration, u: number): number {
  switch (duration.kind) {
    case 'constant':
      return duration.seconds;
    case 'uniform':
      return duration.least + (duration.most - duration.least) * u;
    case 'exponential':
      return -Math.log(1 - u) * duration.mean;
    case 'quantiles': {
      const { values } = duration;
      const place = u * (values.length - 1);
      const below = Math.min(values.length - 2, Math.floor(place));
      const low = values[below] ?? 0;
      return low + ((values[below + 1] ?? low) - low) * (place - below);
    }
    default:
      return duration satisfies never;
  }
}
