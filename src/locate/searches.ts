/** What raising a search asks of the database: searches raised together share its round trips, and what can wait lets them go first. */
import { setTimeout as sleep } from 'node:timers/promises';
import { batched } from '../database/batch.ts';
import type { Executor } from '../database/pool.ts';
import type { Clock } from '../domain/time.ts';
import { keepEvidence, type SealedEvidence } from './evidence-store.ts';
import type { LadderStep } from './ladder.ts';
import { type Around, findCentres, type NewRequest, raiseRequests, type Surroundings } from './raise-store.ts';
import { findRequests, type RequestRow } from './view-store.ts';

export interface Searches {
  /** All centres as they stand to the place of a call. */
  centresAround(asked: Around): Promise<Surroundings>;
  /** The event's number. `null`: the call has ended, or is searched for already. */
  raise(request: NewRequest): Promise<number | null>;
  /** Seals with a search what is known; one that has it keeps it. */
  keepEvidence(evidence: SealedEvidence): Promise<undefined>;
  /** A search as it stands. */
  read(id: string): Promise<RequestRow | null>;
  /**
   * Puts together what is known of a search: a few at a time, and none while others wait to be routed. Whoever asks for
   * the same meanwhile gets the same.
   */
  gather<T>(id: string, work: () => Promise<T>): Promise<T>;
}

export interface SearchesOptions {
  readonly db: Executor;
  readonly clock: Clock;
  readonly ladder: readonly LadderStep[];
  /** How centres can be told outside. */
  readonly channels: readonly string[];
}

/** In one statement; a flood of a thousand takes a few, so that the first are routed while the last are read. */
export const SEARCHES_TOGETHER = 250;
/** Each looks into the registry, where incoming calls look too: more at a time would keep them waiting. */
const GATHERING = 16;
/** So long after the last was routed there is none behind it. */
const QUIET_MS = 10;
/** Under a flood that does not end somebody still wants to know. */
const GIVE_WAY_MS = 1_000;

export function openSearches({ db, clock, ladder, channels }: SearchesOptions): Searches {
  let raising = 0;
  let raisedAtMs = 0;
  const counted =
    <In, Out>(work: (item: In) => Promise<Out>) =>
    async (item: In): Promise<Out> => {
      raising += 1;
      try {
        return await work(item);
      } finally {
        raising -= 1;
        raisedAtMs = performance.now();
      }
    };
  const around = batched((asked: readonly Around[]) => findCentres(db, asked, clock.now(), channels), {
    atMost: SEARCHES_TOGETHER,
  });
  const raise = batched((requests: readonly NewRequest[]) => raiseRequests(db, requests, ladder, channels), {
    atMost: SEARCHES_TOGETHER,
  });

  let gathering = 0;
  const waiting: (() => void)[] = [];
  const underWay = new Map<string, Promise<unknown>>();
  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const until = performance.now() + GIVE_WAY_MS;
    if (gathering < GATHERING) gathering += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      while ((raising > 0 || performance.now() < raisedAtMs + QUIET_MS) && performance.now() < until)
        await sleep(QUIET_MS);
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else gathering -= 1;
    }
  }

  return {
    centresAround: counted(around),
    raise: counted(raise),
    keepEvidence: batched((evidence) => keepEvidence(db, evidence), { atMost: GATHERING }),
    read: batched((ids) => findRequests(db, ids), { atMost: GATHERING }),
    gather(id, work) {
      const before = underWay.get(id);
      if (before) return before as ReturnType<typeof work>;
      const gathered = inTurn(work).finally(() => underWay.delete(id));
      underWay.set(id, gathered);
      return gathered;
    },
  };
}
