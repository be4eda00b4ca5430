/** Requirements as a join-semilattice, and what a vehicle must have to meet one. */
import {
  type Capability,
  capabilities,
  type HospitalCapability,
  hospitalCapabilities,
  type Priority,
  type VehicleType,
  vehicleTypes,
} from '../domain/vocabulary.ts';
import type { Caution, Requirement } from './facts.ts';

/** The least requirement: not urgent, nothing needed. Joining it changes nothing. */
export const leastRequirement: Requirement = { priority: 4, required: [], preferred: [], hospitals: [], cautions: [] };

/** The one form of a requirement: sets in the vocabulary's order, cautions by code, nothing both required and preferred. */
export function requirement(
  priority: Priority,
  required: ReadonlySet<Capability>,
  preferred: ReadonlySet<Capability>,
  hospitals: ReadonlySet<HospitalCapability>,
  cautions: ReadonlyMap<string, Caution>,
): Requirement {
  return {
    priority,
    required: capabilities.filter((capability) => required.has(capability)),
    preferred: capabilities.filter((capability) => preferred.has(capability) && !required.has(capability)),
    hospitals: hospitalCapabilities.filter((capability) => hospitals.has(capability)),
    cautions: [...cautions.values()].sort((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0)),
  };
}

/** The least requirement that is at least both: the more urgent priority, the union of every set. */
export function join(a: Requirement, b: Requirement): Requirement {
  return requirement(
    a.priority < b.priority ? a.priority : b.priority,
    new Set([...a.required, ...b.required]),
    new Set([...a.preferred, ...b.preferred]),
    new Set([...a.hospitals, ...b.hospitals]),
    new Map([...a.cautions, ...b.cautions].map((caution) => [caution.code, caution])),
  );
}

/** What a vehicle lacks of a requirement, in the requirement's order. Empty exactly when it satisfies. */
export const shortfalls = (required: readonly Capability[], has: readonly Capability[]): Capability[] =>
  required.filter((capability) => !has.includes(capability));

export const satisfies = (required: readonly Capability[], has: readonly Capability[]): boolean =>
  shortfalls(required, has).length === 0;

/**
 * The least class (A before B before C before D) that carries every class-bound capability asked for. Equipment any
 * class may carry does not decide the class. Where no single class has all (negative pressure and a bariatric stretcher)
 * it is the last, and each unit's shortfalls tell the rest.
 */
export function vehicleTypeFor(
  protocol: {
    readonly classCapabilities: Readonly<Record<VehicleType, ReadonlySet<Capability>>>;
    readonly equipment: ReadonlySet<Capability>;
  },
  required: readonly Capability[],
): VehicleType {
  const bound = required.filter((capability) => !protocol.equipment.has(capability));
  return vehicleTypes.find((type) => bound.every((c) => protocol.classCapabilities[type].has(c))) ?? 'special';
}
