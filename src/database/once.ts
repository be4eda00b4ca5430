/** Requests that are done once however often they are sent: the answer is kept in the transaction that does them. */
import { refuseField } from '../domain/errors.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { Executor } from './pool.ts';

/** A request sent with an Idempotency-Key; keys are the actor's own. */
export interface KeyedRequest {
  readonly actor: { readonly role: string; readonly subject: string };
  readonly key: string;
  /** Of what is asked for: method, path and body. */
  readonly hash: Buffer;
}

export const sql = {
  /** The first with a key holds it to its end, the others wait for that. $1 actor, $2 key, $3 hash, $4 time. */
  claim: {
    name: 'once.claim',
    text: `
      INSERT INTO answered_requests (actor, key, request_hash, created_at) VALUES ($1, $2, $3, $4)
      ON CONFLICT DO NOTHING`,
  },
  /** $1 actor, $2 key. */
  find: {
    name: 'once.find',
    text: 'SELECT request_hash, answer FROM answered_requests WHERE actor = $1 AND key = $2',
  },
  /** $1 actor, $2 key, $3 answer. */
  keep: {
    name: 'once.keep',
    text: 'UPDATE answered_requests SET answer = $3 WHERE actor = $1 AND key = $2',
  },
  /** Nothing was done, so another try is free to. $1 actor, $2 key. */
  release: {
    name: 'once.release',
    text: 'DELETE FROM answered_requests WHERE actor = $1 AND key = $2',
  },
  /** A client that retries does so within minutes. $1 before. */
  expire: {
    name: 'once.expire',
    text: 'DELETE FROM answered_requests WHERE created_at < $1',
  },
} as const;

export interface DoneOnce<T> {
  readonly answer: T;
  /** It was done before; this is what was answered then. */
  readonly repeated: boolean;
}

/**
 * Does `work`, or answers what it answered the first time under this key. First thing in its transaction: who comes
 * second waits here, before anything else is locked. `work` that answers null has done nothing, and keeps nothing.
 * Throws 422 `idempotency-mismatch` where the key stands for another request.
 */
export async function once<T>(
  tx: Executor,
  asked: KeyedRequest | null,
  now: Instant,
  work: () => Promise<T>,
): Promise<DoneOnce<T>> {
  if (!asked) return { answer: await work(), repeated: false };
  const actor = `${asked.actor.role}:${asked.actor.subject}`;
  const { rowCount } = await tx.query({ ...sql.claim, values: [actor, asked.key, asked.hash, rfc3339(now)] });
  if (rowCount === 0) {
    const { rows } = await tx.query<{ request_hash: Buffer; answer: T }>({ ...sql.find, values: [actor, asked.key] });
    const first = rows[0] as { request_hash: Buffer; answer: T };
    if (!first.request_hash.equals(asked.hash))
      throw refuseField('Idempotency-Key', 'was used before with another request', 'idempotency-mismatch');
    return { answer: first.answer, repeated: true };
  }
  const answer = await work();
  if (answer === null) await tx.query({ ...sql.release, values: [actor, asked.key] });
  else await tx.query({ ...sql.keep, values: [actor, asked.key, JSON.stringify(answer)] });
  return { answer, repeated: false };
}

export async function expireAnswers(db: Executor, before: Instant): Promise<void> {
  await db.query({ ...sql.expire, values: [rfc3339(before)] });
}
