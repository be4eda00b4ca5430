/** What this installation can send by: webhooks always, e-mail through an SMTP server, short messages through an HTTP gateway. */
import { createTransport } from 'nodemailer';
import { type ChannelName, NotDelivered, type Outbound } from './port.ts';
import { postWebhook } from './webhook.ts';

export interface OutboundSettings {
  readonly privateWebhooks: boolean;
  readonly smtpUrl: string | null;
  readonly mailFrom: string;
  readonly smsGatewayUrl: string | null;
  readonly smsGatewayToken: string | null;
}

/** Somebody waits at a door: who does not answer in this time is tried again later. */
const WITHIN_MS = 8_000;

export function openOutbound(settings: OutboundSettings, clock: { now(): number }, withinMs = WITHIN_MS): Outbound {
  const { privateWebhooks, smtpUrl, mailFrom, smsGatewayUrl, smsGatewayToken } = settings;
  const timeouts = { connectionTimeout: withinMs, greetingTimeout: withinMs, socketTimeout: withinMs };
  const mailer = smtpUrl === null ? null : createTransport({ url: smtpUrl, ...timeouts });
  const channels: ChannelName[] = ['webhook'];
  if (mailer) channels.push('email');
  if (smsGatewayUrl !== null) channels.push('sms');

  return {
    channels,
    webhook: (to, id, body) =>
      postWebhook(to, id, body, { allowPrivate: privateWebhooks, withinMs, now: () => clock.now() }),
    async email(to, id, mail) {
      if (!mailer || to.length === 0) throw new NotDelivered('no-address');
      // A message sent twice after a lost answer carries the same id, by which mail programs know it again.
      const messageId = `<${id.replaceAll(/[^A-Za-z0-9.-]/g, '.')}@precision-dispatch.invalid>`;
      await mailer.sendMail({ from: mailFrom, to: [...to], messageId, ...mail }).catch((cause: unknown) => {
        throw new NotDelivered(smtpFailure(cause), { cause });
      });
    },
    async sms(to, id, text) {
      if (smsGatewayUrl === null || to.length === 0) throw new NotDelivered('no-address');
      for (const [i, phone] of to.entries())
        await postSms(smsGatewayUrl, smsGatewayToken, { id: `${id}/${i + 1}`, to: phone, text }, withinMs);
    },
    close: () => mailer?.close(),
  };
}

function smtpFailure(error: unknown) {
  const { code, responseCode = 0 } = error as { code?: string; responseCode?: number };
  if (code === 'ETIMEDOUT') return 'timed-out';
  return responseCode >= 500 ? 'refused-by-receiver' : responseCode >= 400 ? 'receiver-failed' : 'unreachable';
}

/**
 * The gateway's side of the adapter: `POST` of `{ id, to, text }` with a bearer token; any 2xx means that the gateway has
 * it. Its address is the operator's own setting, so it may lie in a private network.
 */
async function postSms(
  url: string,
  token: string | null,
  message: { readonly id: string; readonly to: string; readonly text: string },
  withinMs: number,
): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(message),
    signal: AbortSignal.timeout(withinMs),
  }).catch((cause: unknown) => {
    throw new NotDelivered((cause as Error).name === 'TimeoutError' ? 'timed-out' : 'unreachable', { cause });
  });
  await response.body?.cancel();
  if (response.ok) return;
  if (response.status < 400) throw new NotDelivered('redirected');
  throw new NotDelivered(response.status >= 500 ? 'receiver-failed' : 'refused-by-receiver');
}
