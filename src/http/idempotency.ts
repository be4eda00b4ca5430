/** The Idempotency-Key of requests that do something: same key and request, same answer; same key, another request: 422. */
import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { KeyedRequest } from '../database/once.ts';
import { actorOf } from './access.ts';

export const IdempotencyKey = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      pattern: '^[\\x21-\\x7e]{1,200}$',
      description: 'same key and body: same answer; same key, other body: 422',
    }),
  ),
});

type Keyed = Parameters<typeof actorOf>[0] & { readonly headers: { readonly 'idempotency-key'?: string } };

/** Null without a key: then it is done as often as it is sent. */
export function keyedRequest(request: Keyed): KeyedRequest | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  const hash = createHash('sha256')
    .update(`${request.method} ${request.url}\n${JSON.stringify(request.body)}`)
    .digest();
  return { actor: actorOf(request), key, hash };
}

/** Says so where the answer is that of an earlier time. */
export function markRepeated(reply: FastifyReply, repeated: boolean): void {
  if (repeated) reply.header('idempotent-replayed', 'true');
}
