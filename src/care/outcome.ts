/** Outcomes: checked as they come, read together as the parts of one, turned into what is learned. Pure. */
import { parseCitizenNumber } from '../domain/citizen-number.ts';
import type { Provenance } from '../domain/coded.ts';
import { type FieldProblem, Problem } from '../domain/errors.ts';
import type { Instant } from '../domain/time.ts';
import type { Encounter, Lesson } from './learned.ts';
import type { Disposition, LooseOutcomeInput, OutcomeInput } from './schema.ts';

/** A report as it is kept, sealed. */
export type Outcome = Omit<LooseOutcomeInput, 'hospitalId'>;

export const outcomeContext = (outcomeId: string) => `outcome:${outcomeId}`;

/** A hospital's clock may run ahead by this much. */
const CLOCK_SKEW_MS = 5 * 60_000;
const times = ['arrivedAt', 'admittedAt', 'dischargedAt', 'diedAt'] as const;

/** Throws `invalid-field` (422) naming each field that cannot be true. */
export function checkOutcome(outcome: OutcomeInput, now: Instant): void {
  const problems: FieldProblem[] = [];
  const say = (field: string, detail: string) => problems.push({ field, detail });
  for (const field of times)
    if (Date.parse(outcome[field] ?? '') > now + CLOCK_SKEW_MS) say(field, 'lies in the future');
  const after = (later: (typeof times)[number], earlier: (typeof times)[number]) => {
    if (Date.parse(outcome[later] ?? '') < Date.parse(outcome[earlier] ?? '')) say(later, `lies before ${earlier}`);
  };
  after('admittedAt', 'arrivedAt');
  after('dischargedAt', 'arrivedAt');
  after('dischargedAt', 'admittedAt');
  if (outcome.diedAt !== undefined && outcome.disposition !== undefined && outcome.disposition !== 'died')
    say('diedAt', `contradicts disposition ${outcome.disposition}`);
  if (outcome.transferredTo !== undefined && (outcome.disposition ?? 'transferred') !== 'transferred')
    say('transferredTo', `contradicts disposition ${outcome.disposition}`);
  const { patient } = outcome;
  const citizen = patient?.idNumber === undefined ? null : parseCitizenNumber(patient.idNumber);
  if (patient?.idNumber !== undefined && !citizen) say('patient.idNumber', 'fails the check of GB 11643');
  const birthDate = patient?.birthDate ?? citizen?.birthDate;
  if (citizen && patient?.birthDate && citizen.birthDate !== patient.birthDate)
    say('patient.idNumber', 'carries another birth date than birthDate');
  if (birthDate !== undefined) {
    if (Date.parse(birthDate) > now) say('patient.birthDate', 'lies in the future');
    // A day of slack: the birth date is a calendar day in China, the time of death an instant.
    const died = outcome.diedAt ?? (outcome.disposition === 'died' ? outcome.dischargedAt : undefined);
    if (died !== undefined && Date.parse(birthDate) - DAY_MS > Date.parse(died))
      say('patient.birthDate', 'lies after the death');
  }
  if (problems.length) throw new Problem('invalid-field', problems);
}
const DAY_MS = 86_400_000;

/** When a report says that the patient died; null where it does not. Without a time of its own, the latest one it has. */
export function deathIn(outcome: Outcome, receivedAt: string): string | null {
  if (outcome.diedAt !== undefined) return outcome.diedAt;
  if (outcome.disposition !== 'died') return null;
  return outcome.dischargedAt ?? receivedAt;
}

/** A report that counts: matched and not superseded. */
export interface CountingOutcome {
  readonly outcomeId: string;
  readonly callId: string;
  readonly hospitalId: string;
  readonly receivedAt: string;
  readonly outcome: Outcome;
}

export function lessonOf(
  { outcomeId, callId, hospitalId, receivedAt, outcome }: CountingOutcome,
  callNumber: number,
): Lesson {
  const from: Provenance = {
    source: 'outcome',
    sourceId: outcomeId,
    callId,
    callNumber,
    recordedAt: receivedAt,
    by: hospitalId,
  };
  const { diagnoses, allergies, medications, procedures } = outcome;
  const died = deathIn(outcome, receivedAt);
  return {
    from,
    ...(diagnoses ? { conditions: diagnoses } : {}),
    ...(allergies ? { allergies } : {}),
    ...(medications ? { medications } : {}),
    ...(procedures ? { procedures } : {}),
    ...(died === null ? {} : { diedAt: died }),
  };
}

/** The call a resident lived through, as far as is known. */
export interface CallSummary {
  readonly callId: string;
  readonly callNumber: number;
  readonly receivedAt: string;
  readonly complaint: string;
}

/** A call and the parts of its outcome, oldest first, as one: what a later part says replaces what an earlier one said. */
export function encounterOf(call: CallSummary, parts: readonly CountingOutcome[]): Encounter {
  const latest = <K extends keyof Outcome>(field: K) =>
    parts.findLast(({ outcome }) => outcome[field] !== undefined)?.outcome[field] ?? null;
  return {
    ...call,
    hospitalIds: [...new Set(parts.map(({ hospitalId }) => hospitalId))],
    outcomeIds: parts.map(({ outcomeId }) => outcomeId),
    arrivedAt: latest('arrivedAt') as string | null,
    dischargedAt: latest('dischargedAt') as string | null,
    disposition: dispositionOf(parts),
    advice: parts.flatMap(({ outcome }) => (outcome.advice ? [outcome.advice] : [])),
  };
}

/** The latest said; nothing follows a death but a correction of it. */
export function dispositionOf(parts: readonly CountingOutcome[]): Disposition | null {
  if (parts.some(({ outcome, receivedAt }) => deathIn(outcome, receivedAt) !== null)) return 'died';
  return parts.findLast(({ outcome }) => outcome.disposition !== undefined)?.outcome.disposition ?? null;
}
