/** From facts to a decision: every rule that fires adds its requirement, and the decision is the join of them all. */
import type { Coded, Provenance } from '../domain/coded.ts';
import { mobilities } from '../domain/vocabulary.ts';
import { groupsOfPatient } from './concepts.ts';
import type { Decision, Facts, PatientFacts, Reason, Requirement } from './facts.ts';
import { type Gathered, join, requirementOf, vehicleTypeFor } from './lattice.ts';
import type { Complaint, PlannedRule, Protocol } from './load.ts';
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

/** A question's answer: the option given (null: unknown or missing) and its rank among the options. */
interface Given {
  readonly option: string | null;
  readonly rank: number;
}
type Asked = ReadonlyMap<string, Given>;

function readAnswers(complaint: Complaint, answers: Facts['complaint']['answers']): Asked {
  const asked = new Map<string, Given>();
  for (const [name, { ranks, unknownRank }] of complaint.questions) {
    const given = Object.hasOwn(answers, name) ? answers[name] : undefined;
    const rank = given === undefined ? undefined : ranks.get(given);
    asked.set(
      name,
      given === undefined || rank === undefined ? { option: null, rank: unknownRank } : { option: given, rank },
    );
  }
  return asked;
}

function answersHold(asked: Asked, thresholds: PlannedRule['thresholds']): boolean {
  for (const { question, rank, unknownFires } of thresholds) {
    const given = asked.get(question);
    if (!given || (given.rank < rank && !(unknownFires && given.option === null))) return false;
  }
  return true;
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

/** Why a rule fired: the group and the code that put the patient there, where it waits for one. */
interface Fired {
  readonly planned: PlannedRule;
  readonly fact: string;
  readonly from?: Provenance;
}

/** The facts a fired rule rests on, in words for the record. */
function factOf(
  complaint: Complaint,
  asked: Asked,
  { rule: { when }, thresholds }: PlannedRule,
  grouped: string | null,
  patient: PatientFacts,
): string {
  const parts: string[] = [];
  if (when.complaint) parts.push(`complaint ${complaint.code}`);
  for (const { question } of thresholds) parts.push(`${question} ${asked.get(question)?.option ?? 'unknown'}`);
  if (grouped !== null) parts.push(grouped);
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

interface OnePatient {
  readonly requirement: Requirement;
  readonly fired: readonly Fired[];
  readonly unmapped: readonly Coded[];
}

function decideOne(protocol: Protocol, complaint: Complaint, asked: Asked, patient: PatientFacts): OnePatient {
  const { groups, unmapped } = groupsOfPatient(protocol, patient);
  const seen = new Set<PlannedRule>();
  const fired: Fired[] = [];
  const all: Gathered = { priority: 4, required: 0, preferred: 0, hospitals: 0, cautions: new Set() };
  const tryRules = (rules: readonly PlannedRule[], grouped: string | null, from?: Provenance) => {
    for (const planned of rules) {
      const { rule } = planned;
      if (seen.has(planned) || !answersHold(asked, planned.thresholds) || !personHolds(rule.when, patient)) continue;
      seen.add(planned);
      const fact = factOf(complaint, asked, planned, grouped, patient);
      fired.push(from ? { planned, fact, from } : { planned, fact });
      if (rule.adds.priority !== undefined && rule.adds.priority < all.priority) all.priority = rule.adds.priority;
      all.required |= rule.required;
      all.preferred |= rule.preferred;
      all.hospitals |= rule.hospitals;
      for (const caution of rule.cautions) all.cautions.add(caution);
    }
  };
  tryRules(complaint.always, null);
  for (const [group, { system, code, display, from }] of groups) {
    const waiting = complaint.byGroup.get(group);
    if (!waiting) continue;
    const learned = from ? ` (${from.source} ${from.sourceId} of call ${from.callNumber})` : '';
    tryRules(waiting, `${group}: ${system} ${code}${display ? ` ${display}` : ''}${learned}`, from);
  }
  return { requirement: requirementOf(all), fired, unmapped };
}

/** Most urgent rule first, then by name: the same facts always read the same, whatever the order of rules or patients. */
function reasonsOf(fired: readonly Fired[]): Reason[] {
  return [...fired]
    .sort((a, b) => a.planned.order - b.planned.order || (a.fact < b.fact ? -1 : a.fact > b.fact ? 1 : 0))
    .filter(({ planned, fact }, i, all) => planned !== all[i - 1]?.planned || fact !== all[i - 1]?.fact)
    .map(({ planned: { rule }, fact, from }) => ({
      rule: rule.id,
      fact,
      effect: rule.effect,
      source: rule.source,
      ...(from ? { from } : {}),
    }));
}

/**
 * Decides what the patient needs. Pure: the same facts under the same protocol version give a deep-equal decision.
 * Several credible patients: the join of their decisions. None: one patient of whom nothing is known.
 * Answers that are missing, or are no option of their question, count as unknown; `checkAnswers` refuses the latter
 * at intake. How many patients are too many to join is the caller's to say.
 */
export function decide(protocol: Protocol, facts: Facts): Decision {
  const complaint = protocol.complaints.get(facts.complaint.code);
  if (!complaint) throw new RangeError('a loaded protocol has every complaint');
  const asked = readAnswers(complaint, facts.complaint.answers);
  const patients = facts.patients.length ? facts.patients : [unknownPatient];
  const each = patients.map((patient) => decideOne(protocol, complaint, asked, patient));
  const joined = each.map((one) => one.requirement).reduce(join);
  return {
    requirement: joined,
    vehicleType: vehicleTypeFor(protocol, joined.required),
    reasons: reasonsOf(each.flatMap((one) => one.fired)),
    unmapped: distinct(each.flatMap((one) => one.unmapped)),
    protocolVersion: protocol.version,
  };
}

const distinct = (coded: readonly Coded[]): Coded[] =>
  coded.length < 2 ? [...coded] : [...new Map(coded.map((entry) => [`${entry.system} ${entry.code}`, entry])).values()];
