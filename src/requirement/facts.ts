/** What a decision is made from, and what it says. */
import type { Coded, KnownCode, Provenance } from '../domain/coded.ts';
import type {
  Bilingual,
  Capability,
  ComplaintCode,
  HospitalCapability,
  Mobility,
  Priority,
  Sex,
  VehicleType,
} from '../domain/vocabulary.ts';

/** One credible patient: from a filed history, or only what the caller stated. Unknown is null or empty, never guessed. */
export interface PatientFacts {
  readonly ageYears: number | null;
  readonly sex: Sex;
  readonly conditions: readonly KnownCode[];
  readonly allergies: readonly KnownCode[];
  readonly medications: readonly KnownCode[];
  readonly implants: readonly KnownCode[];
  /** Wishes put in writing; they add a caution and never lower anything. */
  readonly directives?: readonly KnownCode[];
  readonly weightKg: number | null;
  readonly mobility: Mobility | null;
  /** Completed weeks of gestation, derived from the due date at the time of the call. */
  readonly pregnancyWeeks: number | null;
  readonly livesAlone: boolean | null;
  /** The home, and only where the patient is believed to be there. */
  readonly dwelling: { readonly floor: number | null; readonly hasLift: boolean | null } | null;
}

export interface Facts {
  readonly complaint: { readonly code: ComplaintCode; readonly answers: Readonly<Record<string, string>> };
  /** Everyone the patient may credibly be; one entry without history where nobody matched. */
  readonly patients: readonly PatientFacts[];
}

/** Element of a join-semilattice: join = more urgent priority, union of every set. */
export interface Requirement {
  readonly priority: Priority;
  readonly required: readonly Capability[];
  readonly preferred: readonly Capability[];
  readonly hospitals: readonly HospitalCapability[];
  readonly cautions: readonly Caution[];
}

export interface Caution {
  readonly code: string;
  readonly text: Bilingual;
}

/** Why: the rule, the fact that fired it, what it did, and the guideline it rests on. */
export interface Reason {
  readonly rule: string;
  readonly fact: string;
  readonly effect: string;
  readonly source: string;
  /** Of a fact that was learned on or after an earlier call: from what. */
  readonly from?: Provenance;
}

export interface Decision {
  readonly requirement: Requirement;
  /** The least class whose capabilities satisfy the requirement. */
  readonly vehicleType: VehicleType;
  readonly reasons: readonly Reason[];
  /** Codes of the history no risk group claims: shown as they stand, and counted. */
  readonly unmapped: readonly Coded[];
  readonly protocolVersion: string;
}
