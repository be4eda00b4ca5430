/** The service's time: the computer's own clock may be wrong by minutes, and no figure on a page may follow it. */
import { signal } from '@preact/signals';

/** A reading of the `date` header is cut to the second; following it closer would make clocks jump. */
const HEADER_DOUBT_MS = 1_500;

let aheadMs = 0;
/** Precise readings come with the websocket; from then on headers are not needed. */
let precise = false;

/** Milliseconds since the epoch by the service's clock. */
export const serverNow = (): number => Date.now() + aheadMs;

/** The service said what time it is there. `instant`: RFC 3339, with milliseconds. */
export function hearTime(instant: string): void {
  aheadMs = Date.parse(instant) - Date.now();
  precise = true;
}

/** A response's `date` header. */
export function hearDate(header: string | null): void {
  const aheadBy = Date.parse(header ?? '') + 500 - Date.now();
  if (Number.isNaN(aheadBy)) return;
  const off = Math.abs(aheadBy - aheadMs);
  if (off > HEADER_DOUBT_MS && (!precise || off > 10_000)) aheadMs = aheadBy;
}

/** Milliseconds since the epoch by the service's clock, told once a second: what reads it while drawing keeps time. */
export const now = signal(serverNow());
setInterval(() => {
  now.value = serverNow();
}, 1_000);
