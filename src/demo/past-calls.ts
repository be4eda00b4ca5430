/** A season of calls that never were, so that the planner's board of the demonstration has a past to show. All invented. */
import { distanceMetres, toWgs84 } from '../domain/position.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { PlaceInput, UnitInput } from '../fleet/schema.ts';
import type { PastCall } from '../planning/past-call.ts';
import type { Resident } from '../residents/schema.ts';
import { HOUR_SHAPE } from './callers.ts';
import type { Random } from './random.ts';

const DAYS = 90;
const CALLS_A_DAY = 60;
const DAY_MS = 24 * 3_600_000;
/** Metres a second under lights by day, and what streets add to a straight line. */
const SPEED = 8;
const DETOUR = 1.35;
const complaints = [
  'chest-pain',
  'fall',
  'breathing-difficulty',
  'stroke-symptoms',
  'fainting',
  'abdominal-pain',
  'fever',
] as const;

export interface PastDistrict {
  readonly places: readonly PlaceInput[];
  readonly units: readonly UnitInput[];
  readonly residents: readonly Resident[];
}

/** The same calls for the same `now` and `random`; they end the day before `now`. */
export function inventPastCalls(random: Random, { places, units, residents }: PastDistrict, now: Instant): PastCall[] {
  const stations = places
    .filter(({ kind }) => kind === 'station')
    .map(({ placeId, position }) => ({ placeId, position: toWgs84(position) }));
  const homes = residents.flatMap(({ home }) => (home?.position ? [toWgs84(home.position)] : []));
  const today = now - ((now + 8 * 3_600_000) % DAY_MS);
  return Array.from({ length: DAYS * CALLS_A_DAY }, (_, each) => {
    const home = random.pick(homes);
    const hour = random.weighted(HOUR_SHAPE);
    const day = Math.floor(each / CALLS_A_DAY);
    const receivedAt = today - (DAYS - day) * DAY_MS + (hour * 3_600 + random.whole(0, 3_599)) * 1_000;
    // The nearest station's unit is out every fourth time; then the next one comes.
    const nearest = [...stations].sort((a, b) => distanceMetres(a.position, home) - distanceMetres(b.position, home));
    const station = nearest[random.chance(0.25) ? 1 : 0] ?? nearest[0];
    const unit = units.find(({ stationId }) => stationId === station?.placeId);
    const isPeak = hour >= 7 && hour <= 9;
    const drive =
      ((distanceMetres(station?.position ?? home, home) * DETOUR) / SPEED) * (isPeak ? 1.5 : 1) + random.whole(20, 90);
    const points = [
      ['unit-notified', random.whole(40, 130)],
      ['en-route', random.whole(40, 110)],
      ['on-scene', Math.round(drive)],
      ['at-patient', random.whole(45, 240)],
    ] as const;
    const isCancelled = random.chance(0.03);
    let at = receivedAt + random.whole(3, 12) * 1_000;
    const answeredAt = rfc3339(at);
    const timePoints: Record<string, string> = {};
    for (const [point, seconds] of isCancelled ? points.slice(0, 1) : points) {
      at += seconds * 1_000;
      // A report in fifty is missing, as everywhere.
      if (!random.chance(0.02)) timePoints[point] = rfc3339(at);
    }
    return {
      callId: `demo-past-${each + 1}`,
      receivedAt: rfc3339(receivedAt),
      answeredAt,
      timePoints,
      cancelled: isCancelled,
      position: home,
      complaint: random.pick(complaints),
      priority: 1 + random.weighted([2, 3, 3, 2]),
      ...(unit ? { unitId: unit.unitId, vehicleType: unit.vehicleType } : {}),
      ...(station ? { stationId: station.placeId } : {}),
    };
  });
}
