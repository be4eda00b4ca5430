/** What family doctors and community centres are asked to do, what they found, and how many loops closed. */
import { type Static, Type } from 'typebox';
import { ContinuityFigures, continuityGroups, countContinuity } from '../care/continuity-store.ts';
import { taskKinds } from '../care/plan.ts';
import { Encounter, FollowUpResult, followUpStatuses } from '../care/schema.ts';
import type { Deps } from '../deps.ts';
import { refuseField } from '../domain/errors.ts';
import { rfc3339 } from '../domain/time.ts';
import { oneOf } from '../domain/vocabulary.ts';
import { completeFollowUpTask } from '../operations/follow-up.ts';
import { readFollowUps, readResidentCalls, viewFollowUp } from '../operations/read-follow-ups.ts';
import { actorOf } from './access.ts';
import type { App } from './types.ts';

const closed = { additionalProperties: false } as const;
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Label = Type.Object({ zh: Type.String(), en: Type.String() });
const Person = Type.Object({
  residentId: Type.String(),
  name: Type.String(),
  ageYears: Type.Integer(),
  sex: Type.String(),
  phones: Type.Array(Type.String()),
  address: orNull(Type.String()),
  livesAlone: orNull(Type.Boolean()),
});
const FollowUpView = Type.Object({
  followUpId: Type.String(),
  callId: Type.String(),
  callNumber: Type.Integer(),
  residentId: Type.String(),
  doctorId: orNull(Type.String()),
  communityCentreId: orNull(Type.String()),
  rule: Type.String(),
  planVersion: Type.String(),
  label: Label,
  kind: oneOf(taskKinds),
  dueAfterDays: Type.Integer(),
  remindBeforeDays: Type.Integer(),
  status: oneOf(followUpStatuses),
  scheduledAt: Type.String(),
  remindAt: Type.String(),
  dueAt: Type.String(),
  remindedAt: orNull(Type.String()),
  overdueAt: orNull(Type.String()),
  endedAt: orNull(Type.String()),
  endedBy: orNull(Type.Object({ role: Type.String(), subject: Type.String() })),
  result: orNull(FollowUpResult),
});
const ResidentCallView = Type.Object({
  callId: Type.String(),
  callNumber: Type.Integer(),
  receivedAt: Type.String(),
  status: Type.String(),
  complaint: Type.String(),
  priority: Type.Integer(),
  resident: Person,
  settled: Type.Object({ how: Type.String(), confidence: Type.Number() }),
  encounter: orNull(Encounter),
  learned: Type.Array(Type.Object({ list: Type.String(), code: Type.String(), display: orNull(Type.String()) })),
  followUps: Type.Array(FollowUpView),
});
const Plan = Type.Object({
  version: Type.String(),
  notice: Label,
  reviewDate: Type.String(),
  signature: orNull(Type.Object({ by: Type.String(), on: Type.String() })),
  sources: Type.Record(
    Type.String(),
    Type.Object({ title: Type.String(), publisher: Type.String(), year: Type.Integer(), url: Type.String() }),
  ),
  diagnoses: Type.Record(Type.String(), Type.Object({ label: Label, codes: Type.Unknown() })),
  rules: Type.Array(
    Type.Object({
      id: Type.String(),
      source: Type.String(),
      otherwise: Type.Optional(Type.Boolean()),
      when: Type.Unknown(),
      task: Type.Object({
        label: Label,
        kind: oneOf(taskKinds),
        dueAfterDays: Type.Integer(),
        remindBeforeDays: Type.Integer(),
      }),
    }),
  ),
});
const following = { access: ['doctor', 'centre', 'admin'] } as const;

export function registerFollowUpRoutes(app: App, deps: Deps): void {
  app.get(
    '/v1/follow-ups',
    {
      config: following,
      schema: {
        summary:
          'Tasks: a doctor their residents’, a centre those without a doctor and those overdue; what is open first',
        tags: ['follow-up'],
        querystring: Type.Object(
          {
            status: Type.Optional(oneOf(followUpStatuses)),
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 })),
          },
          closed,
        ),
        response: {
          200: Type.Object({
            followUps: Type.Array(Type.Object({ ...FollowUpView.properties, resident: orNull(Person) })),
          }),
        },
      },
    },
    async (request) => {
      const { status = null, limit = 100 } = request.query;
      return { followUps: await readFollowUps(deps, status, limit, actorOf(request)) };
    },
  );

  app.post(
    '/v1/follow-ups/:followUpId/complete',
    {
      config: following,
      schema: {
        summary: 'Done, with what was found; its codes are part of the history at once. Sent again it is the same',
        tags: ['follow-up'],
        params: Type.Object({ followUpId: Type.String({ minLength: 1, maxLength: 64 }) }),
        body: FollowUpResult,
        response: { 200: Type.Object({ followUp: FollowUpView, seq: orNull(Type.Integer()) }) },
      },
    },
    async (request) => {
      const { followUp, seq } = await completeFollowUpTask(
        deps,
        request.params.followUpId,
        request.body,
        actorOf(request),
      );
      return { followUp: viewFollowUp(deps, followUp), seq };
    },
  );

  app.get(
    '/v1/resident-calls',
    {
      config: following,
      schema: {
        summary: 'Which of my residents called, what happened, what is due; latest first, `before` pages on',
        tags: ['follow-up'],
        querystring: Type.Object(
          {
            before: Type.Optional(Type.String({ format: 'date-time' })),
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
          },
          closed,
        ),
        response: { 200: Type.Object({ calls: Type.Array(ResidentCallView) }) },
      },
    },
    async (request) => {
      const { before, limit = 50 } = request.query;
      // A little ahead: a call's time may come from a gateway whose clock is.
      const until = before === undefined ? deps.clock.now() + 120_000 : Date.parse(before);
      return {
        calls: (await readResidentCalls(deps, until, limit, actorOf(request))) as Static<typeof ResidentCallView>[],
      };
    },
  );

  app.get(
    '/v1/follow-up-plan',
    {
      config: { access: ['doctor', 'centre', 'hospital', 'planner', 'registry', 'dispatcher', 'admin'] },
      schema: {
        summary: 'The plan tasks come from: version, rules, sources, who signed for it',
        tags: ['follow-up'],
        response: { 200: Plan },
      },
    },
    async () => deps.followUps.plan,
  );

  app.get(
    '/v1/continuity',
    {
      config: { access: ['planner', 'dispatcher', 'admin'] },
      schema: {
        summary: 'Share of calls whose loop closed, and the time each step took, by hospital or community centre',
        tags: ['planning'],
        querystring: Type.Object(
          {
            from: Type.Optional(Type.String({ format: 'date-time' })),
            to: Type.Optional(Type.String({ format: 'date-time', description: 'not included' })),
            groupBy: Type.Optional(oneOf(continuityGroups)),
          },
          closed,
        ),
        response: {
          200: Type.Object({
            from: Type.String(),
            to: Type.String(),
            groupBy: oneOf(continuityGroups),
            groups: Type.Array(Type.Object({ key: orNull(Type.String()), figures: ContinuityFigures })),
            total: ContinuityFigures,
          }),
        },
      },
    },
    async (request) => {
      const { groupBy = 'hospital' } = request.query;
      const to = request.query.to === undefined ? deps.clock.now() : Date.parse(request.query.to);
      const from = request.query.from === undefined ? to - 90 * 86_400_000 : Date.parse(request.query.from);
      if (from >= to) throw refuseField('from', 'lies not before to');
      const counted = await countContinuity(deps.db, groupBy, from, to);
      return { from: rfc3339(from), to: rfc3339(to), groupBy, ...counted };
    },
  );
}
