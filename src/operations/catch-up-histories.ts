/** Calls taken while the registry could not be read are decided anew, by the history, as soon as it can be. */
import { findWithoutHistory } from '../calls/store.ts';
import type { Deps } from '../deps.ts';
import { Problem } from '../domain/errors.ts';
import { updateCall } from './update-call.ts';

const AT_ONCE = 5;
/** Reads of a history by nobody in particular are logged as the engine's own. */
const engine = { role: 'engine', subject: 'catch-up-histories' } as const;

/** One look. What still cannot be read waits for the next; what ended or was changed meanwhile needs it no more. */
export async function catchUpHistories(deps: Deps): Promise<void> {
  for (const callId of await findWithoutHistory(deps.db, AT_ONCE)) {
    try {
      await updateCall(deps, callId, {}, engine);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  }
}
