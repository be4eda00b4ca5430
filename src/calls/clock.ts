/** What the response clock of a call has to say, and which leg took the time. Pure. */
import type { Instant } from '../domain/time.ts';
import type { WaitingCall } from './clock-store.ts';

/** Of the target, gone without an arrival: 6:00 of 8:00. */
export const WARN_AT_SHARE = 0.75;

const warnAt = ({ receivedAt, dueAt }: WaitingCall): Instant => receivedAt + WARN_AT_SHARE * (dueAt - receivedAt);

/** When the clock of a call speaks next as time goes by; null where it has said all it has to. */
export function speaksAt(call: WaitingCall): Instant | null {
  if (call.breached) return null;
  return call.warnings.includes('time') ? call.dueAt : warnAt(call);
}

export type ClockSays = 'breached' | 'warn-time' | 'warn-predicted' | 'nothing';

/** The most urgent thing to say that was not said yet. `predicted` is the arrival of the first qualifying unit, if any is sent. */
export function clockSays(call: WaitingCall, predicted: Instant | null, now: Instant): ClockSays {
  if (call.breached) return 'nothing';
  if (now >= call.dueAt) return 'breached';
  if (now >= warnAt(call) && !call.warnings.includes('time')) return 'warn-time';
  if (predicted !== null && predicted > call.dueAt && !call.warnings.includes('predicted')) return 'warn-predicted';
  return 'nothing';
}

export interface Legs {
  /** Call received → first unit notified (or now). */
  readonly dispatchSeconds: number;
  /** Notified → on the road. */
  readonly turnoutSeconds: number;
  readonly travelSeconds: number;
}

/** The minutes so far by leg, of the first qualifying unit sent; and the longest of them. */
export function legsOf(call: WaitingCall, now: Instant): { legs: Legs; longest: 'dispatch' | 'turnout' | 'travel' } {
  const unit = call.units.find((each) => each.qualifies);
  const notified = unit?.notifiedAt ?? now;
  const enRoute = unit?.enRouteAt ?? now;
  const seconds = (from: Instant, to: Instant) => Math.max(0, Math.round((to - from) / 1000));
  const legs = {
    dispatchSeconds: seconds(call.receivedAt, notified),
    turnoutSeconds: seconds(notified, Math.max(enRoute, notified)),
    travelSeconds: seconds(Math.max(enRoute, notified), now),
  };
  const { dispatchSeconds: d, turnoutSeconds: t, travelSeconds: v } = legs;
  return { legs, longest: d >= t && d >= v ? 'dispatch' : t >= v ? 'turnout' : 'travel' };
}
