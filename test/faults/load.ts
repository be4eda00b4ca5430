/** Dispatchers and crews at work: calls taken in, units fought over, runs reported, calls closed; each asks until it is answered. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Random, seededRandom, weighted } from '../../bench/random.ts';
import { pointOfStatus, type RunPoint } from '../../src/domain/run.ts';
import type { UnitStatus } from '../../src/domain/vocabulary.ts';
import { callFrom, fleet, wang, zhang } from '../support/people.ts';
import type { Client, Who } from './client.ts';
import { BASE, Desk } from './desk-load.ts';
import { asked, type History, type Outcome } from './history.ts';
import { furnishSearches, tellSearch } from './search-load.ts';
import { callOf, WayBack } from './way-back-load.ts';

const admin: Who = { role: 'admin', subject: 'admin-1' };
const OVERRIDE = 'invented: nobody else is near';
const ATTEMPTS_TO_SEND = 6;
/** Calls being dealt with; fewer than there are units, so that some are free. */
const AT_ONCE = 14;

/** What becomes of a call, and how often. */
const stories = weighted([
  ['run', 46],
  ['late', 12],
  ['ignored', 8],
  ['stood-down', 10],
  ['two-units', 8],
  ['closed-early', 8],
  ['race', 8],
  ['search', 14],
  ['way-back', 22],
] as const);

/** How a run begins, so that a short one has something of everything. */
const opening = ['way-back', 'search', 'race', 'way-back', 'search', 'late', 'way-back', 'search', 'run'] as const;

/** Equipped for anything, and a few that lack what most patients need. */
export const units = Array.from({ length: 18 }, (_, i) => {
  const model = fleet[i % 6 === 5 ? 0 : 1 + (i % 2)] as (typeof fleet)[number];
  const { lon, lat } = model.position;
  const position = { lon: lon + 0.001 * (i % 5), lat: lat + 0.001 * Math.floor(i / 5), crs: 'wgs84' };
  return { ...model, unitId: `u-${i + 1}`, stationId: BASE, position };
});

export interface LoadOptions {
  readonly seed: number;
  readonly dispatchers: number;
  /** The response target the instances run with. */
  readonly targetSeconds: number;
  /** Whether planners have jobs made beside it, which take a core of their own. */
  readonly withJobs: boolean;
}

export class Load {
  readonly #client: Client;
  readonly #history: History;
  readonly #options: LoadOptions;
  /** Assignments a client knows of already. */
  readonly #known = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  readonly #wayBack: WayBack;
  readonly desk: Desk;
  #ending = false;

  constructor(client: Client, history: History, options: LoadOptions) {
    this.#client = client;
    this.#history = history;
    this.#options = options;
    this.#wayBack = new WayBack(client, history);
    this.desk = new Desk(client, history, options.seed);
  }

  /** Files who may call and what can be sent. */
  async furnish(): Promise<void> {
    const registry: Who = { role: 'registry', subject: 'registry-1' };
    for (const resident of [zhang, wang])
      await this.#client.ask(registry, 'PUT', `/v1/residents/${resident.residentId}`, resident);
    for (const unit of units) await this.#client.ask(admin, 'PUT', `/v1/units/${unit.unitId}`, unit);
    await furnishSearches(this.#client, admin);
    await this.#wayBack.furnish();
    await this.desk.furnish(admin);
  }

  /** Works until `end()` and until every run begun by then is over. */
  async work(): Promise<void> {
    const { dispatchers, seed, withJobs } = this.#options;
    const isOver = () => this.#ending;
    this.#begin(this.desk.watchMoves(seededRandom(seed * 103), isOver));
    if (withJobs) this.#begin(this.desk.plan(seededRandom(seed * 107), isOver));
    await Promise.all(Array.from({ length: dispatchers }, (_, i) => this.#dispatch(i, seededRandom(seed * 101 + i))));
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  end(): void {
    this.#ending = true;
  }

  /** Closes what was left open, as at the end of a shift. */
  async closeAll(callIds: readonly string[]): Promise<void> {
    for (const callId of callIds) await this.#close({ role: 'dispatcher', subject: 'd-last' }, callId);
  }

  async #dispatch(number: number, random: Random): Promise<void> {
    const who: Who = { role: 'dispatcher', subject: `d-${number + 1}` };
    for (let n = 0; !this.#ending; n++) {
      const story = opening[n * this.#options.dispatchers + number] ?? stories(random);
      // Not waited for: a dispatcher takes the next call while the crew of the last is on the road.
      this.#begin(this.#tell(story, who, `${who.subject}-${n}`, seededRandom(random.below(2 ** 31))));
      do await sleep(150 + random.below(500));
      while (this.#running.size >= AT_ONCE && !this.#ending);
    }
  }

  #begin(run: Promise<void>): void {
    this.#running.add(run);
    run.then(() => this.#running.delete(run)).catch(() => {}); // one that fails stays, and ends the work with its error
  }

  async #tell(story: ReturnType<typeof stories>, who: Who, key: string, random: Random): Promise<void> {
    const caller = story === 'way-back' ? callOf(random) : null;
    const call = await this.#receive(who, key, random, caller?.said);
    if (!call) return;
    const { callId } = call;
    if (caller) {
      const unitId = await this.#send(who, call, random);
      if (unitId) this.#begin(this.#drive(callId, unitId, seededRandom(random.below(2 ** 31))));
      if (unitId) await this.#wayBack.tell(caller.patient, callId, unitId, random);
      return;
    }
    switch (story) {
      case 'ignored':
        if (random.chance(0.5)) {
          await sleep((0.7 + random.next()) * this.#options.targetSeconds * 1_000);
          await this.#close(who, callId);
        }
        return;
      case 'search':
        await tellSearch(this.#client, this.#history, who, callId, `${key}-search`, random);
        if (random.chance(0.5)) await this.#close(who, callId);
        return;
      case 'race': {
        const rival = await this.#receive(who, `${key}-rival`, random);
        if (!rival) return;
        this.#begin(this.desk.alert([callId, rival.callId], seededRandom(random.below(2 ** 31))));
        const { unitId } = random.pick(units);
        const rivals = [callId, rival.callId];
        const won = await Promise.all(rivals.map((each, instance) => this.#assign(who, each, unitId, true, instance)));
        const winner = rivals[won.indexOf(true)];
        if (winner) await this.#drive(winner, unitId, random);
        return;
      }
      case 'stood-down': {
        const unitId = await this.#send(who, call, random);
        if (!unitId) return;
        await sleep(random.below(1_500));
        await this.#standDown(who, callId, unitId);
        break;
      }
      case 'two-units': {
        const unitId = await this.#send(who, call, random);
        if (unitId) this.#begin(this.#drive(callId, unitId, seededRandom(random.below(2 ** 31))));
        break;
      }
      case 'closed-early': {
        const unitId = await this.#send(who, call, random);
        if (!unitId) return;
        await this.#point(callId, unitId, 'en-route');
        await sleep(random.below(2_000));
        await this.#close(who, callId);
        await this.#point(callId, unitId, 'on-scene'); // heard after the end, and kept all the same
        return;
      }
    }
    if (random.chance(0.3)) this.#begin(this.desk.alert([callId], seededRandom(random.below(2 ** 31))));
    if (random.chance(0.2)) await this.#update(who, callId);
    const unitId = await this.#send(who, call, random);
    if (unitId) await this.#drive(callId, unitId, random, story === 'late');
  }

  /** A run as it should go; `late`: it arrives when the clock has run out. */
  async #drive(callId: string, unitId: string, random: Random, late = false): Promise<void> {
    const pause = (seconds: number) => sleep(random.next() * seconds * 1_000);
    // A status names no call, so it is used only where nobody else can have ended the run in between.
    await this.#status(callId, unitId, 'en-route');
    if (late) await sleep(this.#options.targetSeconds * 1_000);
    await pause(2.5);
    await (random.chance(0.5) ? this.#status(callId, unitId, 'on-scene') : this.#point(callId, unitId, 'on-scene'));
    await pause(0.8);
    await this.#point(callId, unitId, 'at-patient');
    if (random.chance(0.6)) {
      await pause(1);
      await this.#point(callId, unitId, 'left-scene');
      await this.#point(callId, unitId, 'at-destination');
      await this.#point(callId, unitId, 'handed-over');
    }
    await pause(0.5);
    await this.#point(callId, unitId, 'in-service');
  }

  /** Takes a unit it is shown; where another was faster, one of those it is shown then. */
  async #send(who: Who, call: TakenCall, random: Random): Promise<string | null> {
    let shown = call.units;
    for (let attempt = 0; attempt < ATTEMPTS_TO_SEND; attempt++) {
      if (shown.length > 0) {
        const { unitId, satisfies } = random.pick(shown.slice(0, 4));
        const fresh: ShownUnit[] = [];
        if (await this.#assign(who, call.callId, unitId, !satisfies, undefined, fresh)) return unitId;
        shown = fresh;
      }
      await sleep(200 + random.below(600));
    }
    return null;
  }

  async #receive(who: Who, key: string, random: Random, said: object = {}): Promise<TakenCall | null> {
    const phone = random.chance(0.3) ? '13800138001' : `139${String(random.below(10 ** 8)).padStart(8, '0')}`;
    const body = callFrom({ caller: { phone, relation: 'self' }, ...said });
    const headers = { 'idempotency-key': key };
    const answer = await this.#client.ask(who, 'POST', '/v1/calls', body, { headers });
    const callId: string | null = answer.body?.call?.callId ?? null;
    this.#note({ kind: 'call', key, callId, ...asked(answer) });
    if (callId && random.chance(0.1)) {
      // A client that did not trust its answer: the same key, to either instance.
      const again = await this.#client.ask(who, 'POST', '/v1/calls', body, { headers });
      this.#note({ kind: 'call', key, callId: again.body?.call?.callId ?? null, ...asked(again) });
    }
    return callId === null ? null : { callId, units: answer.body.units };
  }

  async #update(who: Who, callId: string): Promise<void> {
    const complaint = { answers: { conscious: 'no', breathing: 'abnormal' } };
    const answer = await this.#client.ask(who, 'PATCH', `/v1/calls/${callId}`, { complaint });
    this.#note({ kind: 'update', callId, ...asked(answer) });
  }

  /** Whether the unit is ours. An answer lost and then a refusal: the call itself says which of the two it was. */
  async #assign(
    who: Who,
    callId: string,
    unitId: string,
    override: boolean,
    first?: number,
    fresh: ShownUnit[] = [],
  ): Promise<boolean> {
    const body = { unitId, ...(override ? { overrideReason: OVERRIDE } : {}) };
    const answer = await this.#client.ask(who, 'POST', `/v1/calls/${callId}/assignments`, body, {
      ...(first === undefined ? {} : { first }),
    });
    let assignedAt = answer.status === 201 ? Date.parse(answer.body.assignedAt) : null;
    if (answer.unanswered > 0 && answer.status === 409) {
      const { body: call } = await this.#client.ask(who, 'GET', `/v1/calls/${callId}`);
      const ours = call?.assignments?.find(
        (each: SentUnit) =>
          each.unitId === unitId &&
          each.endedAt === null &&
          !this.#known.has(`${callId} ${unitId} ${Date.parse(each.assignedAt)}`),
      );
      if (ours) assignedAt = Date.parse(ours.assignedAt);
    }
    if (assignedAt !== null) this.#known.add(`${callId} ${unitId} ${assignedAt}`);
    fresh.push(...(answer.body?.units ?? []));
    const told = asked(answer);
    const outcome: Outcome = assignedAt === null ? told.outcome : 'acknowledged';
    this.#note({ kind: 'assignment', callId, unitId, assignedAt, ...told, outcome, endedMs: performance.now() });
    return assignedAt !== null;
  }

  async #standDown(who: Who, callId: string, unitId: string): Promise<void> {
    const answer = await this.#client.ask(who, 'DELETE', `/v1/calls/${callId}/assignments/${unitId}`);
    this.#note({ kind: 'stand-down', callId, unitId, ...asked(answer) });
  }

  async #close(who: Who, callId: string): Promise<void> {
    const answer = await this.#client.ask(who, 'POST', `/v1/calls/${callId}/close`, { reason: 'invented: over' });
    this.#note({ kind: 'close', callId, ...asked(answer) });
  }

  async #point(callId: string, unitId: string, point: RunPoint): Promise<void> {
    const at = Date.now();
    const body = { callId, point, at: new Date(at).toISOString() };
    const answer = await this.#client.ask(
      { role: 'crew', subject: unitId },
      'POST',
      `/v1/units/${unitId}/time-points`,
      body,
    );
    this.#note({ kind: 'report', callId, unitId, point, at, ...asked(answer) });
  }

  async #status(callId: string, unitId: string, status: UnitStatus): Promise<void> {
    const at = Date.now();
    const body = { status, at: new Date(at).toISOString() };
    const answer = await this.#client.ask(
      { role: 'crew', subject: unitId },
      'POST',
      `/v1/units/${unitId}/status`,
      body,
    );
    this.#note({ kind: 'report', callId, unitId, point: pointOfStatus[status] as RunPoint, at, ...asked(answer) });
  }

  #note(operation: History['operations'][number]): void {
    this.#history.operations.push(operation);
  }
}

interface TakenCall {
  readonly callId: string;
  readonly units: readonly ShownUnit[];
}
interface ShownUnit {
  readonly unitId: string;
  readonly satisfies: boolean;
}
interface SentUnit {
  readonly unitId: string;
  readonly assignedAt: string;
  readonly endedAt: string | null;
}
