/** Suggested moves of idle units: read, accepted, refused. */
import { Type } from 'typebox';
import type { Deps } from '../deps.ts';
import { oneOf } from '../domain/vocabulary.ts';
import { decideRedeployment, readRedeployments } from '../operations/decide-redeployment.ts';
import { actorOf } from './access.ts';
import { Nothing } from './input.ts';
import type { App } from './types.ts';

const orNull = Type.Union([Type.String(), Type.Null()]);
const View = Type.Object({
  redeploymentId: Type.String(),
  unitId: Type.String(),
  fromStationId: orNull,
  stationId: Type.String(),
  status: oneOf(['suggested', 'accepted', 'refused', 'withdrawn'] as const),
  coverBefore: Type.Number({ description: 'expected worth of the nearest free unit to the next call, 0 to 1' }),
  coverAfter: Type.Number(),
  gain: Type.Number(),
  driveSeconds: Type.Integer(),
  crewBusySeconds: Type.Integer({ description: 'on calls in the last twelve hours' }),
  crewDriveSeconds: Type.Integer({ description: 'on drives of moves in the last twelve hours, this one apart' }),
  crewMoves: Type.Integer({ description: 'accepted in the last four hours' }),
  suggestedAt: Type.String(),
  decidedAt: orNull,
});

export function registerRedeploymentRoutes(app: App, deps: Deps): void {
  app.get(
    '/v1/redeployments',
    {
      config: { access: ['dispatcher', 'planner', 'admin'] },
      schema: {
        summary: 'The move suggested now, if any, and those of late; nothing is moved by itself',
        tags: ['units'],
        response: { 200: Type.Object({ redeployments: Type.Array(View) }) },
      },
    },
    async () => ({ redeployments: await readRedeployments(deps) }),
  );

  for (const [path, decision] of [
    ['accept', 'accepted'],
    ['refuse', 'refused'],
  ] as const) {
    app.post(
      `/v1/redeployments/:redeploymentId/${path}`,
      {
        config: { access: ['dispatcher', 'admin'], rateLimit: false },
        schema: {
          summary: `A suggested move is ${decision}`,
          tags: ['units'],
          params: Type.Object({ redeploymentId: Type.String({ minLength: 1, maxLength: 64 }) }),
          body: Nothing,
          response: { 200: View },
        },
      },
      (request) => decideRedeployment(deps, request.params.redeploymentId, decision, actorOf(request)),
    );
  }
}
