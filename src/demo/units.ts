/** 24 invented units: ten basic, nine intensive, three isolation, two special, most of them waiting at their station. */
import type { Capability, UnitStatus, VehicleType } from '../domain/vocabulary.ts';
import type { PlaceInput, UnitInput } from '../fleet/schema.ts';
import { placeInside, subdistricts } from './geography.ts';
import { stationId } from './places.ts';
import type { Random } from './random.ts';

const rescue: readonly Capability[] = [
  'transport',
  'monitoring',
  'advanced-airway',
  'ventilator',
  'defibrillator',
  'twelve-lead-ecg',
];
const equipped: Record<VehicleType, readonly Capability[]> = {
  basic: ['transport'],
  intensive: rescue,
  isolation: [...rescue, 'negative-pressure'],
  special: rescue,
};

/** Class, station (1–8), own equipment, and status where it is not waiting. */
const fleet: readonly (readonly [VehicleType, number, Capability[], UnitStatus?])[] = [
  ['basic', 1, ['stair-chair']],
  ['basic', 2, []],
  ['basic', 3, ['stair-chair', 'obstetric']],
  ['basic', 4, ['stair-chair']],
  ['basic', 5, []],
  ['basic', 6, ['stair-chair']],
  ['basic', 7, [], 'returning'],
  ['basic', 8, ['stair-chair', 'obstetric']],
  ['basic', 4, [], 'at-hospital'],
  ['basic', 2, ['stair-chair'], 'off-duty'],
  ['intensive', 1, ['stair-chair', 'mechanical-cpr']],
  ['intensive', 2, ['stair-chair']],
  ['intensive', 3, ['mechanical-cpr', 'obstetric']],
  ['intensive', 4, ['stair-chair', 'mechanical-cpr']],
  ['intensive', 4, []],
  ['intensive', 5, ['stair-chair', 'obstetric'], 'returning'],
  ['intensive', 6, ['stair-chair', 'mechanical-cpr']],
  ['intensive', 7, ['stair-chair', 'obstetric']],
  ['intensive', 8, ['mechanical-cpr'], 'returning'],
  ['isolation', 1, ['stair-chair']],
  ['isolation', 4, ['stair-chair', 'mechanical-cpr']],
  ['isolation', 8, []],
  ['special', 3, ['stroke-ct', 'stair-chair']],
  ['special', 6, ['neonatal', 'bariatric', 'obstetric']],
];

/** Units waiting stand at their station; the others are somewhere in the district. */
export function inventUnits(random: Random, places: readonly PlaceInput[]): UnitInput[] {
  return fleet.map(([vehicleType, station, own, status = 'available'], i) => {
    const stationedAt = stationId(station - 1);
    const place = places.find(({ placeId }) => placeId === stationedAt);
    if (!place) throw new Error(`no ${stationedAt} in the demonstration`);
    return {
      unitId: `demo-unit-${String(i + 1).padStart(2, '0')}`,
      vehicleType,
      capabilities: [...equipped[vehicleType], ...own],
      status,
      position: status === 'available' ? place.position : placeInside(random, random.pick(subdistricts)),
      stationId: stationedAt,
    };
  });
}
