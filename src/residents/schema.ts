/** What is filed about a resident before any call. */
import { type Static, Type } from 'typebox';
import { Coded, Day } from '../domain/coded.ts';
import { PositionInput } from '../domain/position.ts';
import { mobilities, oneOf, sexes } from '../domain/vocabulary.ts';

export const Identifier = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$' });
const PhoneInput = Type.String({ minLength: 3, maxLength: 32 });
const closed = { additionalProperties: false } as const;
const codes = Type.Array(Coded, { maxItems: 500 });

export const History = Type.Object(
  {
    conditions: Type.Optional(codes),
    allergies: Type.Optional(codes),
    medications: Type.Optional(codes),
    implants: Type.Optional(codes),
    procedures: Type.Optional(codes),
    weightKg: Type.Optional(Type.Union([Type.Number({ exclusiveMinimum: 0, maximum: 500 }), Type.Null()])),
    mobility: Type.Optional(oneOf(mobilities)),
    pregnancyDueDate: Type.Optional(Type.Union([Day, Type.Null()])),
    directives: Type.Optional(codes),
  },
  closed,
);
export type History = Static<typeof History>;

export const Home = Type.Object(
  {
    address: Type.String({ minLength: 1, maxLength: 300 }),
    subdistrictCode: Type.Optional(Type.String({ pattern: '^\\d{9}$' })),
    position: Type.Optional(PositionInput),
    building: Type.Optional(Type.String({ maxLength: 60 })),
    unit: Type.Optional(Type.String({ maxLength: 60 })),
    floor: Type.Optional(Type.Integer({ minimum: -10, maximum: 200 })),
    room: Type.Optional(Type.String({ maxLength: 60 })),
    hasLift: Type.Optional(Type.Boolean()),
    entryNotes: Type.Optional(Type.String({ maxLength: 1000 })),
  },
  closed,
);

export const Contact = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 60 }),
    relation: Type.Optional(Type.String({ maxLength: 40 })),
    phone: PhoneInput,
    holdsKey: Type.Optional(Type.Boolean()),
  },
  closed,
);

export const Resident = Type.Object(
  {
    residentId: Identifier,
    name: Type.String({ minLength: 1, maxLength: 60 }),
    sex: oneOf(sexes),
    birthDate: Day,
    idNumber: Type.Optional(
      Type.String({ minLength: 1, maxLength: 32, description: 'GB 11643, check digit verified' }),
    ),
    phones: Type.Array(PhoneInput, { maxItems: 10 }),
    devices: Type.Optional(
      Type.Array(Type.Object({ deviceId: Identifier, kind: Type.String({ minLength: 1, maxLength: 40 }) }, closed), {
        maxItems: 10,
      }),
    ),
    livesAlone: Type.Optional(Type.Boolean()),
    home: Type.Optional(Home),
    contacts: Type.Optional(Type.Array(Contact, { maxItems: 10 })),
    communityCentreId: Type.Optional(Identifier),
    familyDoctorId: Type.Optional(Identifier),
    history: Type.Optional(History),
    filedAt: Type.Optional(Type.String({ format: 'date-time' })),
    confirmedAt: Type.Optional(Type.String({ format: 'date-time' })),
  },
  { ...closed, $id: 'Resident' },
);
/** As filed: phones E.164, citizen number upper-case, home position WGS-84 with the raw pair beside it (see `file.ts`). */
export type Resident = Static<typeof Resident>;
