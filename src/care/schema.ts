/** What comes back after a call: the crew's care record, the hospital's outcome, what a follow-up found. */
import { type Static, type TSchema, Type } from 'typebox';
import { Coded, Day, Provenance } from '../domain/coded.ts';
import { oneOf, sexes } from '../domain/vocabulary.ts';

const closed = { additionalProperties: false } as const;
export const Identifier = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$' });
const At = Type.String({ format: 'date-time', description: 'RFC 3339 with offset' });
/** Wide enough for whatever a monitor may show; what no living person has is kept and flagged. */
const measured = (unit: string) =>
  Type.Optional(Type.Number({ minimum: -100_000, maximum: 100_000, description: unit }));
const words = (maxLength: number) => Type.Optional(Type.String({ minLength: 1, maxLength }));

/** What every entry carries. `entryId` is made by whoever writes it, so that sending it again adds nothing. */
const entry = {
  entryId: Identifier,
  at: At,
  amends: Type.Optional(Type.String({ ...Identifier, description: 'the entry this one replaces; that one is kept' })),
  reason: Type.Optional(Type.String({ minLength: 1, maxLength: 300, description: 'why it is amended' })),
  withdrawn: Type.Optional(Type.Literal(true, { description: 'with amends: the entry was wrong altogether' })),
};
const entryOf = <T extends Record<string, TSchema>>(fields: T) => Type.Object({ ...entry, ...fields }, closed);
const listOf = <T extends TSchema>(item: T) => Type.Optional(Type.Array(item, { maxItems: 500 }));

export const Vitals = entryOf({
  heartRate: measured('a minute'),
  respiratoryRate: measured('a minute'),
  systolicMmHg: measured('mmHg'),
  diastolicMmHg: measured('mmHg'),
  oxygenSaturationPercent: measured('%'),
  temperatureCelsius: measured('°C'),
  glucoseMmolPerLitre: measured('mmol/l'),
  endTidalCo2MmHg: measured('mmHg'),
  onOxygen: Type.Optional(Type.Boolean()),
});
export type Vitals = Static<typeof Vitals>;

const score = (minimum: number, maximum: number) => Type.Integer({ minimum, maximum });
const Seen = Type.Optional(oneOf(['normal', 'abnormal', 'untestable'] as const));
export const Assessment = entryOf({
  glasgow: Type.Optional(Type.Object({ eye: score(1, 4), verbal: score(1, 5), motor: score(1, 6) }, closed)),
  fast: Type.Optional(Type.Object({ face: Seen, arm: Seen, speech: Seen, lastKnownWellAt: Type.Optional(At) }, closed)),
  pain: Type.Optional(score(0, 10)),
  /** An attachment of this call. */
  ecgAttachmentId: Type.Optional(Identifier),
  text: words(2000),
});

const MedicationGiven = entryOf({
  medication: Type.Optional(Coded),
  dose: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1_000_000 })),
  unit: words(20),
  route: words(40),
});
const ProcedureDone = entryOf({
  procedure: Type.Optional(Coded),
  endedAt: Type.Optional(At),
  success: Type.Optional(Type.Boolean()),
  attempts: Type.Optional(Type.Integer({ minimum: 1, maximum: 99 })),
  text: words(1000),
});
export const historyLists = ['conditions', 'allergies', 'medications'] as const;
/** What patient or family told, or a discharge letter on the table: becomes part of the resident's history. */
const HistoryTold = entryOf({ list: Type.Optional(oneOf(historyLists)), coded: Type.Optional(Coded) });

export const PatientIdentity = Type.Object(
  {
    name: words(60),
    sex: Type.Optional(oneOf(sexes)),
    birthDate: Type.Optional(Day),
    ageYears: Type.Optional(Type.Integer({ minimum: 0, maximum: 130 })),
    idNumber: Type.Optional(Type.String({ minLength: 1, maxLength: 32, description: 'GB 11643' })),
    phone: Type.Optional(Type.String({ minLength: 3, maxLength: 32 })),
    address: words(300),
  },
  closed,
);
export type PatientIdentity = Static<typeof PatientIdentity>;
const IdentitySeen = entryOf({ patient: Type.Optional(PatientIdentity) });
export const Destination = entryOf({ hospitalId: Type.Optional(Identifier) });
export const Handover = entryOf({
  hospitalId: Type.Optional(Identifier),
  to: words(60),
  text: words(2000),
  /** An attachment of this call: the signature of whoever took over. */
  signatureAttachmentId: Type.Optional(Identifier),
});
export const Note = entryOf({ text: words(4000) });

export const entryLists = {
  vitals: Vitals,
  assessments: Assessment,
  medications: MedicationGiven,
  procedures: ProcedureDone,
  history: HistoryTold,
  identities: IdentitySeen,
  destinations: Destination,
  handovers: Handover,
  notes: Note,
} as const;
export type EntryList = keyof typeof entryLists;
export const entryKinds = {
  vitals: 'vitals',
  assessments: 'assessment',
  medications: 'medication',
  procedures: 'procedure',
  history: 'history',
  identities: 'identity',
  destinations: 'destination',
  handovers: 'handover',
  notes: 'note',
} as const satisfies Record<EntryList, string>;
export type EntryKind = (typeof entryKinds)[EntryList];

/** Entries to add; what was sent before may be among them. */
export const CareRecordInput = Type.Object(
  {
    vitals: listOf(Vitals),
    assessments: listOf(Assessment),
    medications: listOf(MedicationGiven),
    procedures: listOf(ProcedureDone),
    history: listOf(HistoryTold),
    identities: listOf(IdentitySeen),
    destinations: listOf(Destination),
    handovers: listOf(Handover),
    notes: listOf(Note),
  },
  { ...closed, minProperties: 1 },
);
export type CareRecordInput = Static<typeof CareRecordInput>;

const kept = {
  heardAt: Type.String(),
  by: Type.Object({ role: Type.String(), subject: Type.String() }),
  flags: Type.Array(Type.String(), { description: 'e.g. outside-life:heartRate, late, before-call, after-end' }),
  /** The entry that replaced this one. */
  amendedBy: Type.Optional(Type.String()),
};
const keptOf = <T extends Record<string, TSchema>>(item: { readonly properties: T }) =>
  Type.Array(Type.Object({ ...item.properties, ...kept }));

export const attachmentKinds = ['twelve-lead-ecg', 'photo', 'document'] as const;
export const Attachment = Type.Object({
  attachmentId: Type.String(),
  kind: oneOf(attachmentKinds),
  mediaType: Type.String(),
  bytes: Type.Integer(),
  at: Type.String(),
  heardAt: Type.String(),
  by: kept.by,
});
export type Attachment = Static<typeof Attachment>;

/** A care record as read: every series by time, originals beside what amended them. */
export const CareRecordView = Type.Object({
  callId: Type.String(),
  vitals: keptOf(Vitals),
  assessments: keptOf(Assessment),
  medications: keptOf(MedicationGiven),
  procedures: keptOf(ProcedureDone),
  history: keptOf(HistoryTold),
  identities: keptOf(IdentitySeen),
  destinations: keptOf(Destination),
  handovers: keptOf(Handover),
  notes: keptOf(Note),
  attachments: Type.Array(Attachment),
});
export type CareRecordView = Static<typeof CareRecordView>;

export const dispositions = ['discharged', 'admitted', 'transferred', 'left', 'died'] as const;
export type Disposition = (typeof dispositions)[number];

const codes = Type.Optional(Type.Array(Coded, { maxItems: 200 }));
const outcomeFields = {
  reportId: Type.Optional(
    Type.String({
      ...Identifier,
      description: "the hospital's own id of this report; the same id with other content corrects it",
    }),
  ),
  corrects: Type.Optional(Type.String({ ...Identifier, description: 'outcomeId of the report this one replaces' })),
  hospitalId: Type.Optional(Type.String({ ...Identifier, description: 'for admin; a hospital reports for itself' })),
  arrivedAt: Type.Optional(At),
  admittedAt: Type.Optional(At),
  dischargedAt: Type.Optional(At),
  diedAt: Type.Optional(At),
  diagnoses: codes,
  procedures: codes,
  medications: Type.Optional(
    Type.Array(Coded, { maxItems: 200, description: 'at discharge; status resolved: was stopped' }),
  ),
  allergies: codes,
  disposition: Type.Optional(oneOf(dispositions)),
  transferredTo: Type.Optional(Type.String({ ...Identifier, description: 'hospital id' })),
  advice: words(4000),
  patient: Type.Optional(PatientIdentity),
};
/** A report of a call, or a part of one: further parts add, corrections replace. */
export const OutcomeInput = Type.Object(outcomeFields, { ...closed, minProperties: 1 });
export type OutcomeInput = Static<typeof OutcomeInput>;

/** The same where the hospital may not know the call: matched by number, else by patient and time, never guessed. */
export const LooseOutcomeInput = Type.Object(
  {
    callId: Type.Optional(Identifier),
    callNumber: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
    ...outcomeFields,
  },
  { ...closed, minProperties: 1 },
);
export type LooseOutcomeInput = Static<typeof LooseOutcomeInput>;

export const outcomeStates = ['matched', 'unmatched', 'dismissed', 'superseded'] as const;
export type OutcomeState = (typeof outcomeStates)[number];
/** Why an outcome waits for a person. */
const waitReasons = [
  'no-such-call',
  'call-cancelled',
  'several-calls',
  'no-call-fits',
  'patient-unknown',
  'patient-differs',
  'other-hospital',
  'number-only',
  'birth-after-death',
] as const;
export type WaitReason = (typeof waitReasons)[number];

/** Why a person put a report aside. */
export const dismissals = ['not-by-ambulance', 'not-our-call', 'duplicate', 'unusable'] as const;
export type Dismissal = (typeof dismissals)[number];

const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
export const OutcomeAnswer = Type.Object({
  outcomeId: Type.String(),
  state: oneOf(outcomeStates),
  reason: orNull(Type.String({ description: 'why it waits for a person' })),
  callId: orNull(Type.String()),
  callNumber: orNull(Type.Integer()),
  residentId: orNull(Type.String({ description: 'whose history it was written to' })),
  writtenBackAt: orNull(Type.String()),
  seq: orNull(Type.Integer()),
});
export type OutcomeAnswer = Static<typeof OutcomeAnswer>;

export const followUpStatuses = ['due', 'overdue', 'done', 'cancelled'] as const;
export type FollowUpStatus = (typeof followUpStatuses)[number];

/** What was found; codes go into the resident's history. */
export const FollowUpResult = Type.Object(
  {
    contact: oneOf(['home-visit', 'clinic', 'phone', 'video', 'not-reached'] as const),
    at: Type.Optional(At),
    findings: words(4000),
    conditions: codes,
    medications: codes,
    allergies: codes,
    next: words(1000),
  },
  closed,
);
export type FollowUpResult = Static<typeof FollowUpResult>;

const LearnedCode = Type.Object({ ...Coded.properties, from: Provenance });
export type LearnedCode = Static<typeof LearnedCode>;
/** One call of a resident as the next reader needs it. */
export const Encounter = Type.Object({
  callId: Type.String(),
  callNumber: Type.Integer(),
  receivedAt: Type.String(),
  complaint: Type.String(),
  hospitalIds: Type.Array(Type.String()),
  outcomeIds: Type.Array(Type.String()),
  arrivedAt: orNull(Type.String()),
  dischargedAt: orNull(Type.String()),
  disposition: orNull(oneOf(dispositions)),
  advice: Type.Array(Type.String()),
});
export type Encounter = Static<typeof Encounter>;
/** What was learned of a resident since the file was filed; the value sealed beside it. */
export const Learned = Type.Object({
  conditions: Type.Array(LearnedCode),
  allergies: Type.Array(LearnedCode),
  medications: Type.Array(LearnedCode),
  procedures: Type.Array(LearnedCode),
  findings: Type.Array(Type.Object({ text: Type.String(), from: Provenance }), {
    description: 'what a follow-up found, in words',
  }),
  encounters: Type.Array(Encounter),
  death: orNull(
    Type.Object(
      { at: Type.String(), from: Provenance },
      { description: 'the file is closed: it no longer matches as a living patient' },
    ),
  ),
});
export type Learned = Static<typeof Learned>;
export const Conflict = Type.Object({ list: oneOf(historyLists), filed: Coded, learned: LearnedCode });
/** Filed as one thing and learned as the other: both are kept, and whoever reads sees both. */
export type Conflict = Static<typeof Conflict>;
