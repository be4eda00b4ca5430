/** Siting plans under way on this instance: checked and solved in threads of their own, kept as rows, ended with their best. */
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Deps } from '../deps.ts';
import { Problem, refuseField } from '../domain/errors.ts';
import { MOST_PAIRS, type SitingResult } from '../planning/siting/schema.ts';
import {
  type Asked,
  abandonPlans,
  askCancel,
  endPlan,
  findPlan,
  findPlanByKey,
  insertPlan,
  listPlans,
  type PlanPlace,
  type PlanRow,
  setPlaces,
  tellProgress,
} from '../planning/siting/store.ts';
import { openSitingThread, type SitingThread } from '../planning/siting/thread.ts';
import type { Checked } from '../planning/siting/worker.ts';
import { coarser, type Demand, readDemand } from './planning-demand.ts';
import type { Actor } from './receive-call.ts';
import { candidateSites, travelMatrix, withSurroundings } from './siting-sites.ts';

export type SitingDeps = Pick<Deps, 'db' | 'clock' | 'ids' | 'log' | 'seal' | 'protocol' | 'travel'>;

/** One core stays with the calls; where there are many, two plans go on at once. */
const MOST_SOLVING = Math.max(1, Math.min(2, availableParallelism() - 1));
/** Waiting ones hold their numbers in memory. */
const MOST_WAITING = 8;
const LOOK_EVERY_MS = 1_000;
/** An instance that was not seen for so long is gone. */
const GONE_AFTER_MS = 30_000;

interface Job {
  readonly planId: string;
  readonly thread: SitingThread;
  readonly checked: Checked;
  readonly demand: Demand | null;
  state: 'queued' | 'running';
  share: number;
  latest: SitingResult | null;
  told: SitingResult | null;
  ending: 'cancelled' | 'interrupted' | null;
}

export interface SitingPlans {
  /** Answers the plan's row; the same one for the same key and body. Throws what is wrong with the request. */
  start(body: Uint8Array, actor: Actor, key: string | null): Promise<PlanRow>;
  read(planId: string): Promise<PlanRow>;
  list(atMost: number): Promise<PlanRow[]>;
  /** The plan as it stands: one under way ends within seconds, with its best. */
  cancel(planId: string): Promise<PlanRow>;
  /** Ends what is under way; it is kept as interrupted, with its best. */
  close(): Promise<void>;
}

export function openSitingPlans(deps: SitingDeps): SitingPlans {
  const { db, clock, log } = deps;
  const jobs = new Map<string, Job>();
  const running = new Set<Promise<void>>();
  let closed = false;
  /** A thread whose request was refused serves the next one: starting one takes longer than most plans. */
  let spare: SitingThread | null = null;
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  timer.unref();

  /** Writes how far each plan is, which also says that this instance lives, and hears of cancellations asked elsewhere. */
  async function look(): Promise<void> {
    for (const job of jobs.values()) {
      const result = job.latest === job.told ? null : job.latest;
      try {
        const cancel = await tellProgress(db, job.planId, job.state, job.share, result, clock.now());
        if (result) job.told = result;
        if (cancel) end(job, 'cancelled');
      } catch (err) {
        log.warn({ err }, 'the progress of a siting plan was not kept; tried again in a second');
      }
    }
  }

  function end(job: Job, ending: 'cancelled' | 'interrupted'): void {
    job.ending ??= ending;
    job.thread.stop();
    if (job.state === 'queued') void finish(job, ending, null);
  }

  async function finish(job: Job, status: Parameters<typeof endPlan>[2], result: SitingResult | null): Promise<void> {
    jobs.delete(job.planId);
    await job.thread.end();
    await endPlan(db, job.planId, status, result, clock.now()).catch((err: unknown) =>
      log.warn({ err }, 'the end of a siting plan was not kept; it will count as interrupted'),
    );
    next();
  }

  function next(): void {
    const states = [...jobs.values()];
    const waiting = states.find(({ state }) => state === 'queued');
    if (closed || !waiting || states.filter(({ state }) => state === 'running').length >= MOST_SOLVING) return;
    waiting.state = 'running';
    const work = run(waiting).finally(() => running.delete(work));
    running.add(work);
    next();
  }

  async function run(job: Job): Promise<void> {
    try {
      const given = job.checked.hasTimes ? null : await findNumbers(job);
      if (job.ending) return await finish(job, job.ending, null);
      const answer = await job.thread.solve(given, job.checked.timeLimitSeconds, (share, result) => {
        job.share = share;
        job.latest = result ?? job.latest;
      });
      // Solved before it heard of its end, it is solved all the same.
      const status = answer.status === 'feasible' && job.ending ? job.ending : answer.status;
      await finish(job, status, answer.result);
    } catch (err) {
      if (!(err instanceof Problem)) log.error({ err }, 'a siting plan failed');
      await finish(job, job.ending ?? 'failed', job.latest);
    }
  }

  /** Demand, sites and times by road, where the request leaves them to be found. */
  async function findNumbers({ planId, checked, demand: found }: Job) {
    const listed = checked.sites?.map(({ id, ...site }) => ({ siteId: id, ...site, name: null }));
    const cells = found?.cells ?? [];
    const sites = (listed ?? (await candidateSites(deps, cells, checked.problem))) as readonly PlanPlace[];
    const points = checked.demand ?? coarser(cells, Math.max(1, Math.floor(MOST_PAIRS / sites.length)));
    const placed = points.map(({ position }) => position as PlanPlace['position']);
    const { seconds, responderSeconds } = await travelMatrix(
      deps,
      placed,
      sites.map(({ position }) => position),
      clock.now(),
    );
    await setPlaces(db, planId, await withSurroundings(deps, sites));
    return {
      demand: points.map(({ id, weight }) => ({ id, weight })),
      counts: found?.counts ?? false,
      sites: sites.map(({ siteId, existing, kind }) => ({ id: siteId, existing, ...(kind ? { kind } : {}) })),
      seconds,
      responderSeconds,
    };
  }

  async function start(body: Uint8Array, actor: Actor, key: string | null): Promise<PlanRow> {
    const bodyHash = createHash('sha256').update(body).digest();
    const before = key === null ? null : await findPlanByKey(db, actor.role, actor.subject, key);
    if (before) return sameBody(before, bodyHash);
    if (closed) throw new Problem('shutting-down');
    if (jobs.size >= MOST_SOLVING + MOST_WAITING) throw new Problem('too-many-requests');
    const thread = spare ?? openSitingThread();
    spare = null;
    try {
      const checked = await thread.check(body);
      const demand = checked.demand ? null : await readDemand(deps, checked.demandFrom ?? null);
      await checkSites(checked, demand);
      const planId = deps.ids.next();
      const asked: Asked = {
        problem: checked.problem,
        p: checked.p,
        standardSeconds: checked.standardSeconds,
        busyFraction: checked.busyFraction,
        demand: checked.demand?.length ?? demand?.cells.length ?? null,
        sites: checked.sites?.length ?? null,
        demandFrom: demand?.from ?? 'request',
        travelFrom: checked.hasTimes ? 'request' : 'road',
      };
      const row = { planId, role: actor.role, subject: actor.subject, key, bodyHash, asked, at: clock.now() };
      if (!(await insertPlan(db, row))) {
        const first = await findPlanByKey(db, actor.role, actor.subject, key as string);
        await putBack(thread);
        return sameBody(first as PlanRow, bodyHash);
      }
      const job: Job = {
        planId,
        thread,
        checked,
        demand,
        state: 'queued',
        share: 0,
        latest: null,
        told: null,
        ending: null,
      };
      jobs.set(planId, job);
      next();
      return read(planId);
    } catch (error) {
      await putBack(thread);
      throw error;
    }
  }

  async function putBack(thread: SitingThread): Promise<void> {
    if (spare || closed) await thread.end();
    else spare = thread;
  }

  /** What only the sites that are there can say of a request that names none. */
  async function checkSites(checked: Checked, demand: Demand | null): Promise<void> {
    if (checked.sites) return;
    const sites = await candidateSites(deps, demand?.cells ?? [], checked.problem);
    const existing = sites.filter((site) => site.existing).length;
    if (sites.length === 0) throw refuseField('sites', 'is needed: there are no places to choose from');
    if (checked.p === null) return;
    if (checked.p < existing) throw refuseField('p', `is less than the ${existing} existing stations`);
    if (checked.p > sites.length && checked.problem !== 'mexclp')
      throw refuseField('p', `is more than the ${sites.length} places to choose from`);
  }

  async function read(planId: string): Promise<PlanRow> {
    await abandonPlans(db, clock.now() - GONE_AFTER_MS);
    const row = await findPlan(db, planId);
    if (!row) throw new Problem('not-found');
    const job = jobs.get(planId);
    if (!job || row.endedAt !== null) return row;
    return { ...row, status: job.state, progress: Math.max(row.progress, job.share), result: job.latest ?? row.result };
  }

  return {
    start,
    read,
    list: async (atMost) => {
      await abandonPlans(db, clock.now() - GONE_AFTER_MS);
      return listPlans(db, atMost);
    },
    async cancel(planId) {
      await read(planId);
      await askCancel(db, planId);
      const job = jobs.get(planId);
      if (job) end(job, 'cancelled');
      return read(planId);
    },
    async close() {
      closed = true;
      clearInterval(timer);
      for (const job of jobs.values()) end(job, 'interrupted');
      await Promise.allSettled([...running, spare?.end()]);
    },
  };
}

function sameBody(row: PlanRow, bodyHash: Buffer): PlanRow {
  if (!bodyHash.equals(row.bodyHash))
    throw refuseField('Idempotency-Key', 'was used before with another body', 'idempotency-mismatch');
  return row;
}
