/** A plan asked for on the board: what was asked, how far it is, its map. */
import { signal } from '@preact/signals';
import type { FeatureCollection, Point, Polygon } from 'geojson';
import type { Near } from '../../../../planning/siting/near.ts';
import type {
  PostKind,
  SitingProblem,
  SitingRequest,
  SitingResult,
  SitingStatus,
} from '../../../../planning/siting/schema.ts';
import { attempt } from '../../../shell/actions.ts';
import { ask, pathOf } from '../../../shell/api.ts';
import { areaName, placeName } from '../../../shell/gazetteer.ts';
import { distance, speak } from '../../../shell/language.ts';
import { emptyCollection } from '../../../shell/map-view.tsx';
import { stations } from '../data.ts';
import { simulation } from './simulated.tsx';
import { words } from './words.ts';

const say = speak('siting', words);

export interface Place {
  readonly siteId: string;
  readonly name: string | null;
  readonly near?: Near | null;
  readonly position: { readonly lon: number; readonly lat: number };
  readonly existing: boolean;
  readonly chosen: boolean;
}
export interface Plan extends SitingResult {
  readonly planId: string;
  readonly problem: SitingProblem;
  readonly standardSeconds: number | null;
  readonly status: SitingStatus;
  readonly progress: number;
  readonly demandFrom: 'request' | 'calls' | 'residents';
  readonly places: readonly Place[];
}
export type SiteProperties =
  | { readonly role: 'uncovered' }
  | {
      readonly role: 'site';
      readonly name: string | null;
      readonly existing: boolean;
      readonly chosen: boolean;
      readonly kind: PostKind;
      readonly units: number;
      readonly demandShare: number | null;
      readonly savedSeconds: number | null;
    };
export type PlanMap = FeatureCollection<Point | Polygon, SiteProperties>;

const directions = {
  north: 'direction.north',
  'north-east': 'direction.north-east',
  east: 'direction.east',
  'south-east': 'direction.south-east',
  south: 'direction.south',
  'south-west': 'direction.south-west',
  west: 'direction.west',
  'north-west': 'direction.north-west',
} as const;

/** In the order in which they are offered: what each is called, and what it answers. */
export const problems = {
  'p-median': ['problem.p-median', 'what.p-median'],
  mclp: ['problem.mclp', 'what.mclp'],
  mexclp: ['problem.mexclp', 'what.mexclp'],
  lscp: ['problem.lscp', 'what.lscp'],
  'p-center': ['problem.p-center', 'what.p-center'],
  joint: ['problem.joint', 'what.joint'],
} as const satisfies Record<SitingProblem, readonly [string, string]>;
/** In the order in which they are asked for. A drive of six minutes leaves two of the eight for the call and the turnout. */
export const asked = {
  problem: signal<SitingProblem>('p-median'),
  more: signal(2),
  standardMinutes: signal(6),
  busyPercent: signal(40),
  demandFrom: signal<'any' | 'calls' | 'residents'>('any'),
  costAmbulance: signal(10),
  costResponder: signal(3),
  costJoint: signal(11),
  budget: signal(30),
  firstHelpMinutes: signal(4),
};
export const plan = signal<Plan | null>(null);
export const planMap = signal<PlanMap>(emptyCollection as PlanMap);

const LOOK_EVERY_MS = 500;
const LIMIT_SECONDS = 120;

export const isUnderWay = (status: SitingStatus) => status === 'queued' || status === 'running';
export const added = ({ places }: Plan): Place[] => places.filter(({ existing, chosen }) => chosen && !existing);

/** Where the plan has ambulances and there is no station yet: a micro fire station that becomes a shared post is such a place. */
export const newAmbulances = (found: Plan): Place[] => {
  const { joint, places } = found;
  if (!joint) return added(found);
  const there = new Set(stations.value.map(({ placeId }) => placeId));
  const posts = new Set(joint.posts.filter(({ kind }) => kind !== 'responder').map(({ siteId }) => siteId));
  return places.filter(({ siteId }) => posts.has(siteId) && !there.has(siteId));
};

const BESIDE_METRES = 100;

/** A plot without a name is called by what a planner knows near it. */
export function siteName({ siteId, name, near }: Place): string {
  if (name !== null) return placeName(siteId, name);
  const { address, place, subdistrictCode } = near ?? { address: null, place: null, subdistrictCode: null };
  const known = place && placeName(place.placeId, place.name);
  const where =
    address !== null
      ? say('plotNear', { what: address })
      : known === null
        ? null
        : (place?.metres ?? 0) < BESIDE_METRES
          ? say('plotNear', { what: known })
          : say('plotFrom', {
              place: known,
              distance: distance(place?.metres ?? 0),
              direction: say(directions[place?.direction ?? 'north']),
            });
  const area = subdistrictCode === null ? null : areaName(subdistrictCode);
  if (where === null) return area ?? siteId;
  return area === null ? where : say('plot', { where, area });
}

function request(): SitingRequest {
  const problem = asked.problem.peek();
  const from = asked.demandFrom.peek();
  const standardSeconds = Math.round(asked.standardMinutes.peek() * 60);
  const common = { problem, timeLimitSeconds: LIMIT_SECONDS, ...(from === 'any' ? {} : { demandFrom: from }) };
  if (problem === 'joint')
    return {
      ...common,
      posts: {
        ambulance: { cost: asked.costAmbulance.peek(), standardSeconds },
        responder: {
          cost: asked.costResponder.peek(),
          standardSeconds: Math.round(asked.firstHelpMinutes.peek() * 60),
        },
        jointCost: asked.costJoint.peek(),
        budget: asked.budget.peek(),
      },
    };
  const p = problem === 'lscp' ? {} : { p: stations.peek().length + asked.more.peek() };
  const busy = problem === 'mexclp' ? { busyFraction: asked.busyPercent.peek() / 100 } : {};
  return { ...common, ...p, standardSeconds, ...busy };
}

export async function askForPlan(): Promise<void> {
  simulation.value = null;
  const started = await attempt(
    'siting',
    () => say('ask'),
    () =>
      ask<Plan>('/v1/siting-plans', {
        body: request(),
        headers: { 'idempotency-key': crypto.randomUUID() },
      }),
  );
  if (started) await follow(started);
}

async function follow(started: Plan): Promise<void> {
  plan.value = started;
  planMap.value = emptyCollection as PlanMap;
  const path = pathOf('v1', 'siting-plans', started.planId);
  const isStillIt = () => plan.peek()?.planId === started.planId;
  while (isStillIt() && isUnderWay(plan.peek()?.status ?? 'failed')) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    if (!isStillIt()) return;
    plan.value = await ask<Plan>(path).catch(() => plan.peek());
  }
  const drawn = await ask<PlanMap>(`${path}/map`).catch(() => null);
  if (drawn && isStillIt()) planMap.value = drawn;
}

export async function cancel({ planId }: Plan): Promise<void> {
  await attempt(
    'siting-cancel',
    () => say('cancelPlan'),
    () => ask(pathOf('v1', 'siting-plans', planId), { method: 'DELETE' }),
  );
}
