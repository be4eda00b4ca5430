/** How long calls took, by the three clocks: for planners, so nobody is named. */
import type { Deps } from '../deps.ts';
import { refuseField } from '../domain/errors.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import { priorities } from '../domain/vocabulary.ts';
import type { LocateTimesView } from '../locate/schema.ts';
import { countDurations } from '../locate/view-store.ts';
import { eachOwnDay } from '../planning/call-days-store.ts';
import { ClockTally } from '../planning/clock-tally.ts';
import { Foreseen, nothingForeseen } from '../planning/foreseen.ts';
import { tallyDay } from '../planning/past-days.ts';
import { tallyPastClocks } from '../planning/past-days-store.ts';
import { type GroupFigures, responseTimes, TARGET_SECONDS } from '../planning/response-times.ts';
import type { Grouping, ResponseTimesView } from '../planning/schema.ts';
import { locateTimes } from './locate-times.ts';

const DAY_MS = 24 * 3_600_000;
const LONGEST_MS = 3_653 * DAY_MS;

export interface ResponseTimesAnswer extends ResponseTimesView {
  readonly locate: LocateTimesView;
}

export interface Span {
  readonly from?: string;
  readonly to?: string;
}

/** `from` on and before `to`: without them the last day. Throws `invalid-field` naming `from`. */
export function spanOf(span: Span, now: Instant): { from: Instant; to: Instant } {
  const to = span.to === undefined ? now : Date.parse(span.to);
  const from = span.from === undefined ? to - DAY_MS : Date.parse(span.from);
  if (from >= to) throw refuseField('from', 'must lie before `to`');
  if (to - from > LONGEST_MS) throw refuseField('from', 'lies more than ten years before `to`');
  return { from, to };
}

/** Targets by priority, 1 first. */
export const targetsOf = ({ config }: Pick<Deps, 'config'>): number[] =>
  priorities.map((priority) => config.responseTargets[priority]);

/** Of calls received in the span, taken here or brought in. */
export async function readResponseTimes(
  deps: Pick<Deps, 'db' | 'clock' | 'config'>,
  { groupBy, histogram, ...span }: Span & { readonly groupBy: Grouping; readonly histogram?: boolean },
): Promise<ResponseTimesAnswer> {
  const { db } = deps;
  const now = deps.clock.now();
  const { from, to } = spanOf(span, now);
  const asked = { groupBy, from, to, targets: targetsOf(deps) };
  const tally = new ClockTally();
  const drives = new Foreseen(asked);
  const [, , durations] = await Promise.all([
    eachOwnDay(db, 'clocks', { ...asked, now }, (day) => {
      tallyDay(tally, day, asked);
      drives.add(day);
    }),
    tallyPastClocks(db, tally, asked),
    countDurations(db, rfc3339(from), rfc3339(to)),
  ]);
  const locate = locateTimes(durations);
  const foreseen = drives.figures();
  const { groups, total } = responseTimes(tally);
  const drawn = ({ histograms }: GroupFigures) => (histogram ? { histograms } : {});
  return {
    from: rfc3339(from),
    to: rfc3339(to),
    groupBy,
    targetSeconds: TARGET_SECONDS,
    groups: groups.map(({ key, ...figures }) => ({
      key,
      clocks: figures.clocks,
      withinTargetShare: figures.withinTargetShare,
      ...drawn(figures),
      travelPrediction: foreseen.groups.get(key) ?? nothingForeseen,
    })),
    total: total.clocks,
    withinTargetShare: total.withinTargetShare,
    ...drawn(total),
    travelPrediction: foreseen.total,
    locate,
  };
}
