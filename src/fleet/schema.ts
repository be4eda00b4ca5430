/** Units and the places they start from and drive to. */
import { type Static, Type } from 'typebox';
import { Position, PositionInput } from '../domain/position.ts';
import {
  type Capability,
  capabilities,
  hospitalCapabilities,
  oneOf,
  type UnitStatus,
  unitStatuses,
  type VehicleType,
  vehicleTypes,
} from '../domain/vocabulary.ts';

export const Identifier = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$' });
const closed = { additionalProperties: false } as const;

export const UnitInput = Type.Object(
  {
    unitId: Identifier,
    vehicleType: oneOf(vehicleTypes, 'WS/T 292 class A, B, C, D'),
    capabilities: Type.Array(oneOf(capabilities), { uniqueItems: true, maxItems: capabilities.length }),
    status: oneOf(unitStatuses, 'of a unit on a call the one its run gave it stands'),
    position: Type.Optional(PositionInput),
    stationId: Type.Optional(Identifier),
  },
  closed,
);
export type UnitInput = Static<typeof UnitInput>;

export const UnitView = Type.Object({
  unitId: Type.String(),
  vehicleType: oneOf(vehicleTypes),
  capabilities: Type.Array(oneOf(capabilities)),
  status: oneOf(unitStatuses),
  position: Type.Union([Position, Type.Null()]),
  positionAt: Type.Union([Type.String(), Type.Null()]),
  stationId: Type.Union([Type.String(), Type.Null()]),
});

export interface Unit {
  readonly unitId: string;
  readonly vehicleType: VehicleType;
  readonly capabilities: readonly Capability[];
  readonly status: UnitStatus;
  readonly position: Position | null;
  /** Milliseconds since the epoch. */
  readonly positionAt: number | null;
  readonly stationId: string | null;
}

export const placeKinds = [
  'hospital',
  'station',
  'community-centre',
  'micro-fire-station',
  'fire-station',
  'clinic',
  'defibrillator',
] as const;
export type PlaceKind = (typeof placeKinds)[number];

export const PlaceInput = Type.Object(
  {
    placeId: Identifier,
    kind: oneOf(placeKinds),
    name: Type.String({ minLength: 1, maxLength: 120 }),
    nameEn: Type.Optional(Type.String({ minLength: 1, maxLength: 120 })),
    position: PositionInput,
    subdistrictCode: Type.Optional(Type.String({ pattern: '^\\d{9}$' })),
    capabilities: Type.Optional(
      Type.Array(oneOf(hospitalCapabilities), { uniqueItems: true, description: 'what a hospital can take' }),
    ),
  },
  closed,
);
export type PlaceInput = Static<typeof PlaceInput>;

export const PlaceView = Type.Object({
  placeId: Type.String(),
  kind: oneOf(placeKinds),
  name: Type.String(),
  nameEn: Type.Union([Type.String(), Type.Null()]),
  position: Position,
  subdistrictCode: Type.Union([Type.String(), Type.Null()]),
  capabilities: Type.Array(Type.String()),
});

export interface Place {
  readonly placeId: string;
  readonly kind: PlaceKind;
  readonly name: string;
  readonly nameEn: string | null;
  readonly position: Position;
  readonly subdistrictCode: string | null;
  readonly capabilities: readonly string[];
}
