/** What else a desk does under faults: first responders alerted and heard, suggested moves decided, planners' jobs asked for; often by two at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../bench/random.ts';
import type { Client, Who } from './client.ts';
import { asked, type History } from './history.ts';

const desks: readonly Who[] = [1, 2].map((n) => ({ role: 'dispatcher', subject: `d-${n}` }));
const planner: Who = { role: 'planner', subject: 'planner-1' };

/** Half of them can be told by a message, which never gets there: nobody listens at that port. */
const responders = Array.from({ length: 6 }, (_, i) => ({
  kind: i % 2 === 0 ? 'micro-fire-station' : 'volunteer',
  name: `虚构微型消防站${i}`,
  position: { lon: 116.343 + i * 0.002, lat: 39.911, crs: 'wgs84' },
  ...(i < 3 ? { contact: { webhook: { url: 'http://127.0.0.1:9/invented', secret: 'invented for fault runs' } } } : {}),
}));
const stations = [
  { id: 's-far', lon: 116.366, lat: 39.903 },
  { id: 's-near', lon: 116.341, lat: 39.911 },
] as const;
/** Where all units wait: most calls come from beside the other one. */
export const BASE = stations[0].id;

/** Short, so that answers are overdue while things are broken. */
export const deskSettings = { RESPONDER_ANSWER_SECONDS: '10', WEBHOOK_PRIVATE_ADDRESSES: 'on' } as const;

export class Desk {
  readonly #client: Client;
  readonly #history: History;
  readonly #seed: number;
  /** Moves somebody here has decided on already. */
  readonly #decided = new Set<string>();

  constructor(client: Client, history: History, seed: number) {
    this.#client = client;
    this.#history = history;
    this.#seed = seed;
  }

  async furnish(admin: Who): Promise<void> {
    for (const { id, lon, lat } of stations)
      await this.#client.ask(admin, 'PUT', `/v1/places/${id}`, {
        placeId: id,
        kind: 'station',
        name: `invented station ${id}`,
        position: { lon, lat, crs: 'wgs84' },
      });
    for (const [i, responder] of responders.entries())
      await this.#client.ask(admin, 'PUT', `/v1/responders/m-${i + 1}`, responder);
  }

  /** Two desks alert the same one at the same moment, for one call or for two; then they hear, each something. */
  async alert(callIds: readonly string[], random: Random): Promise<void> {
    const responderId = `m-${1 + random.below(responders.length)}`;
    const alerts = await Promise.all(
      desks.map(async (desk, first) => {
        const callId = callIds[first % callIds.length] as string;
        const path = `/v1/calls/${callId}/responder-alerts`;
        const answer = await this.#client.ask(desk, 'POST', path, { responderId }, { first });
        const alertId: string | null = answer.body?.alertId ?? null;
        this.#note({ kind: 'alert', callId, responderId, alertId, ...asked(answer), seq: null });
        return alertId === null ? null : { callId, alertId };
      }),
    );
    const alert = alerts.find((each) => each !== null);
    if (!alert || random.chance(0.2)) return; // nobody hears of them any more
    await sleep(random.below(3_000));
    const heard = random.chance(0.6) ? (['accept', 'accept'] as const) : (['accept', 'decline'] as const);
    await Promise.all(heard.map((said, first) => this.#hear(alert, responderId, said, desks[first] as Who, first)));
    if (random.chance(0.4)) await this.#hear(alert, responderId, 'on-scene', desks[0] as Who, random.below(2));
  }

  async #hear(
    { callId, alertId }: { readonly callId: string; readonly alertId: string },
    responderId: string,
    said: 'accept' | 'decline' | 'on-scene',
    desk: Who,
    first: number,
  ): Promise<void> {
    const path = `/v1/responder-alerts/${alertId}/${said}`;
    const body = said === 'on-scene' ? {} : undefined;
    const answer = await this.#client.ask(desk, 'POST', path, body, { first });
    this.#note({ kind: 'alert-answer', callId, responderId, alertId, said, ...asked(answer), seq: null });
  }

  /** Decides on whatever move is suggested, two dispatchers at the same moment, until told to stop. */
  async watchMoves(random: Random, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await sleep(700);
      const { body } = await this.#client.ask(desks[0] as Who, 'GET', '/v1/redeployments');
      const open = body?.redeployments?.find((each: { status: string }) => each.status === 'suggested');
      if (!open || this.#decided.has(open.redeploymentId)) continue;
      this.#decided.add(open.redeploymentId);
      const rivals = random.chance(0.7) ? (['accept', 'accept'] as const) : (['accept', 'refuse'] as const);
      await Promise.all(
        rivals.map(async (decision, first) => {
          const path = `/v1/redeployments/${open.redeploymentId}/${decision}`;
          const answer = await this.#client.ask(desks[first] as Who, 'POST', path, undefined, { first });
          const move = { moveId: open.redeploymentId, decision } as const;
          this.#note({ kind: 'move', callId: null, ...move, ...asked(answer), seq: null });
        }),
      );
    }
  }

  /** One planner's job after the other, on either instance, each asked for until it is taken; now and then one is cancelled. */
  async plan(random: Random, isOver: () => boolean): Promise<void> {
    for (let n = 0; !isOver(); n++) {
      const what = n % 2 === 0 ? 'siting' : 'simulation';
      const path = what === 'siting' ? '/v1/siting-plans' : '/v1/simulations';
      const key = `job-${this.#seed}-${n}`;
      const headers = { 'idempotency-key': key };
      const answer = await this.#client.ask(planner, 'POST', path, what === 'siting' ? problem(random) : days, {
        headers,
      });
      const jobId: string | null = answer.body?.planId ?? answer.body?.simulationId ?? null;
      this.#note({ kind: 'job', callId: null, key, what, jobId, ...asked(answer), seq: null });
      for (let waited = 0; waited < 10 && !isOver(); waited++) await sleep(1_000);
      if (jobId && random.chance(0.2)) await this.#client.ask(planner, 'DELETE', `${path}/${jobId}`);
    }
  }

  /** How each job stands, as a planner sees it. */
  async jobs(): Promise<Jobs> {
    const found = this.#history.operations.flatMap((each) => (each.kind === 'job' && each.jobId ? [each] : []));
    return Promise.all(
      found.map(async ({ what, jobId }) => {
        const path = what === 'siting' ? '/v1/siting-plans' : '/v1/simulations';
        const { body } = await this.#client.ask(planner, 'GET', `${path}/${jobId}`);
        const hasAnswer = what === 'siting' ? (body?.chosen?.length ?? 0) > 0 : body?.report != null;
        return { jobId: jobId as string, what, status: body?.status ?? 'lost', hasAnswer };
      }),
    );
  }

  #note(operation: History['operations'][number]): void {
    this.#history.operations.push(operation);
  }
}

export type Jobs = {
  readonly jobId: string;
  readonly what: 'siting' | 'simulation';
  readonly status: string;
  readonly hasAnswer: boolean;
}[];

const days = { days: 60, policy: 'nearest-any', callsPerDay: 200, seed: 1 } as const;

/** Too large to be proven best in its time. */
function problem(random: Random) {
  const demand = Array.from({ length: 150 }, (_, i) => ({ id: `d${i}`, weight: 1 + random.below(20) }));
  const sites = Array.from({ length: 50 }, (_, i) => ({ id: `s${i}` }));
  const travelSeconds = demand.map(() => sites.map(() => 60 + random.below(900)));
  return { problem: 'p-median', p: 9, demand, sites, travelSeconds, timeLimitSeconds: 15 };
}
