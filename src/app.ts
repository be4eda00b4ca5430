/** The one place the service is put together, for production and tests alike. */
import rateLimit from '@fastify/rate-limit';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyBaseLogger } from 'fastify';
import type { Day } from './demo/day.ts';
import type { Deps } from './deps.ts';
import { Problem } from './domain/errors.ts';
import { registerAccess } from './http/access.ts';
import { registerCallRoutes } from './http/call-routes.ts';
import { registerCareKitRoutes } from './http/care-kit-routes.ts';
import { registerCareRoutes } from './http/care-routes.ts';
import { registerDemoRoutes } from './http/demo-routes.ts';
import { registerDocs } from './http/docs.ts';
import { registerFhirRoutes } from './http/fhir-routes.ts';
import { registerFleetRoutes } from './http/fleet-routes.ts';
import { registerFollowUpRoutes } from './http/follow-up-routes.ts';
import { registerHealthRoutes } from './http/health-routes.ts';
import { registerInput } from './http/input.ts';
import { registerLiveRoutes } from './http/live-routes.ts';
import { registerLocateDeskRoutes } from './http/locate-desk-routes.ts';
import { registerLocateRoutes } from './http/locate-routes.ts';
import { RequestLog } from './http/log.ts';
import { registerMetrics } from './http/metrics.ts';
import { registerPageRoutes } from './http/page-routes.ts';
import { registerPlanningRoutes } from './http/planning-routes.ts';
import { registerPlatformRoutes } from './http/platform-routes.ts';
import { registerPositionRoutes } from './http/position-routes.ts';
import { answerBrokenRequest, registerProblems, sendProblem, toProblem } from './http/problems.ts';
import { registerProtocolRoutes } from './http/protocol-routes.ts';
import { registerReachRoutes } from './http/reach-routes.ts';
import { registerRedeploymentRoutes } from './http/redeployment-routes.ts';
import { registerResidentRoutes } from './http/resident-routes.ts';
import { registerRespondPage } from './http/respond-page.ts';
import { registerResponderRoutes } from './http/responder-routes.ts';
import { registerRunRoutes } from './http/run-routes.ts';
import { registerSecurityHeaders } from './http/security-headers.ts';
import { registerSimulationRoutes } from './http/simulation-routes.ts';
import { registerSitingRoutes } from './http/siting-routes.ts';
import { registerTileRoutes } from './http/tile-routes.ts';
import type { App } from './http/types.ts';
import { openSitingPlans } from './operations/siting-plans.ts';

const BODY_LIMIT_BYTES = 256 * 1024;
const REQUEST_TIMEOUT_MS = 10 * 60_000; // a registry of a million lines may be streaming in
const LONGEST_PATH_PARAMETER = 200;

/**
 * Builds the service, not yet listening; `close()` answers what is under way and refuses the rest. `day`: the
 * demonstration's, where there is one.
 */
export async function buildApp(deps: Deps, day: Day | null = null): Promise<App> {
  const { config, ids, log } = deps;
  const app: App = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new RequestLog(),
    genReqId: () => ids.next(),
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    trustProxy: config.trustedProxies.length ? [...config.trustedProxies] : false,
    routerOptions: { maxParamLength: LONGEST_PATH_PARAMETER },
    return503OnClosing: false, // `refuseWhenClosing` says it as a problem
    frameworkErrors: (error, request, reply) => {
      sendProblem(toProblem(error), request, reply);
    },
    clientErrorHandler: answerBrokenRequest,
  }).withTypeProvider<TypeBoxTypeProvider>();

  refuseWhenClosing(app);
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id).header('cache-control', 'no-store');
    done();
  });
  registerInput(app);
  registerAccess(app, deps.auth);
  await registerSecurityHeaders(app, config.mapBackground);
  await app.register(rateLimit, {
    max: config.requestsPerMinute,
    timeWindow: 60_000,
    keyGenerator: ({ actor, ip }) => (actor ? `${actor.role} ${actor.subject}` : ip),
    errorResponseBuilder: () => new Problem('too-many-requests'),
  });
  registerProblems(app);
  await registerDocs(app);

  registerMetrics(app, deps.metrics);
  registerHealthRoutes(app, deps.dependencies);
  registerCallRoutes(app, deps);
  registerRunRoutes(app, deps);
  registerResponderRoutes(app, deps);
  registerRespondPage(app);
  registerRedeploymentRoutes(app, deps);
  registerLocateRoutes(app, deps);
  registerLocateDeskRoutes(app, deps);
  registerResidentRoutes(app, deps);
  registerFhirRoutes(app, deps);
  registerPlatformRoutes(app, deps);
  registerCareRoutes(app, deps);
  registerCareKitRoutes(app, deps);
  registerFollowUpRoutes(app, deps);
  registerFleetRoutes(app, deps);
  registerPositionRoutes(app, deps);
  registerTileRoutes(app, deps);
  registerPlanningRoutes(app, deps);
  registerSimulationRoutes(app, deps);
  await registerSitingRoutes(app, openSitingPlans(deps));
  registerReachRoutes(app, deps);
  registerProtocolRoutes(app, deps);
  await registerLiveRoutes(app, deps);
  registerDemoRoutes(app, deps, day);
  registerPageRoutes(app);
  return app;
}

function refuseWhenClosing(app: App): void {
  let closing = false;
  app.addHook('preClose', (done) => {
    closing = true;
    done();
  });
  app.addHook('onRequest', (_request, _reply, done) => done(closing ? new Problem('shutting-down') : undefined));
}
