/** The follow-up plan: what a centre's file may say, checked as it is read, and which tasks it asks for after a call. Pure. */
import { createHash } from 'node:crypto';
import { type Static, Type } from 'typebox';
import type { Coded } from '../domain/coded.ts';
import { type Placed, parseDataFile } from '../domain/data-file.ts';
import type { Instant } from '../domain/time.ts';
import { type Bilingual, complaintCodes, oneOf } from '../domain/vocabulary.ts';
import { type Disposition, dispositions } from './schema.ts';

const closed = { additionalProperties: false } as const;
const name = '^[a-z][a-z0-9-]*$';
const Name = Type.String({ pattern: name, maxLength: 60 });
const Label = Type.Object({ zh: Type.String({ minLength: 1 }), en: Type.String({ minLength: 1 }) }, closed);
const strings = (pattern: string) => Type.Optional(Type.Array(Type.String({ pattern, minLength: 1 }), { minItems: 1 }));

export const taskKinds = ['phone', 'clinic', 'home-visit', 'bereavement-visit', 'close-file'] as const;

const When = Type.Object(
  {
    diagnosis: Type.Optional(Type.Array(Name, { minItems: 1 })),
    complaint: Type.Optional(Type.Array(oneOf(complaintCodes), { minItems: 1 })),
    disposition: Type.Array(oneOf(dispositions), { minItems: 1 }),
    ageAtLeast: Type.Optional(Type.Integer({ minimum: 0, maximum: 130 })),
    livesAlone: Type.Optional(Type.Literal(true)),
    afterFall: Type.Optional(Type.Literal(true, { description: 'the call was for a fall, or the hospital says so' })),
  },
  closed,
);
const Task = Type.Object(
  {
    label: Label,
    kind: oneOf(taskKinds),
    dueAfterDays: Type.Integer({ minimum: 1, maximum: 730 }),
    remindBeforeDays: Type.Integer({ minimum: 0, maximum: 90 }),
  },
  closed,
);
export type Task = Static<typeof Task>;
const Rule = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z][a-z0-9-]*(\\.[a-z0-9-]+)+$', maxLength: 100 }),
    source: Name,
    otherwise: Type.Optional(Type.Literal(true)),
    when: When,
    task: Task,
  },
  closed,
);
export type PlanRule = Static<typeof Rule>;
const Codes = Type.Object(
  {
    'icd-10': strings('^[A-Z]\\d\\d[A-Z0-9.]*(-[A-Z]\\d\\d[A-Z0-9.]*)?$'),
    snomed: strings('^\\d{6,18}$'),
    text: strings('.'),
  },
  { ...closed, minProperties: 1 },
);
const Source = Type.Object(
  {
    title: Type.String({ minLength: 1 }),
    publisher: Type.String({ minLength: 1 }),
    year: Type.Integer({ minimum: 1950, maximum: 2100 }),
    url: Type.String({ pattern: '^https?://' }),
  },
  closed,
);
const record = <T extends Parameters<typeof Type.Record>[1]>(value: T) =>
  Type.Record(Type.String({ pattern: name }), value, closed);
const PlanFile = Type.Object(
  {
    version: Type.String({ pattern: '^\\d+\\.\\d+\\.\\d+$' }),
    reviewDate: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
    /** Who answers for it: null until the local medical director has signed. */
    signature: Type.Union([
      Type.Null(),
      Type.Object(
        { by: Type.String({ minLength: 1 }), on: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }) },
        closed,
      ),
    ]),
    notice: Label,
    sources: record(Source),
    diagnoses: record(Type.Object({ label: Label, codes: Codes }, closed)),
    rules: Type.Array(Rule, { minItems: 1 }),
  },
  closed,
);
type PlanFile = Static<typeof PlanFile>;

export interface FollowUpPlan extends Omit<PlanFile, 'version'> {
  /** Stated version, plus, and the first digits of a hash of the text: one version never names two contents. */
  readonly version: string;
  readonly text: string;
  readonly notice: Bilingual;
}

/** What is wrong in a plan, one line a problem with its place. */
export class PlanError extends Error {
  override readonly name = 'PlanError';
}

/** Reads a plan. Throws `PlanError`: a broken plan is never half used. */
export function parsePlan(fileName: string, text: string): FollowUpPlan {
  const problems: string[] = [];
  const file = parseDataFile(fileName, text, PlanFile, problems);
  if (file) crossCheck(file, problems);
  if (!file || problems.length) throw new PlanError(problems.join('\n'));
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return { ...file.value, version: `${file.value.version}+${hash}`, text };
}

function crossCheck({ value, at }: Placed<PlanFile>, problems: string[]): void {
  const seen = new Set<string>();
  for (const [i, { id, source, when, task }] of value.rules.entries()) {
    const refuse = (path: string[], detail: string) => problems.push(`${at(['rules', i, ...path])}: ${detail}`);
    if (seen.has(id)) refuse(['id'], `rule "${id}" is there twice`);
    seen.add(id);
    if (!Object.hasOwn(value.sources, source)) refuse(['source'], `unknown source "${source}"`);
    for (const diagnosis of when.diagnosis ?? [])
      if (!Object.hasOwn(value.diagnoses, diagnosis)) refuse(['when', 'diagnosis'], `unknown diagnosis "${diagnosis}"`);
    if (task.remindBeforeDays >= task.dueAfterDays + 1)
      refuse(['task', 'remindBeforeDays'], 'lies before the task begins');
  }
}

/** What is known of a call when its follow-up is planned. */
export interface LoopFacts {
  readonly diagnoses: ReadonlySet<string>;
  readonly complaint: string;
  readonly disposition: Disposition | null;
  readonly ageYears: number;
  readonly livesAlone: boolean;
  /** Death, discharge, or the latest time known while the patient is still in hospital. */
  readonly from: Instant;
}

export interface PlannedTask {
  readonly rule: string;
  readonly task: Task;
  readonly remindAt: Instant;
  readonly dueAt: Instant;
}

const DAY_MS = 86_400_000;
const CHINA_OFFSET_MS = 8 * 3_600_000;
/** A task is due by the end of its day, as days are counted in China. */
const endOfDay = (from: Instant, days: number): Instant =>
  (Math.floor((from + CHINA_OFFSET_MS) / DAY_MS) + days + 1) * DAY_MS - CHINA_OFFSET_MS - 1000;

/** The tasks a call asks for; none before its outcome is known. */
export function planTasks(plan: Pick<FollowUpPlan, 'rules'>, facts: LoopFacts): PlannedTask[] {
  const fired = plan.rules.filter((rule) => holds(rule, facts));
  const named = fired.filter((rule) => !rule.otherwise);
  return (named.length ? named : fired).map(({ id, task }) => {
    const dueAt = endOfDay(facts.from, task.dueAfterDays);
    return { rule: id, task, dueAt, remindAt: dueAt - task.remindBeforeDays * DAY_MS };
  });
}

function holds({ when }: PlanRule, facts: LoopFacts): boolean {
  const { diagnosis, complaint, disposition, ageAtLeast, livesAlone, afterFall } = when;
  if (facts.disposition === null || !disposition.includes(facts.disposition)) return false;
  if (diagnosis && !diagnosis.some((each) => facts.diagnoses.has(each))) return false;
  if (complaint && !(complaint as readonly string[]).includes(facts.complaint)) return false;
  if (ageAtLeast !== undefined && facts.ageYears < ageAtLeast) return false;
  if (livesAlone && !facts.livesAlone) return false;
  return !afterFall || facts.complaint === 'fall' || facts.diagnoses.has('fall');
}

/** Codes and display words of a report that may name a diagnosis of the plan. */
export const planCodes = (diagnoses: readonly Coded[]): Coded[] =>
  diagnoses.flatMap((coded) => [coded, ...(coded.display ? [{ system: 'text' as const, code: coded.display }] : [])]);
