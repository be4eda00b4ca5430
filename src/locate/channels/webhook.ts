/**
 * Webhooks, signed as Standard Webhooks 1.0 has it (standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`, so that
 * a receiver can tell who sent it, that nobody changed it, when, and whether it came before.
 */
import { createHmac } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { checkedAddress } from './address.ts';
import { NotDelivered } from './port.ts';

export interface WebhookOptions {
  /** Addresses of private networks, and plain HTTP, which only there is safe. */
  readonly allowPrivate: boolean;
  /** For the whole exchange. */
  readonly withinMs: number;
  now(): number;
}

const ANSWER_AT_MOST_BYTES = 64 * 1024;

export const signatureOf = (secret: string, id: string, timestamp: number, body: string): string =>
  `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`;

/** Resolves on any 2xx. Redirects are not followed: the signature and what it signs are for this address alone. */
export async function postWebhook(
  { url, secret }: { readonly url: string; readonly secret: string },
  id: string,
  body: string,
  { allowPrivate, withinMs, now }: WebhookOptions,
): Promise<void> {
  const target = new URL(url);
  if (target.protocol !== 'https:' && !(allowPrivate && target.protocol === 'http:'))
    throw new NotDelivered('not-secure');
  const signal = AbortSignal.timeout(withinMs);
  const { address, family } = await abortable(checkedAddress(target.hostname, allowPrivate), signal);
  const timestamp = Math.floor(now() / 1000);
  // Node asks for all addresses where it races families; either way it gets the one that was checked.
  const lookup: LookupFunction = (_host, options, answer) =>
    options.all ? answer(null, [{ address, family }]) : answer(null, address, family);
  await new Promise<void>((resolve, reject) => {
    const send = target.protocol === 'https:' ? https.request : http.request;
    const request = send(
      target,
      {
        method: 'POST',
        agent: false,
        lookup,
        signal,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'precision-dispatch',
          'webhook-id': id,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': signatureOf(secret, id, timestamp, body),
        },
      },
      (response) => {
        const status = response.statusCode ?? 0;
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > ANSWER_AT_MOST_BYTES) request.destroy(new NotDelivered('too-large'));
        });
        response.on('error', reject);
        response.on('end', () => {
          if (status >= 200 && status < 300) resolve();
          else if (status >= 300 && status < 400) reject(new NotDelivered('redirected'));
          else reject(new NotDelivered(status >= 500 ? 'receiver-failed' : 'refused-by-receiver'));
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  }).catch((cause: unknown) => {
    throw cause instanceof NotDelivered
      ? cause
      : new NotDelivered(signal.aborted ? 'timed-out' : 'unreachable', { cause });
  });
}

/** A name server that hangs hangs no longer than the rest may. */
async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new NotDelivered('timed-out')), { once: true });
    }),
  ]);
}
