/** Says outside what has to be said, again and again until it was heard: what is due is rows, so nothing is lost with a process. */
import type { Deps } from '../deps.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import { NotDelivered } from '../locate/channels/port.ts';
import { type Delivery, giveUp, markDelivered, markFailed, takeDeliveries } from '../locate/delivery-store.ts';
import { type Desk, type Duty, deskContext, dutyContext } from '../locate/desk-store.ts';
import type { LocateRequestView } from '../locate/schema.ts';
import { findRequest } from '../locate/view-store.ts';
import { recordRead } from '../residents/access.ts';
import { viewOf } from './read-locate.ts';

/** Messages under way at once; the others wait in their rows. */
const UNDER_WAY_AT_MOST = 50;
/** After this long nobody is waiting for the news any more. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000;
const LONGEST_WAIT_SECONDS = 60;

export interface Deliveries {
  /** Takes what is due and begins to send it. A receiver that hangs holds up nobody else, so it is not waited for. */
  look(): Promise<void>;
  /** Resolves when nothing is under way any more. */
  settled(): Promise<void>;
}

/** @param onAgain told of what failed and when it is due again: rows are looked at anyway, this is punctuality */
export function startDeliveries(
  deps: Deps,
  onAgain: (deliveryId: string, attempts: number, at: Instant) => void = () => {},
): Deliveries {
  const underWay = new Set<Promise<void>>();
  async function attempt(delivery: Delivery): Promise<void> {
    try {
      const again = await deliver(deps, delivery);
      if (again !== null) onAgain(delivery.deliveryId, delivery.attempts, again);
    } catch (err) {
      deps.log.warn(
        { err, deliveryId: delivery.deliveryId },
        'a message could not be dealt with; its row is still due',
      );
    }
  }
  return {
    async look() {
      const room = UNDER_WAY_AT_MOST - underWay.size;
      if (room <= 0) return;
      for (const delivery of await takeDeliveries(deps.db, deps.clock.now(), room)) {
        const sending = attempt(delivery).finally(() => underWay.delete(sending));
        underWay.add(sending);
      }
    },
    async settled() {
      await Promise.all(underWay);
    },
  };
}

/** Null when it was heard, or is given up. */
async function deliver(deps: Deps, delivery: Delivery): Promise<Instant | null> {
  const { db, clock, log } = deps;
  const { deliveryId, locateRequestId, channel, attempts } = delivery;
  try {
    const row = await findRequest(db, locateRequestId);
    if (!row) return null;
    await send(deps, delivery, await viewOf(deps, row));
    await markDelivered(db, deliveryId, clock.now());
    return null;
  } catch (error) {
    if (!(error instanceof NotDelivered)) throw error;
    const { failure } = error;
    const now = clock.now();
    log[attempts === 1 ? 'warn' : 'debug']({ deliveryId, channel, attempts, failure }, 'a message was not delivered');
    const isFinal = failure === 'no-address' || failure === 'not-secure';
    if (isFinal || now - delivery.createdAt > GIVE_UP_AFTER_MS) {
      await giveUp(db, deliveryId, failure);
      return null;
    }
    // Two seconds, then twice as long each time.
    const again = now + Math.min(LONGEST_WAIT_SECONDS, 2 ** Math.min(attempts, 6)) * 1000;
    await markFailed(db, deliveryId, failure, again);
    return again;
  }
}

async function send(deps: Deps, delivery: Delivery, request: LocateRequestView): Promise<void> {
  const { outbound, seal } = deps;
  const { channel, deliveryId, target } = delivery;
  const desk = delivery.desk && seal.open<Desk>(delivery.desk, deskContext(target));
  const duty = delivery.duty && seal.open<Duty>(delivery.duty, dutyContext(target));
  switch (channel) {
    case 'webhook': {
      if (!desk?.webhook) throw new NotDelivered('no-address');
      await recordHandOver(deps, delivery, request);
      return outbound.webhook(desk.webhook, deliveryId, webhookBody(delivery, request));
    }
    case 'email':
      return outbound.email(desk?.emails ?? duty?.emails ?? [], deliveryId, mailOf(deps, delivery, request));
    case 'sms':
      return outbound.sms(
        desk?.phones ?? (duty?.phone ? [duty.phone] : []),
        deliveryId,
        shortText(deps, delivery, request),
      );
    default:
      return channel satisfies never;
  }
}

/** A centre's own system is given what its desk page would show; that is a read of it. */
async function recordHandOver({ db, clock }: Deps, { kind, target, attempts }: Delivery, request: LocateRequestView) {
  if (kind !== 'request' || attempts > 1) return;
  const residentIds = request.howToGetIn.flatMap(({ residentId }) => (residentId === null ? [] : [residentId]));
  const reader = { role: 'centre', subject: target, callId: request.callId, purpose: 'locate' as const };
  await recordRead(db, { at: clock.now(), residentIds, ...reader });
}

function webhookBody({ kind, createdAt }: Delivery, request: LocateRequestView): string {
  const type = { request: 'locate.requested', taken: 'locate.taken', over: 'locate.closed' }[kind];
  const { locateRequestId, callNumber, reason, status } = request;
  const data = kind === 'request' ? request : { locateRequestId, callNumber, reason, status };
  return JSON.stringify({ type, timestamp: rfc3339(createdAt), data });
}

/** Mail and short messages name nobody: they travel in the open. */
function mailOf(deps: Deps, delivery: Delivery, request: LocateRequestView) {
  const over = delivery.kind === 'over';
  return {
    subject: over
      ? `【急救寻人】${request.callNumber} 号已结束 · Search ${request.callNumber} is over`
      : `【急救寻人】${request.callNumber} 号，请立即响应 · Search ${request.callNumber}: please answer now`,
    text: shortText(deps, delivery, request),
  };
}

function shortText({ config }: Deps, { kind }: Delivery, { callNumber, reason }: LocateRequestView): string {
  const why = {
    'no-answer-at-door': ['敲门无人应', 'nobody opens the door'],
    'address-not-found': ['找不到地址', 'the address cannot be found'],
    'callback-unanswered': ['回拨无人应答', 'nobody takes the call-back'],
  }[reason];
  const desk = config.locate.publicUrl ?? '';
  if (kind === 'over') return `急救寻人 ${callNumber} 号已结束，谢谢。 Search ${callNumber} is over. Thank you.`;
  return `急救寻人 ${callNumber} 号：${why[0]}，请打开中心页面响应。 Search ${callNumber}: ${why[1]}. Please open your desk page. ${desk}`.trim();
}
