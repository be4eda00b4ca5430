/** One-use tickets for the websocket, because a page cannot send its token with an upgrade and a URL is no place for one. */
import { createHash, randomBytes } from 'node:crypto';
import { batched } from '../database/batch.ts';
import type { Executor } from '../database/pool.ts';
import { type Clock, type Instant, rfc3339 } from '../domain/time.ts';
import type { Role } from '../domain/vocabulary.ts';
import type { Viewer } from './rooms.ts';

export const sql = {
  /** Keeps a ticket. $1 hash, $2 role, $3 subject, $4 until. */
  issue: {
    name: 'live.issue-ticket',
    text: 'INSERT INTO live_tickets (ticket_hash, role, subject, expires_at) VALUES ($1, $2, $3, $4)',
  },
  /** Takes tickets away: of two instances only one gets the row. $1 hashes. */
  redeem: {
    name: 'live.redeem-tickets',
    text: `
      DELETE FROM live_tickets WHERE ticket_hash = ANY($1::bytea[])
      RETURNING encode(ticket_hash, 'hex') AS hash, role, subject, expires_at`,
  },
  /** Clears away tickets nobody used. $1 now. */
  expire: {
    name: 'live.expire-tickets',
    text: 'DELETE FROM live_tickets WHERE expires_at < $1',
  },
} as const;

export interface Ticket {
  readonly ticket: string;
  /** RFC 3339. */
  readonly expiresAt: string;
}

export interface Tickets {
  issue(viewer: Viewer): Promise<Ticket>;
  /** Whose ticket it was; null for one that is unknown, used or expired. */
  redeem(ticket: string): Promise<Viewer | null>;
}

const LIFETIME_MS = 30_000;
const BYTES = 32;
const TOGETHER = 256;

const hashOf = (ticket: string) => createHash('sha256').update(ticket).digest();

export function createTickets(db: Executor, clock: Clock): Tickets {
  // One statement at a time: however many strangers try tickets, intake keeps its connections.
  const redeem = batched((tickets: readonly string[]) => redeemAll(db, tickets, clock.now()), { atMost: TOGETHER });
  return {
    async issue({ role, subject }) {
      const ticket = randomBytes(BYTES).toString('base64url');
      const expiresAt = rfc3339(clock.now() + LIFETIME_MS);
      await db.query({ ...sql.issue, values: [hashOf(ticket), role, subject, expiresAt] });
      return { ticket, expiresAt };
    },
    redeem,
  };
}

async function redeemAll(db: Executor, tickets: readonly string[], now: Instant): Promise<(Viewer | null)[]> {
  const hashes = tickets.map(hashOf);
  const { rows } = await db.query<{ hash: string; role: Role; subject: string; expires_at: Date }>({
    ...sql.redeem,
    values: [hashes],
  });
  const found = new Map(rows.map((row) => [row.hash, row]));
  return hashes.map((hash) => {
    const key = hash.toString('hex');
    const row = found.get(key);
    found.delete(key); // shown twice in one batch it still opens once
    return row && row.expires_at.getTime() > now ? { role: row.role, subject: row.subject } : null;
  });
}

export async function expireTickets(db: Executor, now: Instant): Promise<void> {
  await db.query({ ...sql.expire, values: [rfc3339(now)] });
}
