/** First responders other than ambulances, as they are registered, offered and alerted. */
import { type Static, Type } from 'typebox';
import { Position, PositionInput } from '../domain/position.ts';
import { oneOf } from '../domain/vocabulary.ts';
import { Identifier } from './schema.ts';

export const responderKinds = ['micro-fire-station', 'fire-station', 'volunteer', 'defibrillator'] as const;
export type ResponderKind = (typeof responderKinds)[number];
const responderChannels = ['webhook', 'email', 'sms'] as const;
export type ResponderChannel = (typeof responderChannels)[number];
export const alertStatuses = [
  'offered',
  'alerted',
  'accepted',
  'declined',
  'on-scene',
  'stood-down',
  'lapsed',
] as const;
/** `lapsed`: no answer in time, and the next nearest was turned to; an answer that comes late still counts. */
export type AlertStatus = (typeof alertStatuses)[number];

const closed = { additionalProperties: false } as const;
const Minute = Type.String({ pattern: '^(?:[01]\\d|2[0-3]):[0-5]\\d$', description: 'time of day in China, HH:MM' });
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

/** How somebody is alerted; without any, the dispatcher rings or radios. */
const Contact = Type.Object(
  {
    webhook: Type.Optional(
      Type.Object(
        {
          url: Type.String({ pattern: '^https?://[^\\s]+$', maxLength: 2000 }),
          secret: Type.String({ minLength: 16, maxLength: 200 }),
        },
        closed,
      ),
    ),
    emails: Type.Optional(
      Type.Array(Type.String({ pattern: '^[^\\s@]+@[^\\s@]+$', maxLength: 254 }), { minItems: 1, maxItems: 5 }),
    ),
    phones: Type.Optional(Type.Array(Type.String({ minLength: 3, maxLength: 40 }), { minItems: 1, maxItems: 5 })),
  },
  closed,
);

export const ResponderInput = Type.Object(
  {
    responderId: Type.Optional(Identifier),
    kind: oneOf(responderKinds),
    position: PositionInput,
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 120 })),
    whereExactly: Type.Optional(
      Type.String({ minLength: 1, maxLength: 300, description: 'e.g. where a defibrillator hangs' }),
    ),
    onDuty: Type.Optional(Type.Boolean({ description: 'true where it is not said' })),
    hours: Type.Optional(Type.Object({ from: Minute, to: Minute }, closed)),
    contact: Type.Optional(Contact),
  },
  closed,
);
export type ResponderInput = Static<typeof ResponderInput>;

export const ResponderView = Type.Object({
  responderId: Type.String(),
  kind: oneOf(responderKinds),
  position: Position,
  name: orNull(Type.String()),
  whereExactly: orNull(Type.String()),
  onDuty: Type.Boolean(),
  hours: orNull(Type.Object({ from: Minute, to: Minute })),
  channels: Type.Array(oneOf(responderChannels)),
});
export type ResponderView = Static<typeof ResponderView>;

export const AlertView = Type.Object({
  alertId: Type.String(),
  callId: Type.String(),
  responderId: Type.String(),
  kind: oneOf(responderKinds),
  name: orNull(Type.String()),
  whereExactly: orNull(Type.String()),
  position: Position,
  status: oneOf(alertStatuses),
  distanceMetres: Type.Integer(),
  predictedSeconds: Type.Integer({
    description: 'from being alerted to being with the patient; of a defibrillator: fetched and brought',
  }),
  predictedOnSceneAt: orNull(Type.String({ description: 'once alerted' })),
  channels: Type.Array(oneOf(responderChannels)),
  alertedAt: orNull(Type.String()),
  answerDueAt: orNull(
    Type.String({ description: 'while alerted: without an answer by then the next nearest is alerted' }),
  ),
  answeredAt: orNull(Type.String()),
  onSceneAt: orNull(Type.String()),
  delivery: oneOf(['none', 'waiting', 'delivered', 'failing'] as const, 'of the alert, over all channels'),
});
export type AlertView = Static<typeof AlertView>;
