/** The demonstration: a role of one's choice for whoever sits at this very machine, and the switch of its day. */
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { isLoopback } from '../config.ts';
import { CALLS_PER_HOUR_AT_MOST, type Day, FACTOR_AT_MOST } from '../demo/day.ts';
import type { Deps } from '../deps.ts';
import { Problem } from '../domain/errors.ts';
import { rfc3339 } from '../domain/time.ts';
import { oneOf, type Role, roles } from '../domain/vocabulary.ts';
import { issueToken } from './auth.ts';
import type { App } from './types.ts';

/** The page asks again when it has run out. */
const SESSION_SECONDS = 3_600;

/** Whom a role stands for in the demonstration, where nobody is named. */
const standIns: Partial<Record<Role, string>> = {
  centre: 'demo-centre-yuetan',
  crew: 'demo-unit-01',
  hospital: 'demo-hospital-01',
  doctor: 'demo-doctor-07',
};

const DaySettings = Type.Object({
  running: Type.Boolean({ description: 'crews react and callers call' }),
  callsPerHour: Type.Integer({
    minimum: 0,
    maximum: CALLS_PER_HOUR_AT_MOST,
    description: 'mean over a day; 0: nobody calls by themselves',
  }),
  factor: Type.Integer({ minimum: 1, maximum: FACTOR_AT_MOST, description: 'so many times as fast; clocks stay real' }),
  autopilot: Type.Boolean({ description: 'sends the first unit that satisfies' }),
  seed: Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 }),
});

/** Registers what the demonstration has; elsewhere these routes do not exist. */
export function registerDemoRoutes(app: App, deps: Pick<Deps, 'config' | 'clock'>, day: Day | null): void {
  registerSession(app, deps);
  if (day) registerDay(app, day);
}

function registerDay(app: App, day: Day): void {
  const config = { access: ['dispatcher', 'admin'] } as const;
  const response = { 200: DaySettings };
  app.get(
    '/v1/demo/day',
    { config, schema: { summary: 'How the demonstration’s day runs', tags: ['around'], response } },
    async () => day.settings,
  );
  app.put(
    '/v1/demo/day',
    {
      config,
      schema: {
        summary: 'Changes how the demonstration’s day runs, until the service ends; what is not named stays',
        tags: ['around'],
        body: Type.Partial(DaySettings, { additionalProperties: false, minProperties: 1 }),
        response,
      },
    },
    async (request) => day.change(request.body),
  );
}

/** Only where the demonstration's page is open and the local key can sign. */
function registerSession(app: App, { config, clock }: Pick<Deps, 'config' | 'clock'>): void {
  const key = config.auth.local;
  if (!config.demo.openPage || !key?.sign) return;
  app.post(
    '/v1/demo-session',
    {
      config: { access: 'public' },
      schema: {
        summary: 'A short-lived token for a role of one’s choice; demonstration only, from this machine only',
        tags: ['around'],
        body: Type.Object(
          {
            role: oneOf(roles),
            subject: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$' })),
          },
          { additionalProperties: false },
        ),
        response: {
          201: Type.Object({
            token: Type.String(),
            role: oneOf(roles),
            subject: Type.String(),
            expiresAt: Type.String(),
          }),
        },
      },
    },
    async (request, reply) => {
      if (!isFromThisMachine(request)) throw new Problem('forbidden');
      const { role, subject = standIns[role] ?? role } = request.body;
      const expiresAt = rfc3339(clock.now() + SESSION_SECONDS * 1000);
      const token = await issueToken(key, { role, subject, ttlSeconds: SESSION_SECONDS }, clock);
      return reply.code(201).send({ token, role, subject, expiresAt });
    },
  );
}

/**
 * The connection itself has to come from a loopback address, whatever headers claim. The Host has to be a loopback name
 * too: a page elsewhere whose name was made to resolve to this machine (DNS rebinding) still sends its own name. What
 * came through a proxy came from somewhere else.
 */
function isFromThisMachine({ socket, headers }: Pick<FastifyRequest, 'socket' | 'headers'>): boolean {
  const peer = (socket.remoteAddress ?? '').replace(/^::ffff:/i, '');
  const host = (headers.host ?? '')
    .toLowerCase()
    .replace(/:\d{1,5}$/, '')
    .replace(/^\[(.*)\]$/, '$1');
  const proxied = headers.forwarded ?? headers['x-forwarded-for'] ?? headers['x-real-ip'] ?? headers.via;
  return isLoopback(peer) && isLoopback(host) && proxied === undefined;
}
