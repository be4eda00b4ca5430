/** The shape of the protocol's files: what a centre may write when it replaces them. */
import { type Static, type TSchema, Type } from 'typebox';
import {
  capabilities,
  complaintCodes,
  hospitalCapabilities,
  mobilities,
  oneOf,
  type Priority,
  priorities,
  vehicleTypes,
} from '../domain/vocabulary.ts';

const closed = { additionalProperties: false } as const;
const name = '^[a-z][a-z0-9-]*$';
const Name = Type.String({ pattern: name, maxLength: 60 });
const RuleId = Type.String({ pattern: '^[a-z][a-z0-9-]*(\\.[a-z0-9-]+)+$', maxLength: 100 });
/** Names never start with a digit, so JavaScript keeps the options in the order in which they are written. */
const named = <T extends TSchema>(value: T) => Type.Record(Type.String({ pattern: name }), value, closed);
const some = <T extends TSchema>(item: T) => Type.Array(item, { minItems: 1, uniqueItems: true });
const PriorityLevel = Type.Unsafe<Priority>({ type: 'integer', enum: [...priorities] });

export const Label = Type.Object(
  { zh: Type.String({ minLength: 1 }), en: Type.String({ minLength: 1 }) },
  { ...closed, description: 'both languages of the product' },
);

const Option = Type.Object(
  { zh: Type.String({ minLength: 1 }), en: Type.String({ minLength: 1 }), key: Type.String({ pattern: '^[a-z0-9]$' }) },
  closed,
);
/** Options stand from the least to the most serious; `unknown` is always accepted beside them. */
export const Question = Type.Object({ text: Label, options: named(Option) }, closed);
export type Question = Static<typeof Question>;

const effects = {
  priority: Type.Optional(PriorityLevel),
  require: Type.Optional(some(oneOf(capabilities))),
  prefer: Type.Optional(some(oneOf(capabilities))),
  hospitals: Type.Optional(some(oneOf(hospitalCapabilities))),
  cautions: Type.Optional(some(Name)),
};
export const Effect = Type.Object(effects, { ...closed, minProperties: 1 });
export type Effect = Static<typeof Effect>;

const Threshold = Type.Object(
  { atLeast: Name, unknownFires: Type.Optional(Type.Literal(true)) },
  { ...closed, description: 'fires from this option on; unknownFires also where the answer is missing or unknown' },
);

/** All named conditions hold together; inside `complaint` and `group` any one does. No condition is negative. */
export const When = Type.Object(
  {
    complaint: Type.Optional(some(oneOf(complaintCodes))),
    group: Type.Optional(some(Name)),
    answers: Type.Optional(named(Threshold)),
    ageAtLeast: Type.Optional(Type.Integer({ minimum: 0, maximum: 130 })),
    ageBelow: Type.Optional(Type.Integer({ minimum: 1, maximum: 130 })),
    sex: Type.Optional(oneOf(['female', 'male'] as const)),
    pregnancyWeeksAtLeast: Type.Optional(Type.Integer({ minimum: 0, maximum: 45 })),
    mobilityAtLeast: Type.Optional(oneOf(mobilities)),
    weightKgAtLeast: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    livesAlone: Type.Optional(Type.Literal(true)),
    floorAtLeast: Type.Optional(Type.Integer()),
    withoutLift: Type.Optional(Type.Literal(true)),
  },
  closed,
);
export type When = Static<typeof When>;

export const RuleEntry = Type.Object({ id: RuleId, source: Name, when: When, adds: Effect }, closed);
export type RuleEntry = Static<typeof RuleEntry>;

export const ComplaintEntry = Type.Object(
  {
    label: Label,
    base: Type.Object({ source: Name, ...effects, priority: PriorityLevel }, closed),
    questions: Type.Record(Type.String({ pattern: name }), Question, { ...closed, minProperties: 1 }),
  },
  closed,
);
export type ComplaintEntry = Static<typeof ComplaintEntry>;

const CodeLists = Type.Object(
  {
    'icd-10': Type.Optional(
      some(
        Type.String({
          pattern: '^[A-Z]\\d\\d[A-Z0-9.]*(-[A-Z]\\d\\d[A-Z0-9.]*)?$',
          description: 'a prefix (I21, I25.2) or a range of equally long ones (I20-I25)',
        }),
      ),
    ),
    snomed: Type.Optional(some(Type.String({ pattern: '^\\d{6,18}$' }))),
    atc: Type.Optional(
      some(Type.String({ pattern: '^[A-Z](\\d\\d([A-Z]([A-Z](\\d\\d)?)?)?)?$', description: 'a prefix' })),
    ),
    rxnorm: Type.Optional(some(Type.String({ pattern: '^\\d{1,8}$' }))),
    text: Type.Optional(some(Type.String({ minLength: 1, description: 'whole terms, compared without case' }))),
  },
  { ...closed, minProperties: 1 },
);
export type CodeLists = Static<typeof CodeLists>;

export const GroupEntry = Type.Object(
  {
    label: Label,
    resolvedCounts: Type.Optional(Type.Literal(true, { description: 'a past, resolved condition still counts' })),
    codes: Type.Optional(CodeLists),
    allergyTo: Type.Optional(CodeLists),
  },
  {
    ...closed,
    description: 'codes: disorders, drugs taken, implants, directives; allergyTo: substances filed as allergies',
  },
);
export type GroupEntry = Static<typeof GroupEntry>;

export const Source = Type.Object(
  {
    title: Type.String({ minLength: 1 }),
    publisher: Type.String({ minLength: 1 }),
    year: Type.Integer({ minimum: 1950, maximum: 2100 }),
    url: Type.String({ pattern: '^https?://' }),
  },
  closed,
);
export type Source = Static<typeof Source>;

/** One schema per kind of file. */
export const protocolFile = Type.Object(
  {
    version: Type.String({ pattern: '^\\d+\\.\\d+\\.\\d+$' }),
    notice: Label,
    reviewDate: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
    everyComplaint: Type.Object({ conscious: Question, breathing: Question }, closed),
  },
  closed,
);
export const vehiclesFile = Type.Object(
  {
    classes: Type.Object(
      Object.fromEntries(
        vehicleTypes.map((type) => [
          type,
          Type.Object({ label: Label, capabilities: some(oneOf(capabilities)) }, closed),
        ]),
      ),
      closed,
    ),
    equipment: Type.Array(oneOf(capabilities), { uniqueItems: true }),
  },
  closed,
);
export const sourcesFile = named(Source);
export const cautionsFile = named(Label);
export const groupsFile = named(GroupEntry);
export const complaintsFile = named(ComplaintEntry);
export const rulesFile = Type.Array(RuleEntry);
