/** Invented calls for the load: most from a filed number at its resident's home, some from numbers nobody filed. */
import { randomUUID } from 'node:crypto';
import type { CallInput } from '../src/calls/schema.ts';
import { complaintCodes } from '../src/domain/vocabulary.ts';
import type { Resident } from '../src/residents/schema.ts';
import { generatePopulation } from './population.ts';
import { type Random, seededRandom } from './random.ts';

const UNREGISTERED = 0.2;

export interface PostedCall {
  readonly body: string;
  /** Never used before. */
  readonly idempotencyKey: string;
}

/** Every `size / most`-th resident of the registry of that size: callers from all over it, few enough to hold. */
export function sampleResidents(size: number, most: number, seed: number): Resident[] {
  const step = Math.max(1, Math.floor(size / most));
  const sample: Resident[] = [];
  let n = 0;
  for (const resident of generatePopulation({ count: size, seed })) if (n++ % step === 0) sample.push(resident);
  return sample;
}

/** A call about a resident, from a number of theirs, or from one that no number of the population begins like. */
export function inventCall(random: Random, residents: readonly Resident[]): CallInput {
  const { phones, home } = random.pick(residents);
  const filed = !random.chance(UNREGISTERED);
  const at = home?.position;
  const position = at && {
    lon: at.lon + random.normal() * 0.0003,
    lat: at.lat + random.normal() * 0.0002,
    crs: at.crs,
  };
  return {
    channel: 'phone',
    caller: {
      phone: filed ? random.pick(phones) : `+86177${String(random.below(100_000_000)).padStart(8, '0')}`,
      relation: 'self',
    },
    ...(position ? { location: { position, uncertaintyMetres: 50, source: 'network' } } : {}),
    complaint: { code: random.pick(complaintCodes), answers: { conscious: 'yes', breathing: 'normal' } },
  };
}

/** An endless source of calls to post. */
export function callSource(residents: readonly Resident[], seed: number): () => PostedCall {
  const random = seededRandom(seed);
  const run = randomUUID();
  let n = 0;
  return () => ({ body: JSON.stringify(inventCall(random, residents)), idempotencyKey: `bench-${run}-${n++}` });
}
