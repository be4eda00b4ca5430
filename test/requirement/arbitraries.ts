/** Random calls and histories for the property tests, drawn from what the shipped protocol knows and from what it does not. */
import fc from 'fast-check';
import type { Coded } from '../../src/domain/coded.ts';
import { complaintCodes, mobilities, sexes, vehicleTypes } from '../../src/domain/vocabulary.ts';
import type { Decision, Facts, PatientFacts, Requirement } from '../../src/requirement/facts.ts';
import { loadProtocol } from '../../src/requirement/load.ts';

export const protocol = loadProtocol();

const filed: Coded[] = [...protocol.groups.values()].flatMap(({ codes = {}, allergyTo = {} }) =>
  [codes, allergyTo].flatMap((lists) => [
    ...(lists['icd-10'] ?? []).map((code) => ({ system: 'icd-10' as const, code: `${code.split('-')[0]}00x001` })),
    ...(lists.snomed ?? []).map((code) => ({ system: 'snomed' as const, code })),
    ...(lists.atc ?? []).map((code) => ({ system: 'atc' as const, code })),
    ...(lists.rxnorm ?? []).map((code) => ({ system: 'rxnorm' as const, code })),
    ...(lists.text ?? []).map((code) => ({ system: 'text' as const, code })),
  ]),
);

const coded: fc.Arbitrary<Coded> = fc
  .tuple(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...filed) },
      {
        weight: 1,
        arbitrary: fc.record({
          system: fc.constant('icd-10' as const),
          code: fc.stringMatching(/^[A-Z]\d{2}\.\d{1,3}$/),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          system: fc.constant('text' as const),
          code: fc.string({ minLength: 1, maxLength: 20 }),
        }),
      },
    ),
    fc.constantFrom(undefined, 'active' as const, 'resolved' as const),
  )
  .map(([entry, status]) => (status ? { ...entry, status } : entry));

const list = fc.array(coded, { maxLength: 6 });
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });

export const patient: fc.Arbitrary<PatientFacts> = fc.record({
  ageYears: orNull(fc.integer({ min: 0, max: 110 })),
  sex: fc.constantFrom(...sexes),
  conditions: list,
  allergies: list,
  medications: list,
  implants: list,
  directives: list,
  weightKg: orNull(fc.integer({ min: 2, max: 260 })),
  mobility: orNull(fc.constantFrom(...mobilities)),
  pregnancyWeeks: orNull(fc.integer({ min: 0, max: 42 })),
  livesAlone: orNull(fc.boolean()),
  dwelling: orNull(fc.record({ floor: orNull(fc.integer({ min: -2, max: 30 })), hasLift: orNull(fc.boolean()) })),
});

/** A complaint with answers: each question missing, unknown, or one of its options. */
export const complaint: fc.Arbitrary<Facts['complaint']> = fc.constantFrom(...complaintCodes).chain((code) => {
  const questions = [...(protocol.complaints.get(code)?.questions ?? [])];
  return fc
    .tuple(...questions.map(([, { ranks }]) => fc.constantFrom(null, 'unknown', ...ranks.keys())))
    .map((given) => ({
      code,
      answers: Object.fromEntries(
        questions.flatMap(([name], i) => (typeof given[i] === 'string' ? [[name, given[i]] as const] : [])),
      ),
    }));
});

export const facts: fc.Arbitrary<Facts> = fc.record({ complaint, patients: fc.array(patient, { maxLength: 3 }) });

/** The same person with more known: further codes in every list, blanks filled in, nothing taken back. */
export const moreOf = (known: PatientFacts): fc.Arbitrary<PatientFacts> =>
  patient.map((more) => ({
    ageYears: known.ageYears ?? more.ageYears,
    sex: known.sex === 'unknown' ? more.sex : known.sex,
    conditions: [...known.conditions, ...more.conditions],
    allergies: [...more.allergies, ...known.allergies],
    medications: [...known.medications, ...more.medications],
    implants: [...known.implants, ...more.implants],
    directives: [...(known.directives ?? []), ...(more.directives ?? [])],
    weightKg: known.weightKg === null ? more.weightKg : Math.max(known.weightKg, more.weightKg ?? 0),
    mobility:
      mobilities[
        Math.max(
          known.mobility ? mobilities.indexOf(known.mobility) : -1,
          more.mobility ? mobilities.indexOf(more.mobility) : -1,
        )
      ] ?? null,
    pregnancyWeeks:
      known.pregnancyWeeks === null ? more.pregnancyWeeks : Math.max(known.pregnancyWeeks, more.pregnancyWeeks ?? 0),
    livesAlone: known.livesAlone === true ? true : more.livesAlone,
    dwelling:
      known.dwelling === null
        ? more.dwelling
        : {
            floor: known.dwelling.floor === null ? (more.dwelling?.floor ?? null) : known.dwelling.floor,
            hasLift: known.dwelling.hasLift === null ? (more.dwelling?.hasLift ?? null) : known.dwelling.hasLift,
          },
  }));

/** Whether `b` is at least `a` in every part: what "never lowers, never drops" means. Names the first part that is not. */
export function lowered(a: Requirement, b: Requirement): string | null {
  const missing = (from: readonly string[], to: readonly string[]) => from.find((word) => !to.includes(word));
  if (b.priority > a.priority) return `priority ${a.priority} became ${b.priority}`;
  const codes = (requirement: Requirement) => requirement.cautions.map((caution) => caution.code);
  const lost =
    missing(a.required, b.required) ??
    missing(a.preferred, [...b.preferred, ...b.required]) ??
    missing(a.hospitals, b.hospitals) ??
    missing(codes(a), codes(b));
  return lost === undefined ? null : `${lost} was dropped`;
}

/** The same of two decisions, their vehicle classes included. */
export function loweredDecision(a: Decision, b: Decision): string | null {
  const lesser = vehicleTypes.indexOf(b.vehicleType) < vehicleTypes.indexOf(a.vehicleType);
  return lowered(a.requirement, b.requirement) ?? (lesser ? `${a.vehicleType} became ${b.vehicleType}` : null);
}
