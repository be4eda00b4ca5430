/** Where to take the patient: hospitals by what they can take, then by travel time. */
import type { Position } from '../domain/position.ts';
import type { Instant } from '../domain/time.ts';
import type { HospitalCapability } from '../domain/vocabulary.ts';
import type { Place } from './schema.ts';
import type { Travel } from './travel.ts';

const SHOWN = 3;

export interface HospitalChoice {
  readonly hospitalId: string;
  readonly name: string;
  readonly etaSeconds: number | null;
  /** The capabilities asked for that it has, and `lacks …` where none has them all. */
  readonly why: string;
}

/** Those that lack least, nearest first. Without a known place: by what they can take only. */
export function chooseHospitals(
  needed: readonly HospitalCapability[],
  from: Position | null,
  at: Instant,
  hospitals: readonly Place[],
  travel: Travel,
): HospitalChoice[] {
  const drives = from && travel.fromOne(from, positionsOf(hospitals), at);
  return hospitals
    .map((hospital, i) => ({
      hospital,
      lacks: needed.filter((capability) => !hospital.capabilities.includes(capability)),
      seconds: drives?.seconds[i] ?? null,
    }))
    .sort(
      (a, b) =>
        a.lacks.length - b.lacks.length ||
        (a.seconds ?? 0) - (b.seconds ?? 0) ||
        (a.hospital.placeId < b.hospital.placeId ? -1 : 1),
    )
    .slice(0, SHOWN)
    .map(({ hospital, lacks, seconds }) => ({
      hospitalId: hospital.placeId,
      name: hospital.name,
      etaSeconds: seconds === null ? null : Math.round(seconds),
      why: [...needed.filter((c) => !lacks.includes(c)), ...lacks.map((c) => `lacks ${c}`)].join(', ') || 'nearest',
    }));
}

/** A roster hands out the same list until a place changes, and travel knows a list it was asked with before. */
const positions = new WeakMap<readonly Place[], readonly Position[]>();

function positionsOf(hospitals: readonly Place[]): readonly Position[] {
  let list = positions.get(hospitals);
  if (!list) {
    list = hospitals.map(({ position }) => position);
    positions.set(hospitals, list);
  }
  return list;
}
