/** Siting plans: asked for, looked at while they are made, cancelled. */
import type { FastifySchema } from 'fastify';
import { type Static, Type } from 'typebox';
import { refuseField } from '../domain/errors.ts';
import { Position } from '../domain/position.ts';
import { rfc3339 } from '../domain/time.ts';
import { oneOf } from '../domain/vocabulary.ts';
import type { SitingPlans } from '../operations/siting-plans.ts';
import { directions } from '../planning/siting/near.ts';
import { SitingRequest, SitingResult, sitingProblems, sitingStatuses } from '../planning/siting/schema.ts';
import type { PlanRow } from '../planning/siting/store.ts';
import { actorOf } from './access.ts';
import { SitingMap, sitingMap } from './siting-map.ts';
import type { App } from './types.ts';

/** A matrix of four million times, written out. */
const BODY_LIMIT_BYTES = 48 * 1024 * 1024;
const KEY = /^[\x21-\x7e]{1,200}$/;

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Near = Type.Object(
  {
    subdistrictCode: Nullable(Type.String()),
    address: Nullable(Type.String({ description: 'of a door within some 250 m, as the map says it' })),
    place: Nullable(
      Type.Object({
        placeId: Type.String(),
        name: Type.String(),
        metres: Type.Integer(),
        direction: oneOf(directions, 'in which the plot lies, seen from the place'),
      }),
    ),
  },
  { description: 'of a plot without a name: what is known near it' },
);
const SitingPlan = Type.Object({
  planId: Type.String(),
  problem: oneOf(sitingProblems),
  p: Nullable(Type.Integer()),
  standardSeconds: Nullable(Type.Number()),
  busyFraction: Nullable(Type.Number()),
  demandFrom: oneOf(['request', 'calls', 'residents']),
  status: oneOf(sitingStatuses, 'feasible, cancelled and interrupted answer their best with its gap'),
  progress: Type.Number({ minimum: 0, maximum: 1 }),
  ...SitingResult.properties,
  places: Type.Array(
    Type.Object({
      siteId: Type.String(),
      name: Nullable(Type.String()),
      near: Type.Optional(Nullable(Near)),
      position: Position,
      existing: Type.Boolean(),
      chosen: Type.Boolean(),
    }),
    { description: 'chosen and existing sites, where their places are known' },
  ),
  createdAt: Type.String(),
  endedAt: Nullable(Type.String()),
});
export type SitingPlan = Static<typeof SitingPlan>;

const nothingYet: SitingResult = {
  objective: null,
  bound: null,
  gap: null,
  proven: false,
  chosen: [],
  assignment: {},
  uncovered: [],
  demandWeight: null,
  wins: [],
  plan: null,
  existing: null,
  gain: null,
  joint: null,
};

export function sitingPlanView(row: Omit<PlanRow, 'bodyHash'>): SitingPlan {
  const { problem, p, standardSeconds, busyFraction, demandFrom } = row.asked;
  const result = { ...nothingYet, ...row.result };
  const chosen = new Set(result.chosen);
  return {
    planId: row.planId,
    problem,
    p,
    standardSeconds,
    busyFraction,
    demandFrom,
    status: row.status,
    progress: row.progress,
    ...result,
    places: (row.places ?? [])
      .filter(({ siteId, existing }) => existing || chosen.has(siteId))
      .map((place) => ({ ...place, chosen: chosen.has(place.siteId) })),
    createdAt: rfc3339(row.createdAt),
    endedAt: row.endedAt === null ? null : rfc3339(row.endedAt),
  };
}

export async function registerSitingRoutes(app: App, plans: SitingPlans): Promise<void> {
  app.addHook('onClose', () => plans.close());
  const may = { access: ['planner', 'admin'] } as const;
  const AtPlan = Type.Object({ planId: Type.String({ minLength: 1, maxLength: 64 }) });

  // A matrix of a million times is read and checked in the plan's own thread: here it would hold up calls.
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, bytes, done) => done(null, bytes));
    scope.post(
      '/v1/siting-plans',
      {
        config: may,
        bodyLimit: BODY_LIMIT_BYTES,
        validatorCompiler: () => () => true,
        schema: {
          summary: 'Where stations should stand: a plan is made in the background, with proof or with its gap',
          tags: ['planning'],
          headers: Type.Object({ 'idempotency-key': Type.Optional(Type.String({ minLength: 1, maxLength: 200 })) }),
          body: SitingRequest,
          response: { 201: SitingPlan },
        } satisfies FastifySchema,
      },
      async (request, reply) => {
        const key = request.headers['idempotency-key'] ?? null;
        if (key !== null && (typeof key !== 'string' || !KEY.test(key)))
          throw refuseField('idempotency-key', 'must be 1 to 200 visible ASCII characters', 'bad-request');
        const body = request.body as unknown as Buffer | undefined;
        if (!body?.length) throw refuseField('body', 'is missing', 'bad-request');
        const row = await plans.start(body, actorOf(request), key);
        reply.code(201).header('location', `/v1/siting-plans/${row.planId}`);
        return reply.send(sitingPlanView(row));
      },
    );
  });

  app.get(
    '/v1/siting-plans/:planId/map',
    {
      config: may,
      schema: {
        summary: 'A plan as GeoJSON: its sites with what they win, and demand beyond the standard by hexagon',
        tags: ['planning'],
        params: AtPlan,
        response: { 200: SitingMap },
      },
    },
    async ({ params }, reply) => {
      reply.type('application/geo+json; charset=utf-8');
      return sitingMap(sitingPlanView(await plans.read(params.planId)));
    },
  );

  app.get(
    '/v1/siting-plans',
    {
      config: may,
      schema: {
        summary: 'The latest plans, without their assignments',
        tags: ['planning'],
        querystring: Type.Object(
          { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })) },
          { additionalProperties: false },
        ),
        response: { 200: Type.Object({ plans: Type.Array(SitingPlan) }) },
      },
    },
    async ({ query: { limit = 20 } }) => ({ plans: (await plans.list(limit)).map(sitingPlanView) }),
  );

  app.get(
    '/v1/siting-plans/:planId',
    {
      config: may,
      schema: {
        summary: 'One plan: how far it is, the best so far, the bound no plan beats',
        tags: ['planning'],
        params: AtPlan,
        response: { 200: SitingPlan },
      },
    },
    async ({ params }) => sitingPlanView(await plans.read(params.planId)),
  );

  app.delete(
    '/v1/siting-plans/:planId',
    {
      config: may,
      schema: {
        summary: 'Cancels a plan under way; it ends within seconds and keeps its best',
        tags: ['planning'],
        params: AtPlan,
        response: { 200: SitingPlan },
      },
    },
    async ({ params }) => sitingPlanView(await plans.cancel(params.planId)),
  );
}
