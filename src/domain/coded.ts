/** A coded entry of a health history, kept exactly as it came. */
import { type Static, Type } from 'typebox';
import { codeSystems, oneOf } from './vocabulary.ts';

export const Day = Type.String({ format: 'date', description: 'YYYY-MM-DD' });

/** PostgreSQL's text holds anything but NUL. */
const WITHOUT_NUL = '^[^\\u0000]*$';

export const Coded = Type.Object(
  {
    system: oneOf(codeSystems),
    code: Type.String({
      minLength: 1,
      maxLength: 200,
      pattern: WITHOUT_NUL,
      description: 'the code, or the words themselves for system text',
    }),
    display: Type.Optional(Type.String({ maxLength: 300, pattern: WITHOUT_NUL })),
    status: Type.Optional(oneOf(['active', 'resolved'] as const)),
    onset: Type.Optional(Day),
  },
  { additionalProperties: false },
);
export type Coded = Static<typeof Coded>;

/** Where a fact came from that was not filed but learned, on or after a call. */
export const Provenance = Type.Object(
  {
    source: oneOf(['outcome', 'care-record', 'follow-up'] as const),
    sourceId: Type.String({ description: 'the outcome, entry of the care record or follow-up it stands in' }),
    callId: Type.String(),
    callNumber: Type.Integer(),
    recordedAt: Type.String(),
    by: Type.String({ description: 'the hospital, unit, doctor or centre that said so' }),
  },
  { additionalProperties: false },
);
export type Provenance = Static<typeof Provenance>;

/** A coded entry as a decision reads it: filed, or learned and saying from what. */
export type KnownCode = Coded & { readonly from?: Provenance };
