/** Loads, checks and compiles a protocol: from files a medical director can read to tables `decide` walks in microseconds. */
import { fileURLToPath } from 'node:url';
import {
  type Bilingual,
  bitsOf,
  type Capability,
  type ComplaintCode,
  capabilities,
  complaintCodes,
  hospitalCapabilities,
  type VehicleType,
  vehicleTypes,
} from '../domain/vocabulary.ts';
import { crossCheck } from './check.ts';
import { buildConceptMap, type ConceptMap } from './concepts.ts';
import type { Caution } from './facts.ts';
import { ProtocolError, type ProtocolFiles, type ProtocolTexts, parseProtocol, readProtocolTexts } from './files.ts';
import type { Effect, GroupEntry, Question, RuleEntry, Source } from './schema.ts';

/** A rule as written, with what it adds as bits and in words for the record. */
export interface Rule extends RuleEntry {
  readonly required: number;
  readonly preferred: number;
  readonly hospitals: number;
  readonly cautions: readonly Caution[];
  readonly effect: string;
}

/** A rule in the context of one complaint, where its answers' thresholds are positions in the questions' options. */
export interface PlannedRule {
  readonly rule: Rule;
  /** Place among the complaint's reasons: the most urgent first, then by name. */
  readonly order: number;
  readonly thresholds: readonly { readonly question: string; readonly rank: number; readonly unknownFires: boolean }[];
}

export interface Complaint {
  readonly code: ComplaintCode;
  readonly label: Bilingual;
  /** `conscious` and `breathing` first, then the complaint's own, in the order to ask. */
  readonly questions: ReadonlyMap<string, PlannedQuestion>;
  readonly base: Rule;
  /** Rules that may fire on this complaint whatever the history, and by risk group those that need one. */
  readonly always: readonly PlannedRule[];
  readonly byGroup: ReadonlyMap<string, readonly PlannedRule[]>;
}

export interface PlannedQuestion extends Question {
  readonly ranks: ReadonlyMap<string, number>;
  /** Rank of an unknown or missing answer: the worst for consciousness and breathing, none (-1) for others. */
  readonly unknownRank: number;
}

export interface Protocol {
  /** Stated version, plus, and the first digits of a hash of the content: one version never names two contents. */
  readonly version: string;
  readonly notice: Bilingual;
  readonly reviewDate: string;
  readonly sources: ReadonlyMap<string, Source>;
  readonly complaints: ReadonlyMap<ComplaintCode, Complaint>;
  readonly groups: ReadonlyMap<string, GroupEntry>;
  /** Base rules of the complaints, then the others as they stand in the files. */
  readonly rules: readonly Rule[];
  readonly concepts: ConceptMap;
  readonly vehicleLabels: Readonly<Record<VehicleType, Bilingual>>;
  readonly classCapabilities: Readonly<Record<VehicleType, ReadonlySet<Capability>>>;
  readonly equipment: ReadonlySet<Capability>;
  /** The files themselves, to be kept beside the decisions made with them. */
  readonly texts: ProtocolTexts;
}

const shippedDirectory = fileURLToPath(new URL('./protocol/', import.meta.url));

/**
 * Reads and checks the protocol in `dir` (default: the one shipped with this software).
 * Throws `ProtocolError`, one line `file:line:column: what is wrong` a problem; a broken protocol is never half used.
 */
export const loadProtocol = (dir: string = shippedDirectory): Protocol => protocolFrom(readProtocolTexts(dir));

/** The same from texts already read: a version stored earlier, to replay a decision. */
export function protocolFrom(texts: ProtocolTexts): Protocol {
  const files = parseProtocol(texts);
  const problems = crossCheck(files);
  if (problems.length) throw new ProtocolError(problems);
  return compileProtocol(files);
}

/** Compiles files that passed `crossCheck`. Pure. */
export function compileProtocol(files: ProtocolFiles): Protocol {
  const head = files.head.value;
  const cautions = new Map(
    files.cautions.map(([code, { value }]) => [code, Object.freeze({ code, text: Object.freeze(value) })] as const),
  );
  const compileRule = (entry: RuleEntry): Rule => ({
    ...entry,
    required: bitsOf(capabilities, entry.adds.require ?? []),
    preferred: bitsOf(capabilities, entry.adds.prefer ?? []),
    hospitals: bitsOf(hospitalCapabilities, entry.adds.hospitals ?? []),
    cautions: (entry.adds.cautions ?? []).map((code) => cautions.get(code)).filter((caution) => caution !== undefined),
    effect: inWords(entry.adds),
  });
  const rules = files.rules.map((rule) => compileRule(rule.value));
  const entries = new Map(files.complaints.map(([code, { value }]) => [code, value]));
  const groups = new Map(files.groups.map(([id, { value }]) => [id, value]));

  const complaints = new Map<ComplaintCode, Complaint>();
  for (const code of complaintCodes) {
    const entry = entries.get(code);
    if (!entry) throw new ProtocolError([`complaints/: complaint "${code}" is missing`]);
    const { source, ...adds } = entry.base;
    const base = compileRule({ id: `${code}.base`, source, when: { complaint: [code] }, adds });
    const questions = new Map<string, PlannedQuestion>();
    for (const [name, question] of Object.entries(head.everyComplaint))
      questions.set(name, planQuestion(question, true));
    for (const [name, question] of Object.entries(entry.questions)) questions.set(name, planQuestion(question, false));
    complaints.set(code, { code, label: entry.label, questions, base, ...plan(code, questions, [base, ...rules]) });
  }
  const classes = files.vehicles.value.classes;
  const byClass = <T>(of: (type: VehicleType) => T) =>
    Object.fromEntries(vehicleTypes.map((type) => [type, of(type)])) as Record<VehicleType, T>;
  return {
    version: `${head.version}+${files.hash}`,
    notice: head.notice,
    reviewDate: head.reviewDate,
    sources: new Map(files.sources.map(([id, { value }]) => [id, value])),
    complaints,
    groups,
    rules: [...[...complaints.values()].map((complaint) => complaint.base), ...rules],
    concepts: buildConceptMap(groups),
    vehicleLabels: byClass((type) => classes[type]?.label ?? { zh: type, en: type }),
    classCapabilities: byClass((type) => new Set(classes[type]?.capabilities)),
    equipment: new Set(files.vehicles.value.equipment),
    texts: files.texts,
  };
}

function planQuestion(question: Question, unknownIsWorst: boolean): PlannedQuestion {
  const options = Object.keys(question.options);
  const ranks = new Map(options.map((option, rank) => [option, rank]));
  return { ...question, ranks, unknownRank: unknownIsWorst ? options.length - 1 : -1 };
}

/** Sorts the rules that can fire on a complaint by the risk group they wait for, so most are never looked at. */
function plan(code: ComplaintCode, questions: ReadonlyMap<string, PlannedQuestion>, rules: readonly Rule[]) {
  const always: PlannedRule[] = [];
  const byGroup = new Map<string, PlannedRule[]>();
  const urgency = ({ adds }: Rule) => adds.priority ?? Number.POSITIVE_INFINITY;
  const candidates = rules
    .filter(({ when }) => !when.complaint || when.complaint.includes(code))
    .sort((a, b) => (urgency(a) === urgency(b) ? (a.id < b.id ? -1 : 1) : urgency(a) - urgency(b)));
  for (const [order, rule] of candidates.entries()) {
    const thresholds = Object.entries(rule.when.answers ?? {}).map(([question, { atLeast, unknownFires }]) => ({
      question,
      rank: questions.get(question)?.ranks.get(atLeast) ?? Number.POSITIVE_INFINITY,
      unknownFires: unknownFires === true,
    }));
    const planned = { rule, order, thresholds };
    if (!rule.when.group) always.push(planned);
    for (const group of rule.when.group ?? []) byGroup.set(group, [...(byGroup.get(group) ?? []), planned]);
  }
  return { always, byGroup };
}

function inWords(effect: Effect): string {
  const list = (word: string, items: readonly string[] | undefined) => (items ? [`${word} ${items.join(', ')}`] : []);
  return [
    ...(effect.priority ? [`priority ${effect.priority}`] : []),
    ...list('requires', effect.require),
    ...list('prefers', effect.prefer),
    ...list('hospitals', effect.hospitals),
    ...list('cautions', effect.cautions),
  ].join('; ');
}
