/** What a call is made of, on its way in and on its way out. */
import { type Static, Type } from 'typebox';
import { Coded, Provenance } from '../domain/coded.ts';
import { HowToGetIn, SuggestionView } from '../domain/how-to-get-in.ts';
import { Position, PositionInput } from '../domain/position.ts';
import {
  callerRelations,
  callStatuses,
  capabilities,
  channels,
  complaintCodes,
  locationSources,
  oneOf,
  priorities,
  sexes,
  travelBases,
  unitStatuses,
  vehicleTypes,
} from '../domain/vocabulary.ts';

const closed = { additionalProperties: false } as const;
const Identifier = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$' });
const Instant = Type.String({ format: 'date-time', description: 'RFC 3339 with offset' });
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Bilingual = Type.Object({ zh: Type.String(), en: Type.String() });

/** A caller's number as the line shows it; one that cannot be read as a number is kept and flagged, never refused. */
const CallerPhone = Type.String({ pattern: '^[+0-9 ()*#./-]{3,32}$' });

const ComplaintInput = Type.Object(
  {
    code: oneOf(complaintCodes),
    text: Type.Optional(Type.String({ maxLength: 4000 })),
    answers: Type.Optional(
      Type.Record(Type.String({ pattern: '^[a-zA-Z][a-zA-Z0-9-]{0,39}$' }), Type.String({ maxLength: 40 }), {
        maxProperties: 40,
        additionalProperties: false,
      }),
    ),
  },
  closed,
);

const PatientInput = Type.Object(
  {
    residentId: Type.Optional(Identifier),
    idNumber: Type.Optional(Type.String({ minLength: 1, maxLength: 32 })),
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 60 })),
    ageYears: Type.Optional(Type.Integer({ minimum: 0, maximum: 130 })),
    sex: Type.Optional(oneOf(sexes)),
  },
  closed,
);

const LocationInput = Type.Object(
  {
    position: Type.Optional(PositionInput),
    uncertaintyMetres: Type.Optional(Type.Number({ minimum: 0, maximum: 100_000 })),
    source: Type.Optional(oneOf(locationSources)),
    address: Type.Optional(Type.String({ minLength: 1, maxLength: 300 })),
  },
  closed,
);

export const CallInput = Type.Object(
  {
    channel: oneOf(channels),
    receivedAt: Type.Optional(Instant),
    caller: Type.Optional(
      Type.Object({ phone: Type.Optional(CallerPhone), relation: Type.Optional(oneOf(callerRelations)) }, closed),
    ),
    device: Type.Optional(Type.Object({ deviceId: Identifier }, closed)),
    patient: Type.Optional(PatientInput),
    location: Type.Optional(LocationInput),
    complaint: ComplaintInput,
  },
  closed,
);
export type CallInput = Static<typeof CallInput>;

/** Merged field by field: what is said anew replaces what was said of the same. */
export const CallPatch = Type.Object(
  {
    caller: Type.Optional(CallInput.properties.caller),
    patient: Type.Optional(PatientInput),
    location: Type.Optional(LocationInput),
    complaint: Type.Optional(Type.Partial(ComplaintInput, closed)),
    residentId: Type.Optional(
      Type.Union([Identifier, Type.Null()], { description: 'confirmed patient; null: none of these' }),
    ),
  },
  { ...closed, minProperties: 1 },
);
export type CallPatch = Static<typeof CallPatch>;

export const CallView = Type.Object({
  callId: Type.String(),
  number: Type.Integer(),
  status: oneOf(callStatuses),
  channel: oneOf(channels),
  complaint: Type.String(),
  priority: Type.Unsafe<(typeof priorities)[number]>({ type: 'integer', enum: [...priorities] }),
  vehicleType: oneOf(vehicleTypes),
  receivedAt: Type.String(),
  responseDueAt: Type.String(),
  residentId: orNull(Type.String()),
  location: Type.Object({
    position: orNull(Position),
    uncertaintyMetres: orNull(Type.Number()),
    source: orNull(oneOf(locationSources)),
    address: orNull(Type.String()),
    subdistrictCode: orNull(Type.String()),
  }),
  flags: Type.Array(Type.String(), { description: 'what was accepted but needs a look, e.g. outside-service-area' }),
  timePoints: Type.Record(Type.String(), Type.String()),
});
export type CallView = Static<typeof CallView>;

export const UnitOnCall = Type.Object({
  unitId: Type.String(),
  status: oneOf(unitStatuses),
  predictedOnSceneAt: orNull(Type.String({ description: 'as predicted when it was sent' })),
});
export type UnitOnCall = Static<typeof UnitOnCall>;

/** A call in a list, with what its clock needs. */
export const ListedCall = Type.Object({
  ...CallView.properties,
  units: Type.Array(UnitOnCall, { description: 'on the call now' }),
  onSceneAt: orNull(Type.String({ description: 'first qualifying unit: the response clock stopped' })),
  predictedOnSceneAt: orNull(Type.String({ description: 'of the first qualifying unit on its way' })),
  said: Type.Array(
    Type.Object({
      type: oneOf(['clock.warning', 'clock.breached', 'unit.offered'] as const),
      data: Type.Unknown(),
    }),
    { description: 'while nobody is there: what its clocks said and which units were offered, oldest first' },
  ),
});
export type ListedCall = Static<typeof ListedCall>;

export const MatchView = Type.Object({
  residentId: Type.String(),
  name: Type.String(),
  ageYears: Type.Integer(),
  sex: oneOf(sexes),
  confidence: Type.Number(),
  grade: oneOf(['match', 'possible'] as const),
  evidence: Type.Array(
    Type.Object({ field: Type.String(), weight: Type.Number(), agreement: Type.Optional(Type.String()) }),
  ),
  livesAlone: orNull(Type.Boolean()),
});
export type MatchView = Static<typeof MatchView>;

const RecommendationView = Type.Object({
  priority: CallView.properties.priority,
  vehicleType: oneOf(vehicleTypes),
  capabilities: Type.Object({ required: Type.Array(oneOf(capabilities)), preferred: Type.Array(oneOf(capabilities)) }),
  basis: oneOf(['history', 'complaint-only'] as const),
  cautions: Type.Array(Type.Object({ code: Type.String(), text: Bilingual })),
  hospitals: Type.Array(
    Type.Object({
      hospitalId: Type.String(),
      name: Type.String(),
      etaSeconds: orNull(Type.Integer()),
      why: Type.String(),
    }),
  ),
  reasons: Type.Array(
    Type.Object({
      rule: Type.String(),
      fact: Type.String(),
      effect: Type.String(),
      source: Type.String(),
      from: Type.Optional(Provenance),
    }),
  ),
  unmapped: Type.Array(Coded, { description: 'codes of the history that no risk group claims, as they stand' }),
  flags: Type.Array(Type.String(), {
    description:
      'e.g. several-residents, too-many-residents, stale-file, history-unavailable, history-conflict, closed-file',
  }),
  protocolVersion: Type.String(),
});
export type RecommendationView = Static<typeof RecommendationView>;

const RankedUnitView = Type.Object({
  unitId: Type.String(),
  vehicleType: oneOf(vehicleTypes),
  status: Type.String(),
  satisfies: Type.Boolean(),
  shortfalls: Type.Array(Type.String()),
  etaSeconds: orNull(Type.Integer()),
  distanceMetres: orNull(Type.Integer()),
  travelBasis: orNull(oneOf(travelBases)),
  predictedResponseSeconds: orNull(Type.Integer()),
  meetsTarget: Type.Boolean(),
  positionAgeSeconds: orNull(Type.Integer()),
});

export const CallAnswer = Type.Object({
  call: CallView,
  matches: Type.Array(MatchView),
  recommendation: RecommendationView,
  units: Type.Array(RankedUnitView),
  howToGetIn: Type.Array(HowToGetIn, { description: 'of each resident it may be' }),
  locateSuggestion: orNull(SuggestionView),
  seq: Type.Integer(),
});
export type CallAnswer = Static<typeof CallAnswer>;

/** A call as far as it was heard: what is not said yet is left out. */
export const PreviewInput = Type.Object(
  {
    ...CallInput.properties,
    channel: Type.Optional(CallInput.properties.channel),
    complaint: Type.Optional(ComplaintInput),
  },
  closed,
);
export type PreviewInput = Static<typeof PreviewInput>;

export const CallPreview = Type.Object({
  ...Type.Omit(CallAnswer, ['call', 'seq', 'recommendation']).properties,
  recommendation: orNull(RecommendationView),
  histories: Type.Array(Type.Object({ residentId: Type.String(), riskGroups: Type.Array(Type.String()) })),
  location: CallView.properties.location,
  addresses: Type.Array(
    Type.Object({ address: Type.String(), position: Position, subdistrictCode: orNull(Type.String()) }),
    { description: 'where the address said may be, by the map; empty once there is a position' },
  ),
  flags: CallView.properties.flags,
  targetSeconds: Type.Integer(),
});
export type CallPreview = Static<typeof CallPreview>;

/** A call as the crew on it sees it. */
export const CrewCall = Type.Object({
  ...Type.Pick(CallView, [
    'callId',
    'number',
    'status',
    'complaint',
    'priority',
    'receivedAt',
    'responseDueAt',
    'location',
  ]).properties,
  unitStatus: oneOf(unitStatuses),
  timePoints: Type.Record(Type.String(), Type.String(), { description: 'of this unit' }),
  callerPhone: orNull(Type.String()),
  patients: Type.Array(Type.Omit(MatchView, ['confidence', 'evidence'])),
  cautions: RecommendationView.properties.cautions,
  capabilities: RecommendationView.properties.capabilities,
  hospitals: RecommendationView.properties.hospitals,
  howToGetIn: CallAnswer.properties.howToGetIn,
});
export type CrewCall = Static<typeof CrewCall>;

/** One call read again: what was said when it came in, what was decided, what happened since. */
export const CallDetail = Type.Object({
  ...CallAnswer.properties,
  intake: CallInput,
  histories: CallPreview.properties.histories,
  events: Type.Array(
    Type.Object({ seq: Type.Integer(), type: Type.String(), at: Type.String(), data: Type.Unknown() }),
  ),
  assignments: Type.Array(
    Type.Object({
      unitId: Type.String(),
      assignedAt: Type.String(),
      shortfalls: Type.Array(Type.String()),
      overridden: Type.Boolean(),
      predictedOnSceneAt: orNull(Type.String()),
      endedAt: orNull(Type.String()),
      ending: orNull(Type.String()),
    }),
  ),
  reports: Type.Array(
    Type.Object({
      unitId: orNull(Type.String()),
      point: Type.String(),
      at: Type.String(),
      heardAt: Type.String(),
      flags: Type.Array(Type.String()),
      counts: Type.Boolean(),
    }),
  ),
});
export type CallDetail = Static<typeof CallDetail>;
