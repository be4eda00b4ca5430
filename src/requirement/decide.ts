/** From facts to a decision: every rule that fires adds its requirement, and the decision is the join of them all. */
import type { Coded } from '../domain/coded.ts';
import { type Capability, type HospitalCapability, mobilities } from '../domain/vocabulary.ts';
import { groupsOfHistory } from './concepts.ts';
import type { Caution, Decision, Facts, PatientFacts, Reason } from './facts.ts';
import { join, requirement, vehicleTypeFor } from './lattice.ts';
import type { Complaint, PlannedRule, Protocol, Rule } from './load.ts';
import type { When } from './schema.ts';

/** Somebody of whom nothing is known. */
export const unknownPatient: PatientFacts = {
  ageYears: null,
  sex: 'unknown',
  conditions: [],
  allergies: [],
  medications: [],
  implants: [],
  directives: [],
  weightKg: null,
  mobility: null,
  pregnancyWeeks: null,
  livesAlone: null,
  dwelling: null,
};

type Answers = Facts['complaint']['answers'];

/** Option given to a question, or null where it is missing, `unknown` or no option of it. */
function answerTo(complaint: Complaint, answers: Answers, question: string): string | null {
  if (!Object.hasOwn(answers, question)) return null;
  const given = answers[question];
  return given !== undefined && complaint.questions.get(question)?.ranks.has(given) ? given : null;
}

function answersHold(complaint: Complaint, answers: Answers, thresholds: PlannedRule['thresholds']): boolean {
  return thresholds.every(({ question, rank, unknownFires }) => {
    const asked = complaint.questions.get(question);
    if (!asked) return false;
    const given = answerTo(complaint, answers, question);
    if (given === null) return unknownFires || asked.unknownRank >= rank;
    return (asked.ranks.get(given) ?? -1) >= rank;
  });
}

/** Whether the conditions on the person hold. A fact that is not known holds for none. */
function personHolds(when: When, patient: PatientFacts): boolean {
  const { ageYears, pregnancyWeeks, mobility, weightKg, dwelling } = patient;
  if (when.ageAtLeast !== undefined && (ageYears === null || ageYears < when.ageAtLeast)) return false;
  if (when.ageBelow !== undefined && (ageYears === null || ageYears >= when.ageBelow)) return false;
  if (when.sex !== undefined && patient.sex !== when.sex) return false;
  if (
    when.pregnancyWeeksAtLeast !== undefined &&
    (pregnancyWeeks === null || pregnancyWeeks < when.pregnancyWeeksAtLeast)
  ) {
    return false;
  }
  if (
    when.mobilityAtLeast !== undefined &&
    (mobility === null || mobilities.indexOf(mobility) < mobilities.indexOf(when.mobilityAtLeast))
  ) {
    return false;
  }
  if (when.weightKgAtLeast !== undefined && (weightKg === null || weightKg < when.weightKgAtLeast)) return false;
  if (when.livesAlone && patient.livesAlone !== true) return false;
  const floor = dwelling?.floor ?? null;
  if (when.floorAtLeast !== undefined && (floor === null || floor < when.floorAtLeast)) return false;
  return !(when.withoutLift && dwelling?.hasLift !== false);
}

/** The facts a fired rule rests on, in words for the record. */
function factOf(
  complaint: Complaint,
  answers: Answers,
  { rule, thresholds }: PlannedRule,
  group: string,
  code: Coded | null,
  patient: PatientFacts,
): string {
  const { when } = rule;
  const parts: string[] = [];
  if (when.complaint) parts.push(`complaint ${complaint.code}`);
  for (const { question } of thresholds)
    parts.push(`${question} ${answerTo(complaint, answers, question) ?? 'unknown'}`);
  if (code) parts.push(`${group}: ${code.system} ${code.code}${code.display ? ` ${code.display}` : ''}`);
  if (when.ageAtLeast !== undefined || when.ageBelow !== undefined) parts.push(`age ${patient.ageYears}`);
  if (when.sex) parts.push(when.sex);
  if (when.pregnancyWeeksAtLeast !== undefined) parts.push(`pregnant ${patient.pregnancyWeeks} weeks`);
  if (when.mobilityAtLeast) parts.push(`mobility ${patient.mobility}`);
  if (when.weightKgAtLeast !== undefined) parts.push(`weight ${patient.weightKg} kg`);
  if (when.livesAlone) parts.push('lives alone');
  if (when.floorAtLeast !== undefined) parts.push(`floor ${patient.dwelling?.floor}`);
  if (when.withoutLift) parts.push('no lift');
  return parts.length ? parts.join(' + ') : 'every call';
}

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Most urgent rule first, then by name: the same facts always read the same, whatever the order of rules or patients. */
function inOrder(reasons: readonly { readonly rule: Rule; readonly fact: string }[]): Reason[] {
  return [...reasons]
    .sort(
      (a, b) =>
        (a.rule.then.priority ?? 5) - (b.rule.then.priority ?? 5) ||
        byText(a.rule.id, b.rule.id) ||
        byText(a.fact, b.fact),
    )
    .map(({ rule, fact }) => ({ rule: rule.id, fact, effect: rule.effect, source: rule.source }));
}

interface OnePatient {
  readonly requirement: Decision['requirement'];
  readonly fired: readonly { readonly rule: Rule; readonly fact: string }[];
  readonly unmapped: readonly Coded[];
}

function decideOne(protocol: Protocol, complaint: Complaint, answers: Answers, patient: PatientFacts): OnePatient {
  const { groups, unmapped } = groupsOfHistory(protocol, patient);
  const fired = new Map<Rule, string>();
  const tryRule = (planned: PlannedRule, group: string, code: Coded | null) => {
    const { rule } = planned;
    if (fired.has(rule) || !answersHold(complaint, answers, planned.thresholds) || !personHolds(rule.when, patient))
      return;
    fired.set(rule, factOf(complaint, answers, planned, group, code, patient));
  };
  for (const planned of complaint.always) tryRule(planned, '', null);
  for (const [group, code] of groups) {
    for (const planned of complaint.byGroup.get(group) ?? []) tryRule(planned, group, code);
  }

  let { priority } = complaint.base.then;
  const required = new Set<Capability>();
  const preferred = new Set<Capability>();
  const hospitals = new Set<HospitalCapability>();
  const cautions = new Map<string, Caution>();
  for (const { then, cautions: said } of fired.keys()) {
    if (then.priority !== undefined && (priority === undefined || then.priority < priority)) priority = then.priority;
    then.require?.forEach((capability) => required.add(capability));
    then.prefer?.forEach((capability) => preferred.add(capability));
    then.hospitals?.forEach((capability) => hospitals.add(capability));
    for (const caution of said) cautions.set(caution.code, caution);
  }
  return {
    requirement: requirement(priority ?? 4, required, preferred, hospitals, cautions),
    fired: [...fired].map(([rule, fact]) => ({ rule, fact })),
    unmapped,
  };
}

/**
 * Decides what the patient needs. Pure: the same facts under the same protocol version give a deep-equal decision.
 * Several credible patients: the join of their decisions. None: one patient of whom nothing is known.
 * Answers that are missing, or are no option of their question, count as unknown; `checkAnswers` refuses the latter
 * at intake. How many patients are too many to join is the caller's to say.
 */
export function decide(protocol: Protocol, facts: Facts): Decision {
  const { code, answers } = facts.complaint;
  const complaint = protocol.complaints.get(code);
  if (!complaint) throw new RangeError('a loaded protocol has every complaint');
  const patients = facts.patients.length ? facts.patients : [unknownPatient];
  const [first, ...others] = patients.map((patient) => decideOne(protocol, complaint, answers, patient));
  if (!first) throw new RangeError('there is always one patient');
  const joined = others.reduce<OnePatient>(
    (a, b) => ({
      requirement: join(a.requirement, b.requirement),
      fired: [...a.fired, ...b.fired],
      unmapped: [...a.unmapped, ...b.unmapped],
    }),
    first,
  );
  const distinct = others.length
    ? [...new Map(joined.fired.map((reason) => [`${reason.rule.id}\0${reason.fact}`, reason])).values()]
    : joined.fired;
  return {
    requirement: joined.requirement,
    vehicleType: vehicleTypeFor(protocol, joined.requirement.required),
    reasons: inOrder(distinct),
    unmapped: [...new Map(joined.unmapped.map((entry) => [`${entry.system}\0${entry.code}`, entry])).values()],
    protocolVersion: protocol.version,
  };
}
