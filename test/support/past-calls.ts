/** Past calls at random, and what the board says of them reckoned plainly: by filtering and sorting the calls themselves. */
import fc from 'fast-check';
import { chinaTime } from '../../src/domain/time.ts';
import { vehicleTypes } from '../../src/domain/vocabulary.ts';
import { type FiledPastCall, type Leg, legs } from '../../src/planning/past-call.ts';
import { type ClockName, clocks, type Grouping } from '../../src/planning/schema.ts';

const DAY_MS = 24 * 3_600_000;
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 6 });
/** Mostly minutes, now and then a call nobody ended for days. */
const seconds = fc.oneof({ weight: 20, arbitrary: fc.integer({ min: 0, max: 1_500 }) }, fc.integer({ max: 400_000 }));

/** Calls within `days` days from `start`, in no order, each under an id of its own. */
export const somePastCalls = (start: number, days: number, size: { minLength?: number; maxLength: number }) =>
  fc
    .array(
      fc.record({
        receivedAt: fc.integer({ min: 0, max: days * DAY_MS - 1 }).map((ms) => start + ms),
        priority: orNull(fc.integer({ min: 1, max: 4 })),
        cancelled: fc.boolean(),
        responseSeconds: orNull(seconds.map(Math.abs)),
        patientSeconds: orNull(seconds.map(Math.abs)),
        legSeconds: fc.record(
          Object.fromEntries(legs.map((leg) => [leg, orNull(fc.integer({ min: 0, max: 900 }))])) as Record<
            Leg,
            fc.Arbitrary<number | null>
          >,
        ),
        vehicleType: orNull(fc.constantFrom(...vehicleTypes)),
        stationId: orNull(fc.constantFrom('s-1', 's-2', '站-3', 'total', 'null')),
        subdistrictCode: orNull(fc.constantFrom('110102001', '110102007', '110102010')),
      }),
      size,
    )
    .map((calls) =>
      calls.map(
        (call, at): FiledPastCall => ({
          ...call,
          sourceId: `past-${at}`,
          hour: chinaTime(call.receivedAt).getUTCHours(),
          complaint: null,
          ageYears: null,
          unitId: null,
          lon: null,
          lat: null,
          cell: null,
        }),
      ),
    );

export const plainKey: Readonly<Record<Grouping, (call: FiledPastCall) => string | null>> = {
  subdistrict: (call) => call.subdistrictCode,
  hour: (call) => String(chinaTime(call.receivedAt).getUTCHours()),
  station: (call) => call.stationId,
  vehicleType: (call) => call.vehicleType,
  priority: (call) => (call.priority === null ? null : String(call.priority)),
  week(call) {
    const day = chinaTime(call.receivedAt);
    return new Date(day.getTime() - ((day.getUTCDay() + 6) % 7) * DAY_MS).toISOString().slice(0, 10);
  },
  month: (call) => `${chinaTime(call.receivedAt).toISOString().slice(0, 7)}-01`,
};

const secondsOf: Readonly<Record<ClockName, (call: FiledPastCall) => number | null>> = {
  response: (call) => call.responseSeconds,
  patient: (call) => call.patientSeconds,
  travel: (call) => call.legSeconds.travel,
};

export interface PlainSpan {
  readonly groupBy: Grouping;
  readonly from: number;
  readonly to: number;
  readonly targets: readonly number[];
}

const inSpan = (calls: readonly FiledPastCall[], { from, to }: PlainSpan) =>
  calls.filter(({ receivedAt }) => receivedAt >= from && receivedAt < to);
const targetOf = ({ priority }: FiledPastCall, targets: readonly number[]) => targets[(priority ?? 1) - 1] as number;

/** Figures of the three clocks of these calls, and of the measured the share within the target of their priority. */
function plainFigures(calls: readonly FiledPastCall[], targets: readonly number[]) {
  const standing = calls.filter(({ cancelled }) => !cancelled);
  const figures = (clock: ClockName) => {
    const sorted = standing.flatMap((call) => secondsOf[clock](call) ?? []).sort((a, b) => a - b);
    const none = sorted.length === 0;
    const percentile = (p: number) => {
      const place = (sorted.length - 1) * p;
      const [below, above] = [sorted[Math.floor(place)] as number, sorted[Math.ceil(place)] as number];
      return Math.round(below + (above - below) * (place % 1));
    };
    return {
      count: sorted.length,
      missing: standing.length - sorted.length,
      live: 0,
      cancelled: calls.length - standing.length,
      meanSeconds: none ? null : Math.round(sorted.reduce((a, b) => a + b) / sorted.length),
      medianSeconds: none ? null : percentile(0.5),
      p90Seconds: none ? null : percentile(0.9),
      within8Share: none ? null : sorted.filter((each) => each <= 480).length / sorted.length,
    };
  };
  const measured = standing.filter(({ responseSeconds }) => responseSeconds !== null);
  const within = measured.filter((call) => (call.responseSeconds as number) <= targetOf(call, targets));
  return {
    clocks: Object.fromEntries(clocks.map((clock) => [clock, figures(clock)])),
    withinTargetShare: measured.length > 0 ? within.length / measured.length : null,
  };
}

function plainLegsOf(calls: readonly FiledPastCall[], targets: readonly number[]) {
  const measured = calls.filter(({ cancelled, responseSeconds }) => !cancelled && responseSeconds !== null);
  const isLate = (call: FiledPastCall) => (call.responseSeconds as number) > targetOf(call, targets);
  const late = measured.filter(isLate);
  const inTime = measured.filter((call) => !isLate(call));
  const means = (of: readonly FiledPastCall[]) =>
    Object.fromEntries(
      legs.map((leg) => {
        const own = of.flatMap(({ legSeconds }) => legSeconds[leg] ?? []);
        return [leg, own.length > 0 ? own.reduce((a, b) => a + b) / own.length : null];
      }),
    );
  return { late: late.length, inTime: inTime.length, lateLegs: means(late), inTimeLegs: means(inTime) };
}

/** By key, and `total`. */
const byKey = <T>(calls: readonly FiledPastCall[], groupBy: Grouping, of: (calls: readonly FiledPastCall[]) => T) => {
  const keys = [...new Set(calls.map(plainKey[groupBy]))];
  return {
    groups: new Map(keys.map((key) => [key, of(calls.filter((call) => plainKey[groupBy](call) === key))])),
    total: of(calls),
  };
};

export const plainTimes = (calls: readonly FiledPastCall[], span: PlainSpan) =>
  byKey(inSpan(calls, span), span.groupBy, (own) => plainFigures(own, span.targets));

/** Groups none of whose calls was measured are not among them. */
export function plainLegs(calls: readonly FiledPastCall[], span: PlainSpan) {
  const { groups, total } = byKey(inSpan(calls, span), span.groupBy, (own) => plainLegsOf(own, span.targets));
  return { groups: new Map([...groups].filter(([, { late, inTime }]) => late + inTime > 0)), total };
}
