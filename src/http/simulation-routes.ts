/** Simulations on the planner's board: asked for, followed, cancelled. */
import { Type } from 'typebox';
import { simulationAssumptions } from '../demo/city.ts';
import type { Deps } from '../deps.ts';
import { Simulations } from '../operations/run-simulations.ts';
import { SimulationInput, SimulationView } from '../planning/simulation/schema.ts';
import { actorOf } from './access.ts';
import { IdempotencyKey } from './idempotency.ts';
import type { App } from './types.ts';

const planning = { access: ['planner', 'admin'] } as const;
const AtSimulation = Type.Object({ simulationId: Type.String({ minLength: 1, maxLength: 64 }) });

export function registerSimulationRoutes(app: App, deps: Deps): void {
  const simulations = new Simulations(deps, simulationAssumptions);
  app.addHook('onClose', () => simulations.stop());

  app.post(
    '/v1/simulations',
    {
      config: planning,
      schema: {
        summary: 'Simulate a plan against another over the same days; runs beside the service, one at a time',
        tags: ['planning'],
        headers: IdempotencyKey,
        body: SimulationInput,
        response: { 201: SimulationView },
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key'] ?? null;
      const answer = await simulations.start(request.body, actorOf(request), key);
      reply.code(201).header('location', `/v1/simulations/${answer.simulationId}`);
      return answer as never;
    },
  );

  app.get(
    '/v1/simulations',
    {
      config: planning,
      schema: {
        summary: 'Latest simulations',
        tags: ['planning'],
        response: { 200: Type.Object({ simulations: Type.Array(SimulationView) }) },
      },
    },
    async () => ({ simulations: (await simulations.latest()) as never }),
  );

  app.get(
    '/v1/simulations/:simulationId',
    {
      config: planning,
      schema: {
        summary: 'How far a simulation is, and what it says',
        tags: ['planning'],
        params: AtSimulation,
        response: { 200: SimulationView },
      },
    },
    async (request) => (await simulations.read(request.params.simulationId)) as never,
  );

  app.delete(
    '/v1/simulations/:simulationId',
    {
      config: planning,
      schema: {
        summary: 'Cancel a simulation, wherever it runs; one that has ended stays as it is',
        tags: ['planning'],
        params: AtSimulation,
        response: { 200: SimulationView },
      },
    },
    async (request) => (await simulations.cancel(request.params.simulationId)) as never,
  );
}
