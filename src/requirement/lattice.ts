/** Requirements as a join-semilattice, and what a vehicle must have to meet one. */
import {
  bitsOf,
  type Capability,
  capabilities,
  hospitalCapabilities,
  type Priority,
  type VehicleType,
  vehicleTypes,
  wordsOf,
} from '../domain/vocabulary.ts';
import type { Caution, Requirement } from './facts.ts';

/** The least requirement: not urgent, nothing needed. Joining it changes nothing. */
export const leastRequirement: Requirement = { priority: 4, required: [], preferred: [], hospitals: [], cautions: [] };

/** Sets as bits, and cautions in any order. */
export interface Gathered {
  priority: Priority;
  required: number;
  preferred: number;
  hospitals: number;
  readonly cautions: Set<Caution>;
}

/** The one form of a requirement: sets in the vocabulary's order, cautions by code, nothing both required and preferred. */
export const requirementOf = ({ priority, required, preferred, hospitals, cautions }: Gathered): Requirement => ({
  priority,
  required: wordsOf(capabilities, required),
  preferred: wordsOf(capabilities, preferred & ~required),
  hospitals: wordsOf(hospitalCapabilities, hospitals),
  cautions: [...cautions].sort((a, b) => (a.code < b.code ? -1 : 1)),
});

const moreUrgent = (a: Priority, b: Priority): Priority => (b < a ? b : a);

/** The least requirement that is at least both: the more urgent priority, the union of every set. */
export function join(a: Requirement, b: Requirement): Requirement {
  const said = new Set(a.cautions.map((caution) => caution.code));
  return requirementOf({
    priority: moreUrgent(a.priority, b.priority),
    required: bitsOf(capabilities, a.required) | bitsOf(capabilities, b.required),
    preferred: bitsOf(capabilities, a.preferred) | bitsOf(capabilities, b.preferred),
    hospitals: bitsOf(hospitalCapabilities, a.hospitals) | bitsOf(hospitalCapabilities, b.hospitals),
    cautions: new Set([...a.cautions, ...b.cautions.filter((caution) => !said.has(caution.code))]),
  });
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
