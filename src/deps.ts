/** Everything the service is built on, made once in `main.ts` and handed down; nothing else is global. */
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { type Accepted, acceptCalls, type CallRecord } from './calls/accept.ts';
import { type Found, type LookupRequest, lookUp } from './calls/lookup.ts';
import { type CallToSearch, findCalls } from './calls/store.ts';
import type { CareKit } from './care/kit.ts';
import { loadKit } from './care/load-kit.ts';
import type { Config } from './config.ts';
import { batched } from './database/batch.ts';
import { createSeal, type Seal } from './database/seal.ts';
import type { Clock, Ids } from './domain/time.ts';
import { Osrm } from './fleet/osrm.ts';
import { firstToArrive, type RankingPolicy } from './fleet/rank.ts';
import { LiveRoads } from './fleet/roads/live.ts';
import { Roster } from './fleet/roster.ts';
import type { Travel } from './fleet/travel.ts';
import type { Authenticator } from './http/auth.ts';
import type { Dependency } from './http/health-routes.ts';
import { createLive, type LiveSystem } from './live/live.ts';
import { openOutbound } from './locate/channels/outbound.ts';
import type { Outbound } from './locate/channels/port.ts';
import { openSearches, SEARCHES_TOGETHER, type Searches } from './locate/searches.ts';
import { type FollowUps, openFollowUps } from './operations/plan-follow-ups.ts';
import type { Protocol } from './requirement/load.ts';

/** What is opened from the settings and closed again. */
export interface Foundation {
  readonly config: Config;
  readonly db: pg.Pool;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly auth: Authenticator;
  readonly protocol: Protocol;
  /** The plan of follow-ups; without one, the one shipped. */
  readonly followUps?: FollowUps;
  /** What crews choose from; without one, the list shipped. */
  readonly careKit?: CareKit;
  /** What `/health/ready` asks and names. */
  readonly dependencies: readonly Dependency[];
}

export interface Deps extends Foundation {
  readonly followUps: FollowUps;
  readonly careKit: CareKit;
  readonly seal: Seal;
  readonly roster: Roster;
  /** Answers at once: by road where there is a map, else by straight line. */
  readonly travel: Travel;
  /** The map behind it, while it serves. */
  readonly roads: LiveRoads;
  /** Where another router is to be asked first (`OSRM_URL`). */
  readonly osrm: Osrm | null;
  readonly rank: RankingPolicy;
  /** Consoles; nudge it after a commit that wrote events. Until it is started nobody listens. */
  readonly live: LiveSystem;
  /** Webhooks, e-mail and short messages. */
  readonly outbound: Outbound;
  /** First round trip of a call; those that wait together go together. */
  lookUp(request: LookupRequest): Promise<Found>;
  /** Second round trip, which is the transaction. `null`: the Idempotency-Key was used before. */
  accept(call: CallRecord): Promise<Accepted | null>;
  /** A call that is searched for, beside the call a unit is on now; those that wait together go together. */
  callOf(asked: { readonly callId: string; readonly unitId: string | null }): Promise<CallToSearch | null>;
  readonly searches: Searches;
}

/** Calls that share a statement at most: far more than wait at once, and still a small statement. */
const CALLS_TOGETHER = 64;

export function createDeps(foundation: Foundation): Deps {
  const { db, config } = foundation;
  const roster = new Roster();
  const outbound = openOutbound(config.locate, foundation.clock);
  const { channels } = outbound;
  const roads = new LiveRoads((err) => foundation.log.error({ err }, 'the roads failed; the straight line answered'));
  return {
    ...foundation,
    followUps: foundation.followUps ?? openFollowUps(),
    careKit: foundation.careKit ?? loadKit(),
    seal: createSeal(config.identityKey),
    roster,
    travel: roads,
    roads,
    osrm: config.osrmUrl ? new Osrm(config.osrmUrl, roads, foundation.log) : null,
    rank: firstToArrive,
    live: createLive(foundation),
    outbound,
    lookUp: batched((requests) => lookUp(db, roster, requests), { atMost: CALLS_TOGETHER }),
    accept: batched((calls) => acceptCalls(db, calls), { atMost: CALLS_TOGETHER }),
    callOf: batched((asked) => findCalls(db, asked), { atMost: SEARCHES_TOGETHER }),
    searches: openSearches({ db, clock: foundation.clock, ladder: config.locate.ladder, channels }),
  };
}
