/** What a call's answer says of the way to somebody's door, and whether to begin looking for them. Shared by calls and searches. */
import { type Static, Type } from 'typebox';
import { Position } from './position.ts';
import { locateReasons, oneOf } from './vocabulary.ts';

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Text = Type.String();
const TextOrNull = orNull(Text);

/** Where somebody was found before. */
export const PastPlaceView = Type.Object({
  placeId: Text,
  position: orNull(Position),
  building: TextOrNull,
  unit: TextOrNull,
  floor: orNull(Type.Integer()),
  room: TextOrNull,
  entryNotes: TextOrNull,
  confirmedAt: Text,
  confirmedBy: Type.Object({ centreId: Text, person: TextOrNull }),
  refutedAt: TextOrNull,
});
export type PastPlaceView = Static<typeof PastPlaceView>;

/** How to get to somebody: what is filed of their door and of those who have a key. Null residentId: nobody filed, found before by phone or device. */
export const HowToGetIn = Type.Object({
  residentId: TextOrNull,
  name: TextOrNull,
  livesAlone: orNull(Type.Boolean()),
  address: TextOrNull,
  position: orNull(Position),
  building: TextOrNull,
  unit: TextOrNull,
  floor: orNull(Type.Integer()),
  room: TextOrNull,
  hasLift: orNull(Type.Boolean()),
  entryNotes: TextOrNull,
  contacts: Type.Array(Type.Object({ name: Text, relation: TextOrNull, phone: Text, holdsKey: Type.Boolean() }), {
    description: 'those with a key first',
  }),
  familyDoctorId: TextOrNull,
  communityCentreId: TextOrNull,
  pastPlaces: Type.Array(PastPlaceView, { description: 'found there before, not refuted, latest first' }),
});
export type HowToGetIn = Static<typeof HowToGetIn>;

/** Look for them now, while the ambulance is still on its way; confirmed by the dispatcher, never begun by itself. */
export const SuggestionView = Type.Object({
  reason: oneOf(locateReasons),
  why: oneOf(['silent-press', 'callback-unanswered', 'silent-call'] as const),
});
