/** The service from its settings: what it needs is opened in one order and closed in the other. */
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { buildApp } from './app.ts';
import { expireIdempotencyKeys } from './calls/store.ts';
import { createSend } from './care/fhir/platform.ts';
import { loadKit } from './care/load-kit.ts';
import type { Config } from './config.ts';
import { expireAnswers } from './database/once.ts';
import { openDatabase } from './database/open.ts';
import { Day } from './demo/day.ts';
import { loadDistrict, loadStreets } from './demo/load.ts';
import { createDeps } from './deps.ts';
import { keepRoads } from './fleet/roads/keeper.ts';
import { listPlaces } from './fleet/store.ts';
import { createAuthenticator } from './http/auth.ts';
import { databaseDependency } from './http/health-routes.ts';
import { createMetrics } from './http/metrics.ts';
import { keepLooking } from './jobs/clocks.ts';
import { startHandlers } from './jobs/handlers.ts';
import { keepHouse } from './jobs/housekeeping.ts';
import { startPlatform } from './jobs/platform.ts';
import { openQueues } from './jobs/queues.ts';
import { startRelay } from './jobs/relay.ts';
import { expireTickets } from './live/tickets.ts';
import { markPresent } from './locate/desk-store.ts';
import { catchUpHistories } from './operations/catch-up-histories.ts';
import { climbLadders, closeSearches } from './operations/climb-locate.ts';
import { Grounds } from './operations/coverage.ts';
import { startDeliveries } from './operations/deliver-locate.ts';
import { deliverToResponders } from './operations/deliver-responder.ts';
import { watchFollowUps } from './operations/follow-up.ts';
import { learnSpeeds } from './operations/learn-speeds.ts';
import { lookForResponders } from './operations/offer-responders.ts';
import { openFollowUps } from './operations/plan-follow-ups.ts';
import { lookForMoves, startRedeployment } from './operations/suggest-redeployment.ts';
import { startWatch, watchClocks } from './operations/watch-clocks.ts';
import { startCoverageWatch, watchCoverage } from './operations/watch-coverage.ts';
import { loadProtocol } from './requirement/load.ts';
import { recordProtocol } from './requirement/store.ts';
import { systemClock, systemIds } from './system.ts';

export interface Service {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Cover changes with units that leave and come back; looking costs milliseconds where nothing changed. */
const COVER_EVERY_MS = 10_000;
/** A client that lost an answer asks again within minutes; a day leaves room for one that was switched off. */
const KEY_LIFETIME_MS = 24 * 3_600_000;
/** A map that is slow to come is taken over when it is there; calls are not kept waiting for it. */
const ROADS_WITHIN_MS = 8_000;
/** Completed runs are learned from so often. */
const LEARN_EVERY_MS = 30_000;

/** A step of a search is taken within a second of its deadline, also when many are due at once. */
const LOCATE_EVERY_MS = 250;
const PRESENCE_EVERY_MS = 5_000;
/** Nobody waits for a suggestion, and it looks at the whole fleet. */
const MOVES_EVERY_MS = 5_000;
/** The queue that wakes whoever sends messages. */
const MESSAGES = 'locate-messages';

/** Follow-ups are due by the day, but some when they are scheduled; a look costs two statements over two small indexes. */
const FOLLOW_UPS_EVERY_MS = 2_000;
const HISTORIES_EVERY_MS = 2_000;

/** Resolves when calls can be taken. What was opened before a failure is closed again. */
export async function startService(config: Config, log: Logger): Promise<Service> {
  const closers: (() => unknown)[] = [];
  const stop = async () => {
    for (const close of closers.reverse()) {
      try {
        await close();
      } catch (err) {
        log.error({ err }, 'not closed cleanly');
      }
    }
    closers.length = 0;
  };
  try {
    const protocol = loadProtocol(config.protocolDir ?? undefined);
    const followUps = openFollowUps(config.followUpPlan ?? undefined);
    const careKit = loadKit(config.careKit ?? undefined);
    const database = await openDatabase(config, {
      onError: (err) => log.warn({ err }, 'an idle database connection broke'),
      onFailure: (err) => log.fatal({ err }, 'the embedded database broke'),
    });
    closers.push(database.close);
    const { db } = database;
    const queues = await openQueues(
      config.redisUrl ? { redisUrl: config.redisUrl } : { databaseUrl: database.url },
      log,
    );
    closers.push(queues.close);

    const clock = systemClock;
    const deps = createDeps({
      config,
      db,
      clock,
      ids: systemIds,
      log,
      metrics: createMetrics(),
      auth: createAuthenticator(config.auth, clock),
      protocol,
      followUps,
      careKit,
      dependencies: [databaseDependency(db), { name: 'queues', required: false, check: () => queues.ping() }],
    });
    const roads = keepRoads(deps.roads, {
      databaseUrl: database.url,
      dataDir: config.dataDir,
      log,
      // Places come and go with a map, and what is gone no look-up brings.
      replaced: async () => {
        try {
          deps.roster.replacePlaces(await listPlaces(db, null));
        } catch (err) {
          log.warn({ err }, 'the places of the new map are known at the next start');
        }
      },
    });
    closers.push(roads.stop);
    await recordProtocol(db, protocol, clock.now());
    if (config.demo.district) {
      await loadDistrict(deps, clock.now());
      await loadStreets({ db }, clock.now());
    }
    await keepHouse(queues, async () => {
      await expireIdempotencyKeys(db, clock.now() - KEY_LIFETIME_MS);
      await expireAnswers(db, clock.now() - KEY_LIFETIME_MS);
      await expireTickets(db, clock.now());
    });

    // The first caller of the day shall not wait for plans and code to warm up, and units are known before any call.
    // A machine so slow that it takes too long here is still one that can take calls.
    await deps
      .lookUp({ keys: [], residentId: null, position: null, nearbyHomes: false })
      .catch((err: unknown) => log.warn({ err }, 'the first look-up took too long; the next call brings the units'));

    await Promise.race([roads.look(), sleep(ROADS_WITHIN_MS, undefined, { ref: false })]);
    const watch = startWatch();
    closers.push(keepLooking(() => watchClocks(deps, watch), log).stop);
    closers.push(keepLooking(() => catchUpHistories(deps), log, HISTORIES_EVERY_MS).stop);
    closers.push(keepLooking(() => lookForResponders(deps), log).stop);
    closers.push(keepLooking(() => deliverToResponders(deps), log).stop);
    const moves = startRedeployment();
    closers.push(keepLooking(() => lookForMoves(deps, moves), log, MOVES_EVERY_MS).stop);
    const cover = startCoverageWatch(new Grounds(deps));
    closers.push(keepLooking(() => watchCoverage(deps, cover), log, COVER_EVERY_MS).stop);
    const ladders = keepLooking(() => climbLadders(deps), log, LOCATE_EVERY_MS);
    closers.push(ladders.stop);
    closers.push(keepLooking(() => closeSearches(deps), log).stop);
    const deliveries = startDeliveries(deps, (deliveryId, attempts, at) => {
      const again = { jobId: `${deliveryId}/${attempts}`, delayMs: Math.max(0, at - clock.now()) };
      queues.add(MESSAGES, 'again', { deliveryId }, again).catch(() => {}); // its row is due all the same
    });
    closers.push(() => deps.outbound.close());
    closers.push(deliveries.settled);
    const messages = keepLooking(deliveries.look, log, LOCATE_EVERY_MS);
    closers.push(messages.stop);
    queues.work(MESSAGES, async () => messages.now());
    const presence = keepLooking(
      () => markPresent(db, deps.live.subjectsOf('centre'), clock.now()),
      log,
      PRESENCE_EVERY_MS,
    );
    closers.push(presence.stop);
    const wakeMessages = async () => messages.now();
    const types = startHandlers(db, queues, {
      'locate.closed': wakeMessages,
    });
    const learning = keepLooking(() => learnSpeeds(deps), log, LEARN_EVERY_MS);
    closers.push(learning.stop);
    closers.push(keepLooking(() => watchFollowUps(deps), log, FOLLOW_UPS_EVERY_MS).stop);
    if (config.platform) {
      const { answerSeconds } = config.platform;
      closers.push(startPlatform({ ...deps, queues, send: createSend(config.platform), answerSeconds }).stop);
    }
    closers.push(startRelay({ db, queues, log, types }).close);
    closers.push(() => deps.live.close());
    await deps.live.start(config.redisUrl);
    const day = config.demo.district ? new Day(deps) : null;
    if (day) closers.push(() => day.stop());
    const app = await buildApp(deps, day);
    closers.push(() => app.close());
    await day?.start(); // without positions no arrival could be predicted for the first caller
    await app.listen({ host: config.host, port: config.port });
    const { port } = app.server.address() as AddressInfo;
    return { url: `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
