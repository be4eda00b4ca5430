/** The thread a siting plan is made in: reading a matrix of a million times and solving it would hold up calls elsewhere. */
import { isUtf8 } from 'node:buffer';
import { parentPort, workerData } from 'node:worker_threads';
import { compileCheck } from '../../domain/check.ts';
import type { FieldProblem } from '../../domain/errors.ts';
import { type Position, toWgs84 } from '../../domain/position.ts';
import { readySolver } from './highs.ts';
import { checkRequest, flat, type Given, instanceOf } from './instance.ts';
import { resultOf } from './result.ts';
import { type PostKind, SitingRequest, type SitingResult, USUAL_SECONDS } from './schema.ts';
import { type Answer, solveSiting } from './solve.ts';
import type { Watch } from './watch.ts';

export interface SitingThreadData {
  /** Its first number other than 0 ends the search: a message would not be heard while the solver runs. */
  readonly stop: Int32Array;
}

/** A request found right, without its numbers: those stay in the thread. */
export interface Checked {
  readonly problem: SitingRequest['problem'];
  readonly p: number | null;
  readonly standardSeconds: number | null;
  readonly busyFraction: number | null;
  readonly timeLimitSeconds: number;
  readonly demandFrom: SitingRequest['demandFrom'] | null;
  readonly demand: readonly SitePoint[] | null;
  readonly sites: readonly CandidateSite[] | null;
  readonly hasTimes: boolean;
}
export interface SitePoint {
  readonly id: string;
  readonly weight: number;
  readonly position: Position | null;
}
export interface CandidateSite {
  readonly id: string;
  readonly position: Position | null;
  readonly existing: boolean;
  /** Joint posts: what an existing one is. */
  readonly kind: PostKind | null;
}

export type SitingAsk =
  | { readonly do: 'check'; readonly body: Uint8Array }
  | { readonly do: 'solve'; readonly given: Given | null; readonly secondsLeft: number };
export type SitingReply =
  | { readonly done: 'checked'; readonly checked: Checked }
  | { readonly done: 'refused'; readonly status: 'bad-request' | 'invalid-field'; readonly fields: FieldProblem[] }
  | { readonly done: 'progress'; readonly share: number; readonly result: SitingResult | null }
  | { readonly done: 'solved'; readonly answer: Answer }
  | { readonly done: 'failed'; readonly message: string };

const port = parentPort;
if (!port) throw new Error('siting runs in a worker thread only');
const { stop } = workerData as SitingThreadData;
const reply = (message: SitingReply) => port.postMessage(message);
const check = compileCheck(SitingRequest);
const PROGRESS_EVERY_MS = 500;

let request: SitingRequest | null = null;

port.on('message', async (ask: SitingAsk) => {
  try {
    if (ask.do === 'check') reply(read(ask.body));
    else {
      await readySolver();
      reply({ done: 'solved', answer: solve(ask.given, ask.secondsLeft) });
    }
  } catch (error) {
    reply({ done: 'failed', message: (error as Error).message });
  }
});

function read(bytes: Uint8Array): SitingReply {
  const refuse = (detail: string): SitingReply => ({
    done: 'refused',
    status: 'bad-request',
    fields: [{ field: 'body', detail }],
  });
  if (bytes.length === 0) return refuse('is missing');
  if (!isUtf8(bytes)) return refuse('is not UTF-8');
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return refuse('is not JSON');
  }
  const wrong = check(value);
  if (wrong.length > 0) return { done: 'refused', status: 'bad-request', fields: [...wrong] };
  const given = value as SitingRequest;
  const contradictions = checkRequest(given);
  if (contradictions.length > 0) return { done: 'refused', status: 'invalid-field', fields: contradictions };
  request = given;
  const place = (position: SitingRequest extends never ? never : Parameters<typeof toWgs84>[0] | undefined) =>
    position ? toWgs84(position) : null;
  return {
    done: 'checked',
    checked: {
      problem: given.problem,
      p: given.p ?? null,
      standardSeconds: given.standardSeconds ?? given.posts?.ambulance.standardSeconds ?? null,
      busyFraction: given.busyFraction ?? null,
      timeLimitSeconds: given.timeLimitSeconds ?? USUAL_SECONDS,
      demandFrom: given.demandFrom ?? null,
      demand: given.demand?.map(({ id, weight, position }) => ({ id, weight, position: place(position) })) ?? null,
      sites:
        given.sites?.map(({ id, position, existing, kind }) => ({
          id,
          position: place(position),
          existing: existing ?? false,
          kind: kind ?? null,
        })) ?? null,
      hasTimes: given.travelSeconds !== undefined,
    },
  };
}

function solve(given: Given | null, secondsLeft: number): Answer {
  if (!request) throw new Error('solve before check');
  const { demand = [], sites = [], travelSeconds, responderTravelSeconds } = request;
  const numbers: Given = given ?? {
    demand,
    // Weights that are all whole may be counts of calls; others are not.
    counts: demand.every(({ weight }) => Number.isSafeInteger(weight)),
    sites: sites.map(({ id, existing = false, kind }) => ({ id, existing, ...(kind ? { kind } : {}) })),
    seconds: flat(travelSeconds ?? []),
    ...(responderTravelSeconds ? { responderSeconds: flat(responderTravelSeconds) } : {}),
  };
  const instance = instanceOf(request, numbers, secondsLeft);
  const end = performance.now() + secondsLeft * 1000;
  let told = performance.now();
  const watch: Watch = {
    stopped: () => Atomics.load(stop, 0) !== 0 || performance.now() >= end,
    secondsLeft: () => (end - performance.now()) / 1000,
    report(best, share) {
      const now = performance.now();
      if (now - told < PROGRESS_EVERY_MS) return;
      told = now;
      reply({ done: 'progress', share, result: best && resultOf(instance, best, false) });
    },
  };
  return solveSiting(instance, watch);
}
