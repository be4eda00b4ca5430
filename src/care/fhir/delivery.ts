/** When what the record platform did not take is tried again, and when a person has to look at it. Pure. */

/** Why a delivery failed: an HTTP status, or what went wrong on the way. */
export type Failure =
  | { readonly status: number; readonly retryAfterSeconds: number | null }
  | { readonly status: null; readonly kind: 'timeout' | 'unreachable' | 'no-response-bundle' };

export const deliveryStates = ['pending', 'delivered', 'dead', 'discarded'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** The platform understood, and will say the same tomorrow. A wrong token or address is ours to mend, and is tried on. */
const hopeless = new Set([400, 406, 410, 412, 413, 415, 422]);

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 3_600_000;
/** 1 s, 2 s, 4 s … 1 h, and then every hour: the last is five days after the first. */
export const ATTEMPTS = 132;

export type Next = { readonly state: 'dead' } | { readonly state: 'pending'; readonly afterMs: number };

/**
 * @param attempt which one failed, from 1
 * @param spread from 0 to 1, so that what failed together does not come back together
 */
export function afterFailure(attempt: number, failure: Failure, spread: number): Next {
  if (failure.status !== null && hopeless.has(failure.status)) return { state: 'dead' };
  if (attempt >= ATTEMPTS) return { state: 'dead' };
  const wait = Math.min(FIRST_WAIT_MS * 2 ** Math.min(attempt - 1, 40), LONGEST_WAIT_MS);
  const asked = failure.status === null ? 0 : (failure.retryAfterSeconds ?? 0) * 1000;
  return {
    state: 'pending',
    afterMs: Math.max(Math.round(wait * (0.75 + 0.5 * spread)), Math.min(asked, LONGEST_WAIT_MS)),
  };
}

/** What may be said of a failure: never a word of the platform's own, which may name people. */
export const failureText = (failure: Failure): string =>
  failure.status === null ? failure.kind : `http-${failure.status}`;
