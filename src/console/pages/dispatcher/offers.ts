/** A better unit than the one sent, taken with one press; it is offered, and never done by itself. */
import { type BoardCall, board, callOf, hasEnded, type Offer } from './board.ts';
import { focusedCall } from './board-focus.ts';
import { send, standDown } from './deeds.ts';
import { desk } from './desk.ts';

export const offersOf = (call: BoardCall): readonly Offer[] => (hasEnded(call) || call.onSceneAt ? [] : call.offers);

/** The one unit on its way that an offered one would replace; where several are, which to take off stays the dispatcher's. */
export const replacedBy = ({ units }: BoardCall, { kind }: Offer): string | null => {
  const [only] = units.length === 1 ? units : [];
  return kind === 're-assignment' && only && ['notified', 'en-route'].includes(only.status) ? only.unitId : null;
};

/**
 * Away from the call that is not urgent, or instead of the slower unit, which is stood down only when the better one is
 * surely on its way.
 */
export async function takeOffer(call: BoardCall, offer: Offer): Promise<void> {
  const { unitId, fromCallId } = offer;
  const replaced = replacedBy(call, offer);
  if (fromCallId && !(await standDown(fromCallId, unitId))) return;
  if ((await send(call.callId, call.number, unitId)) && replaced) await standDown(call.callId, replaced);
}

/** The call a better unit is offered for: the one that has the keyboard, the opened one, else the most pressing. */
export function offeredInHand(): BoardCall | null {
  const near = [focusedCall(), desk.peek()?.call.peek()?.callId].map((callId) => callOf(callId ?? '')?.peek());
  const all = [...near, ...board.peek().map((each) => each.peek())];
  return all.find((call) => call !== undefined && offersOf(call).length > 0) ?? null;
}

export function takeOfferInHand(): void {
  const call = offeredInHand();
  const [offer] = call ? offersOf(call) : [];
  if (call && offer) void takeOffer(call, offer);
}
