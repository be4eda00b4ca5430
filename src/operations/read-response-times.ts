/** How long calls took, by the three clocks: for planners, so nobody is named. */
import { inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { refuseField } from '../domain/errors.ts';
import { rfc3339 } from '../domain/time.ts';
import type { LocateTimesView } from '../locate/schema.ts';
import { countDurations } from '../locate/view-store.ts';
import { type ResponseTimes, responseTimes, TARGET_SECONDS } from '../planning/response-times.ts';
import type { Grouping } from '../planning/schema.ts';
import { countCalls } from '../planning/store.ts';
import { locateTimes } from './locate-times.ts';

const DAY_MS = 24 * 3_600_000;
const LONGEST_MS = 3_653 * DAY_MS;

export interface ResponseTimesAnswer extends ResponseTimes {
  readonly from: string;
  readonly to: string;
  readonly groupBy: Grouping;
  readonly targetSeconds: number;
  readonly locate: LocateTimesView;
}

/** Of calls received from `from` on and before `to`: without them the last day. Throws `invalid-field` naming `from`. */
export async function readResponseTimes(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  { groupBy, ...span }: { readonly groupBy: Grouping; readonly from?: string; readonly to?: string },
): Promise<ResponseTimesAnswer> {
  const to = span.to === undefined ? clock.now() : Date.parse(span.to);
  const from = span.from === undefined ? to - DAY_MS : Date.parse(span.from);
  if (from >= to) throw refuseField('from', 'must lie before `to`');
  if (to - from > LONGEST_MS) throw refuseField('from', 'lies more than ten years before `to`');
  const bins = await inTransaction(db, (tx) => countCalls(tx, groupBy, from, to));
  const locate = locateTimes(await countDurations(db, rfc3339(from), rfc3339(to)));
  return {
    from: rfc3339(from),
    to: rfc3339(to),
    groupBy,
    targetSeconds: TARGET_SECONDS,
    ...responseTimes(bins),
    locate,
  };
}
