/** Simulations planners ask for: one at a time on this instance, in threads of their own, cancelled from any. */
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Deps } from '../deps.ts';
import { Problem, refuseField } from '../domain/errors.ts';
import { toWgs84 } from '../domain/position.ts';
import type { PolicyName } from '../planning/simulation/policies.ts';
import type { SimulationInput } from '../planning/simulation/schema.ts';
import {
  beginSimulation,
  cancelSimulation,
  createSimulation,
  findSimulation,
  findSimulationByKey,
  finishSimulation,
  keepSoFar,
  latestSimulations,
  type SimulationEnd,
  type SimulationRow,
  sayAlive,
} from '../planning/simulation/store.ts';
import type { Actor } from './receive-call.ts';
import { type SimulationReport, simulate } from './simulate.ts';
import { buildCity, type CityChanges } from './simulation-city.ts';
import { type Assumptions, cityParts } from './simulation-source.ts';

const HEARTBEAT_MS = 1_000;
/** What a simulation has is written so often, so that no more is lost with its instance. */
const KEPT_EVERY_MS = 5_000;
/** Unheard of for so long, whoever ran it is gone. */
const SILENT_MS = 60_000;
const WAITING_AT_MOST = 20;
const SHOWN_AT_MOST = 50;

export interface SimulationAnswer {
  readonly simulationId: string;
  readonly status: SimulationRow['status'];
  readonly progress: number;
  readonly request: SimulationInput;
  readonly report: unknown;
  readonly problem: string | null;
  readonly createdAt: string;
  readonly finishedAt: string | null;
}

/** Waiting or running here: how far, what it has, how to end it and when it did. */
interface Own {
  progress: number;
  soFar: () => SimulationReport | null;
  keptAt: number;
  readonly abort: AbortController;
  ended: Promise<void>;
}

export class Simulations {
  readonly #deps: Deps;
  readonly #assumed: Assumptions;
  readonly #own = new Map<string, Own>();
  #last: Promise<void> = Promise.resolve();
  #heart: NodeJS.Timeout | null = null;

  constructor(deps: Deps, assumed: Assumptions) {
    this.#deps = deps;
    this.#assumed = assumed;
  }

  /** Queued here. The same key and body again answers the first one. Throws `invalid-field`, `idempotency-mismatch`, `too-many-requests`. */
  async start(request: SimulationInput, actor: Actor, key: string | null): Promise<SimulationAnswer> {
    const { db, clock, ids } = this.#deps;
    refuseTwice(request);
    const bodyHash = createHash('sha256').update(JSON.stringify(request)).digest();
    const before = key === null ? null : await findSimulationByKey(db, actor, key);
    if (!before && this.#own.size >= WAITING_AT_MOST) throw new Problem('too-many-requests');
    const simulationId = ids.next();
    const now = clock.now();
    const row =
      before ??
      (await createSimulation(db, { simulationId, actor, key, bodyHash, request, now })) ??
      (key === null ? null : await findSimulationByKey(db, actor, key));
    if (!row) throw new Problem('database-unavailable');
    if (!row.body_hash.equals(bodyHash))
      throw refuseField('Idempotency-Key', 'was used before with another body', 'idempotency-mismatch');
    if (row.simulation_id === simulationId) this.#queue(simulationId, request, actor);
    return this.#answer(row);
  }

  /** Throws `not-found`. */
  async read(simulationId: string): Promise<SimulationAnswer> {
    const row = await findSimulation(this.#deps.db, simulationId);
    if (!row) throw new Problem('not-found');
    return this.#answer(row);
  }

  async latest(): Promise<SimulationAnswer[]> {
    return (await latestSimulations(this.#deps.db, SHOWN_AT_MOST)).map((row) => this.#answer(row));
  }

  /** Ended wherever it runs, with the days it has by then; one that has ended stays as it is. Throws `not-found`. */
  async cancel(simulationId: string): Promise<SimulationAnswer> {
    await cancelSimulation(this.#deps.db, simulationId, this.#deps.clock.now());
    const own = this.#own.get(simulationId);
    own?.abort.abort(new Error('cancelled'));
    if (own && own.progress > 0) await own.ended;
    return this.read(simulationId);
  }

  /** Ends what runs here and waits for it. */
  async stop(): Promise<void> {
    for (const { abort } of this.#own.values()) abort.abort(new Error('the service stops'));
    await this.#last;
  }

  #queue(simulationId: string, request: SimulationInput, actor: Actor): void {
    const abort = new AbortController();
    const own: Own = { progress: 0, soFar: () => null, keptAt: 0, abort, ended: Promise.resolve() };
    this.#own.set(simulationId, own);
    this.#heart ??= setInterval(() => this.#beat(), HEARTBEAT_MS).unref();
    own.ended = this.#last.then(() => this.#run(simulationId, request, actor, own));
    this.#last = own.ended;
  }

  async #run(simulationId: string, request: SimulationInput, actor: Actor, own: Own): Promise<void> {
    const { db, clock, log } = this.#deps;
    try {
      if (!own.abort.signal.aborted && (await beginSimulation(db, simulationId))) {
        const report = await this.#simulate(request, actor, own);
        const end = report.partial ? brokenOff(report) : ({ status: 'done', report, problem: null } as const);
        await finishSimulation(db, simulationId, end, clock.now());
      } else await finishSimulation(db, simulationId, brokenOff(null), clock.now());
    } catch (error) {
      const problem = error instanceof Problem ? (error.toJSON().detail ?? '') : 'something went wrong here';
      const isBrokenOff = own.abort.signal.aborted;
      if (!isBrokenOff && !(error instanceof Problem))
        log.error({ err: error, simulationId }, 'a simulation broke off');
      const end = isBrokenOff ? brokenOff(null) : ({ status: 'failed', report: null, problem } as const);
      await finishSimulation(db, simulationId, end, clock.now()).catch((err: unknown) =>
        log.warn({ err, simulationId }, 'the end of a simulation could not be written'),
      );
    } finally {
      this.#own.delete(simulationId);
      if (this.#own.size === 0 && this.#heart) {
        clearInterval(this.#heart);
        this.#heart = null;
      }
    }
  }

  async #simulate(request: SimulationInput, actor: Actor, own: Own): Promise<SimulationReport> {
    const { days, policy, seed = 1, callsPerDay = null } = request;
    const parts = await cityParts(this.#deps, actor, this.#assumed, callsPerDay);
    const changes = changesOf(request);
    const before = changesOf(request.against ?? {});
    const city = await buildCity(parts, changes);
    const same = JSON.stringify(changes) === JSON.stringify(before);
    own.abort.signal.throwIfAborted();
    const other = same ? city : await buildCity(parts, before);
    return simulate(
      { policy, city },
      { policy: request.against?.policy ?? (same ? standingComparison(policy) : policy), city: other },
      {
        days,
        seed,
        // One core stays with the calls that come in.
        threads: Math.max(1, availableParallelism() - 1),
        signal: own.abort.signal,
        onProgress(share, soFar) {
          own.progress = share;
          own.soFar = soFar;
        },
      },
    );
  }

  #beat(): void {
    const now = this.#deps.clock.now();
    for (const [id, own] of this.#own) {
      if (now - own.keptAt < KEPT_EVERY_MS) continue;
      const report = own.soFar();
      if (!report) continue;
      own.keptAt = now;
      keepSoFar(this.#deps.db, id, report).catch(() => {}); // kept again in a few seconds
    }
    const progress = new Map([...this.#own].map(([id, own]) => [id, own.progress]));
    sayAlive(this.#deps.db, progress, this.#deps.clock.now()).then(
      (cancelled) => {
        for (const id of cancelled) this.#own.get(id)?.abort.abort(new Error('cancelled'));
      },
      () => {}, // said again in a second
    );
  }

  #answer(row: SimulationRow): SimulationAnswer {
    const live = row.status === 'waiting' || row.status === 'running';
    const own = this.#own.get(row.simulation_id);
    const silent = live && !own && this.#deps.clock.now() - row.heard_at.getTime() > SILENT_MS;
    return {
      simulationId: row.simulation_id,
      status: silent ? 'interrupted' : row.status,
      progress: live && own ? own.progress : row.progress,
      request: row.request,
      report: row.report,
      problem: row.problem,
      createdAt: row.created_at.toISOString(),
      finishedAt: row.finished_at?.toISOString() ?? null,
    };
  }
}

/** The service stops; or it was cancelled, and stays so. */
const brokenOff = (report: SimulationReport | null): SimulationEnd => ({
  status: 'interrupted',
  report,
  problem: 'the service stopped',
});

/** Precise dispatch is held against whoever is nearest, everything else against precise dispatch. */
export const standingComparison = (policy: PolicyName): PolicyName =>
  policy === 'closest-idle' ? 'nearest-any' : 'closest-idle';

const changesOf = ({ units, addStations }: Pick<SimulationInput, 'units' | 'addStations'>): CityChanges => ({
  fleetSize: units ?? null,
  addStations: (addStations ?? []).map(({ stationId, position }) => ({ stationId, position: toWgs84(position) })),
});

function refuseTwice(request: SimulationInput): void {
  for (const [field, { addStations }] of [
    ['addStations', request],
    ['against.addStations', request.against ?? {}],
  ] as const) {
    const seen = new Set<string>();
    addStations?.forEach(({ stationId }, i) => {
      if (seen.has(stationId)) throw refuseField(`${field}[${i}].stationId`, 'is named twice');
      seen.add(stationId);
    });
  }
}
