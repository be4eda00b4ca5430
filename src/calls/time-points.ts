/** A reported time point judged: taken with when it was heard, flagged where it contradicts, never lost. Pure. */

import { runPoints } from '../domain/run.ts';
import type { Instant } from '../domain/time.ts';
import type { TimePoint } from '../domain/vocabulary.ts';

/** A crew's clock may run ahead by this much. */
const CLOCK_SKEW_MS = 60_000;
/** Heard this long after it happened, a report is late: the clocks of the console were wrong in between. */
const LATE_MS = 120_000;
/** The same point again within this is the same report, sent twice. */
const SAME_MS = 1_000;

export interface Report {
  readonly point: TimePoint;
  readonly at: Instant;
  readonly heardAt: Instant;
}

export interface ReportContext {
  readonly receivedAt: Instant;
  /** The points of this unit on this call that count so far. */
  readonly counting: readonly { readonly point: TimePoint; readonly at: Instant }[];
  readonly callEnded: boolean;
}

export type ReportFlag = 'late' | 'repeated' | 'contradicts-earlier' | 'out-of-order' | 'after-end';

export type JudgedReport =
  | { readonly refused: 'time-point-before-call' | 'time-point-in-future' }
  | { readonly refused: null; readonly flags: readonly ReportFlag[]; readonly counts: boolean };

const order = (point: TimePoint) => (runPoints as readonly TimePoint[]).indexOf(point);

/** The first report of a point counts; a second is kept beside it with what is wrong between them. */
export function judgeReport({ point, at, heardAt }: Report, context: ReportContext): JudgedReport {
  if (at < context.receivedAt) return { refused: 'time-point-before-call' };
  if (at > heardAt + CLOCK_SKEW_MS) return { refused: 'time-point-in-future' };
  const flags: ReportFlag[] = [];
  if (heardAt - at > LATE_MS) flags.push('late');
  const earlier = context.counting.find((other) => other.point === point);
  if (earlier) flags.push(Math.abs(earlier.at - at) <= SAME_MS ? 'repeated' : 'contradicts-earlier');
  const outOfOrder = context.counting.some(
    (other) => other.point !== point && (order(other.point) < order(point) ? other.at > at : other.at < at),
  );
  if (outOfOrder) flags.push('out-of-order');
  if (context.callEnded) flags.push('after-end');
  return { refused: null, flags, counts: !earlier };
}
