/** Alerts on their way out to first responders, again until they are heard: what is due is rows. */
import type { Deps } from '../deps.ts';
import { rfc3339 } from '../domain/time.ts';
import { type DueDelivery, markDelivered, markFailed, takeDeliveries } from '../fleet/alert-deliveries-store.ts';
import { NotDelivered } from '../locate/channels/port.ts';
import { deliveryContext, type ResponderMessage } from './alert-responder.ts';
import { type ResponderFile, responderContext } from './register-responder.ts';

const AT_ONCE = 50;
/** An alert heard later than this helps nobody. */
const GIVE_UP_AFTER_MS = 30 * 60_000;

/** One look. A receiver that hangs does so for the few seconds the channel allows, and holds up its own lot only. */
export async function deliverToResponders(deps: Deps): Promise<void> {
  const due = await takeDeliveries(deps.db, deps.clock.now(), AT_ONCE);
  await Promise.all(due.map((delivery) => deliver(deps, delivery)));
}

async function deliver(deps: Deps, delivery: DueDelivery): Promise<void> {
  const { db, clock, log } = deps;
  const { delivery_id: deliveryId, channel, attempts } = delivery;
  try {
    await send(deps, delivery);
    await markDelivered(db, deliveryId, clock.now());
  } catch (error) {
    const failure = error instanceof NotDelivered ? error.failure : 'unreachable';
    if (!(error instanceof NotDelivered)) log.error({ err: error, deliveryId }, 'an alert could not be dealt with');
    if (attempts === 1) log.warn({ deliveryId, channel, failure }, 'an alert was not delivered; it is tried again');
    const tooLate = clock.now() - delivery.created_at.getTime() > GIVE_UP_AFTER_MS;
    await markFailed(db, deliveryId, failure, tooLate || failure === 'no-address' || failure === 'not-secure');
  }
}

async function send({ seal, outbound, config }: Deps, delivery: DueDelivery): Promise<void> {
  const { delivery_id: id, channel, kind } = delivery;
  const message = seal.open<ResponderMessage>(delivery.sealed, deliveryContext(id));
  const file = seal.open<ResponderFile>(delivery.contact, responderContext(delivery.responder_id));
  const text = textOf(message, kind, config.locate.publicUrl);
  switch (channel) {
    case 'webhook': {
      if (!file.webhook) throw new NotDelivered('no-address');
      const type = kind === 'alert' ? 'responder.alerted' : 'responder.stood-down';
      const { alertId, callNumber, key } = message;
      // Where to go is asked for with the key, over the service's own connection: messages lie about in many places.
      const data = { alertId, responderId: delivery.responder_id, callNumber, ...(key ? { answerKey: key } : {}) };
      return outbound.webhook(
        file.webhook,
        id,
        JSON.stringify({ type, timestamp: rfc3339(delivery.created_at.getTime()), data }),
      );
    }
    case 'email':
      return outbound.email(file.emails, id, { subject: text.split('\n')[0] ?? '', text });
    case 'sms':
      return outbound.sms(file.phones, id, text.replaceAll('\n', ' '));
    default:
      return channel satisfies never;
  }
}

/** Names nobody and no place. The key stands behind the #, which no server on the way is sent. */
function textOf({ callNumber, key }: ResponderMessage, kind: 'alert' | 'over', publicUrl: string | null): string {
  if (kind === 'over') return `【急救】${callNumber} 号任务已结束，谢谢。\nCall ${callNumber} is over. Thank you.`;
  const link = publicUrl && key ? `${publicUrl.replace(/\/$/, '')}/respond#${key}` : null;
  const zh = link ? `请打开链接查看地点并应答：${link}` : '请立即回电调度台应答。';
  const en = link ? 'Open the link to see where, and answer.' : 'Call the dispatch desk now.';
  return `【急救】您附近有危重患者，${callNumber} 号。\n${zh}\nSomebody near you is in danger, call ${callNumber}. ${en}`;
}
