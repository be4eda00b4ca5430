/** Searching for somebody nobody can reach: what goes in and what comes out. */
import { type Static, Type } from 'typebox';
import { HowToGetIn } from '../domain/how-to-get-in.ts';
import { Position, PositionInput } from '../domain/position.ts';
import { locateReasons, locateStatuses, oneOf, sexes } from '../domain/vocabulary.ts';
import { dwellingKinds } from './fuse.ts';
import { stepKinds } from './ladder.ts';

const closed = { additionalProperties: false } as const;
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Text = Type.String();
const TextOrNull = orNull(Text);
/** Who at the centre it is: a name or a staff number. Kept sealed. */
const Person = Type.String({
  minLength: 1,
  maxLength: 60,
  pattern: '\\S',
  description: 'who at the centre: kept sealed',
});

export const RaiseInput = Type.Object({ reason: oneOf(locateReasons) }, closed);
export type RaiseInput = Static<typeof RaiseInput>;

export const AcceptInput = Type.Object(
  {
    person: Type.Optional(Person),
    takeOver: Type.Optional(Type.Boolean({ description: 'from a colleague of the same centre who holds it' })),
  },
  closed,
);
export type AcceptInput = Static<typeof AcceptInput>;

export const DeclineInput = Type.Object({ person: Type.Optional(Person) }, closed);
export type DeclineInput = Static<typeof DeclineInput>;

const Door = {
  building: Type.Optional(Type.String({ maxLength: 60 })),
  unit: Type.Optional(Type.String({ maxLength: 60 })),
  floor: Type.Optional(Type.Integer({ minimum: -10, maximum: 200 })),
  room: Type.Optional(Type.String({ maxLength: 60 })),
  entryNotes: Type.Optional(Type.String({ maxLength: 1000 })),
};

export const AnswerInput = Type.Object(
  {
    found: Type.Boolean({ description: 'true: they are there, or somebody is talking to them. false: not here' }),
    position: Type.Optional(PositionInput),
    ...Door,
    contact: Type.Optional(
      oneOf(['seen', 'talking', 'told'] as const, 'seen at the door, talking to them, told by others'),
    ),
    dwellingId: Type.Optional(
      Type.String({ maxLength: 100, description: 'not here: the likely place looked at; without it the likeliest' }),
    ),
    tryInstead: Type.Optional(Type.String({ maxLength: 300, description: 'not here: where to look instead' })),
    person: Type.Optional(Person),
    confirmFar: Type.Optional(
      Type.Boolean({ description: 'the position is right although it is far from all that is known' }),
    ),
  },
  closed,
);
export type AnswerInput = Static<typeof AnswerInput>;

/** Nothing to be said. */
export const NoInput = Type.Object({}, closed);

const evidenceKinds = [
  'device',
  'network',
  'aml',
  'caller',
  'confirmed',
  'registered-home',
  'registered-device',
  'caller-words',
  'past-place',
] as const;
export type EvidenceKind = (typeof evidenceKinds)[number];

export const EvidenceView = Type.Object({
  rank: Type.Integer({ description: '1: points best to where they are' }),
  kind: oneOf(evidenceKinds),
  position: orNull(Position),
  radiusMetres: orNull(Type.Number({ description: 'of the position as sent; null: none was given' })),
  at: TextOrNull,
  ageSeconds: orNull(Type.Integer()),
  text: TextOrNull,
  support: Type.Number({ description: 'share of the likelihood that lies where it points, 0…1' }),
});
export type EvidenceView = Static<typeof EvidenceView>;

export const LikelyPlaceView = Type.Object({
  dwellingId: Text,
  kind: oneOf(dwellingKinds),
  confidence: Type.Number({ description: '0…1; with `elsewhere` all sum to 1' }),
  residentId: TextOrNull,
  placeId: TextOrNull,
  address: TextOrNull,
  position: orNull(Position),
});
export type LikelyPlaceView = Static<typeof LikelyPlaceView>;

export const LikelyPlaces = Type.Object({
  places: Type.Array(LikelyPlaceView),
  elsewhere: Type.Number({ description: 'that it is none of them' }),
});
export type LikelyPlaces = Static<typeof LikelyPlaces>;

export const SurfaceView = Type.Object({
  type: Type.Unsafe<'FeatureCollection'>({ type: 'string', enum: ['FeatureCollection'] }),
  features: Type.Array(Type.Unknown()),
});

export const LocateAnswerView = Type.Object({
  answerId: Text,
  at: Text,
  centreId: Text,
  person: TextOrNull,
  found: Type.Boolean(),
  stands: Type.Boolean({ description: 'false: a comment, given after another answer' }),
  refuted: Type.Boolean(),
  placeId: TextOrNull,
  flags: Type.Array(Text),
  position: orNull(Position),
  building: TextOrNull,
  unit: TextOrNull,
  floor: orNull(Type.Integer()),
  room: TextOrNull,
  entryNotes: TextOrNull,
  contact: TextOrNull,
  tryInstead: TextOrNull,
});
export type LocateAnswerView = Static<typeof LocateAnswerView>;

const Delivery = Type.Object({
  channel: oneOf(['webhook', 'email', 'sms'] as const),
  kind: oneOf(['request', 'taken', 'over'] as const),
  state: oneOf(['waiting', 'delivered', 'given-up'] as const),
  attempts: Type.Integer(),
  failure: TextOrNull,
});

const AskView = Type.Object({
  kind: oneOf(['centre', 'subdistrict-duty'] as const),
  target: Text,
  name: TextOrNull,
  nameEn: TextOrNull,
  step: Type.Integer(),
  askedAt: Text,
  declinedAt: TextOrNull,
  deliveries: Type.Array(Delivery),
});

export const LocateRequestView = Type.Object({
  locateRequestId: Text,
  callId: Text,
  callNumber: Type.Integer(),
  reason: oneOf(locateReasons),
  status: oneOf(locateStatuses),
  communityCentreId: orNull(Type.String({ description: 'routed to first' })),
  raisedAt: Text,
  raisedBy: Type.Object({ role: Text, subject: Text }),
  dueAt: orNull(Type.String({ description: 'when the next step of the ladder is taken' })),
  ladder: Type.Array(Type.Object({ kind: oneOf(stepKinds), waitSeconds: Type.Integer() })),
  step: Type.Integer({ description: 'index of the step reached' }),
  flags: Type.Array(Text, {
    description: 'catchment-gap, overlapping-catchments, place-unknown, no-centre, nobody-at-desk',
  }),
  position: orNull(Position),
  subdistrictCode: TextOrNull,
  holder: orNull(Type.Object({ centreId: Text, person: TextOrNull, heldAt: Text })),
  acceptedAt: TextOrNull,
  answeredAt: TextOrNull,
  closedAt: TextOrNull,
  closedBecause: TextOrNull,
  person: orNull(Type.Object({ residentId: Text, name: Text, ageYears: Type.Integer(), sex: oneOf(sexes) })),
  evidence: Type.Array(EvidenceView),
  likelyPlaces: LikelyPlaces,
  howToGetIn: Type.Array(HowToGetIn),
  asked: Type.Array(AskView),
  answers: Type.Array(LocateAnswerView),
  toRing: Type.Object({
    microFireStation: orNull(
      Type.Object({ placeId: Text, name: Text, nameEn: TextOrNull, distanceMetres: Type.Integer() }),
    ),
    police: Type.Object({ name: TextOrNull, phone: Text }),
    duty: orNull(Type.Object({ name: TextOrNull, phone: TextOrNull })),
  }),
});
export type LocateRequestView = Static<typeof LocateRequestView>;

const MultiOrPolygon = Type.Object(
  { type: oneOf(['Polygon', 'MultiPolygon'] as const), coordinates: Type.Array(Type.Unknown(), { minItems: 1 }) },
  closed,
);
const Phone = Type.String({ pattern: '^\\+?[0-9 -]{3,20}$' });

export const DeskInput = Type.Object(
  {
    catchment: Type.Optional(orNull(MultiOrPolygon)),
    webhook: Type.Optional(
      orNull(
        Type.Object(
          {
            url: Type.String({ format: 'uri', maxLength: 500 }),
            secret: Type.String({ minLength: 24, maxLength: 100 }),
          },
          closed,
        ),
      ),
    ),
    emails: Type.Optional(Type.Array(Type.String({ format: 'email', maxLength: 200 }), { maxItems: 10 })),
    phones: Type.Optional(Type.Array(Phone, { maxItems: 10, description: 'told by short message' })),
  },
  closed,
);
export type DeskInput = Static<typeof DeskInput>;

export const DeskView = Type.Object({
  centreId: Text,
  catchment: Type.Unknown(),
  webhook: orNull(Type.Object({ url: Text }, { description: 'the secret is never shown' })),
  emails: Type.Array(Text),
  phones: Type.Array(Text),
});
export type DeskView = Static<typeof DeskView>;

export const DutyInput = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 60 })),
    phone: Type.Optional(Phone),
    emails: Type.Optional(Type.Array(Type.String({ format: 'email', maxLength: 200 }), { maxItems: 10 })),
    policeName: Type.Optional(Type.String({ minLength: 1, maxLength: 60 })),
    policePhone: Type.Optional(Phone),
  },
  { ...closed, minProperties: 1 },
);
export type DutyInput = Static<typeof DutyInput>;
export const DutyView = Type.Object({ subdistrictCode: Text, ...DutyInput.properties });

const Seconds = orNull(Type.Integer());
const LocateFigures = Type.Object({
  count: Type.Integer({ description: 'requests measured' }),
  missing: Type.Integer({ description: 'requests that never got so far' }),
  meanSeconds: Seconds,
  medianSeconds: Seconds,
  p90Seconds: Seconds,
});
const LocateDurations = Type.Object({ accept: LocateFigures, answer: LocateFigures, atPatient: LocateFigures });
const Group = Type.Object({ key: TextOrNull, durations: LocateDurations });
/** Of requests raised in the span: until accepted, answered, and until somebody was at the patient. */
export const LocateTimesView = Type.Object({
  byCentre: Type.Array(Group),
  byReason: Type.Array(Group),
  total: LocateDurations,
});
export type LocateTimesView = Static<typeof LocateTimesView>;
