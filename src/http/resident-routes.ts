/** Filing residents, one by one or a registry at a time, and reading what is filed. */
import type { Readable } from 'node:stream';
import { Type } from 'typebox';
import { Conflict, Learned } from '../care/schema.ts';
import type { Deps } from '../deps.ts';
import { Coded } from '../domain/coded.ts';
import { Problem } from '../domain/errors.ts';
import { Position } from '../domain/position.ts';
import { putResident, readResident, searchResidents } from '../operations/file-resident.ts';
import { importResidents } from '../operations/import-residents.ts';
import { Home, Identifier, Resident } from '../residents/schema.ts';
import { listUnmapped } from '../residents/store.ts';
import { actorOf } from './access.ts';
import type { App } from './types.ts';

const ResidentId = Type.Object({ residentId: Identifier });
const closed = { additionalProperties: false } as const;
const ResidentView = Type.Object({
  ...Type.Omit(Resident, ['home']).properties,
  home: Type.Optional(
    Type.Object({
      ...Type.Omit(Home, ['position']).properties,
      position: Type.Optional(Position),
      rawPosition: Type.Optional(Type.Unknown()),
    }),
  ),
  riskGroups: Type.Array(Type.String()),
  unmapped: Type.Array(Coded, { description: 'codes no risk group claims' }),
  learned: Type.Union([Learned, Type.Null()], { description: 'on earlier calls, with where each came from' }),
  conflicts: Type.Array(Conflict, { description: 'filed as one thing and learned as the other' }),
});
const ImportReport = Type.Object({
  filed: Type.Integer(),
  refused: Type.Integer(),
  refusals: Type.Array(Type.Object({ line: Type.Integer(), code: Type.String(), detail: Type.String() })),
});
/** Nobody of this name, birth date or number. */
const IMPORT_EXAMPLE =
  '{"residentId":"r-1","name":"王虚构","sex":"female","birthDate":"1941-03-02","phones":["13800138001"]}\n' +
  '{"residentId":"r-2","name":"李虚构","sex":"male","birthDate":"1950-11-20","phones":[]}\n';

/** A registry streams for minutes and is bounded by line and batch, not as a whole. */
const LARGEST_REGISTRY_BYTES = 16 * 1024 ** 3;

export function registerResidentRoutes(app: App, deps: Deps): void {
  app.put(
    '/v1/residents/:residentId',
    {
      config: { access: ['registry', 'admin'] },
      schema: {
        summary: 'File or replace a resident',
        tags: ['residents'],
        params: ResidentId,
        body: Resident,
        response: { 200: ResidentView, 201: ResidentView },
      },
    },
    async (request, reply) => {
      const { created, resident, ...rest } = await putResident(deps, request.params.residentId, request.body);
      reply.code(created ? 201 : 200);
      return { ...resident, ...rest };
    },
  );

  app.get(
    '/v1/residents/:residentId',
    {
      config: { access: ['registry', 'dispatcher', 'doctor', 'admin'] },
      schema: {
        summary: 'One resident; dispatchers during a live call, doctors their own',
        tags: ['residents'],
        params: ResidentId,
        querystring: Type.Object({ callId: Type.Optional(Type.String({ maxLength: 64 })) }, closed),
        response: { 200: ResidentView },
      },
    },
    async (request) => {
      const { resident, ...rest } = await readResident(
        deps,
        request.params.residentId,
        actorOf(request),
        request.query.callId ?? null,
      );
      return { ...resident, ...rest };
    },
  );

  app.get(
    '/v1/residents',
    {
      config: { access: ['dispatcher'] },
      schema: {
        summary: 'Look residents up during a live call: by phone, or by name, citizen number or device',
        tags: ['residents'],
        querystring: Type.Object(
          {
            phone: Type.Optional(Type.String({ minLength: 3, maxLength: 32 })),
            q: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
            callId: Type.Optional(Type.String({ maxLength: 64 })),
          },
          closed,
        ),
        response: { 200: Type.Object({ residents: Type.Array(ResidentView) }) },
      },
    },
    async (request) => {
      const found = await searchResidents(deps, request.query, actorOf(request));
      return { residents: found.map(({ resident, ...rest }) => ({ ...resident, ...rest })) };
    },
  );

  app.get(
    '/v1/unmapped-codes',
    {
      config: { access: ['registry', 'admin'] },
      schema: {
        summary: 'Codes of filed histories that no risk group claims, commonest first',
        tags: ['residents'],
        response: {
          200: Type.Object({
            codes: Type.Array(
              Type.Object({
                system: Type.String(),
                code: Type.String(),
                display: Type.Union([Type.String(), Type.Null()]),
                times: Type.Integer(),
              }),
            ),
          }),
        },
      },
    },
    async () => ({ codes: await listUnmapped(deps.db, 500) }),
  );

  app.register(async (scope) => {
    // In a scope of its own: only here may a body be a stream, and here it may be nothing else.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/x-ndjson', (_request, payload, done) => done(null, payload));
    scope.post(
      '/v1/residents/import',
      {
        config: { access: ['registry', 'admin'] },
        bodyLimit: LARGEST_REGISTRY_BYTES,
        validatorCompiler: () => () => true, // each line is checked as it comes, by the schema of a resident
        schema: {
          summary: 'File a registry as NDJSON, streamed; good lines are filed, bad ones listed',
          tags: ['residents'],
          consumes: ['application/x-ndjson'],
          body: Type.String({
            description: 'one resident a line, each as in PUT /v1/residents/{residentId}; empty lines are passed over',
            examples: [IMPORT_EXAMPLE],
          }),
          response: { 200: ImportReport },
        },
      },
      async (request) => {
        if (!request.body) throw new Problem('unsupported-media-type');
        const body = request.body as unknown as Readable;
        try {
          return await importResidents(deps, body.iterator({ destroyOnReturn: false }));
        } finally {
          // What a failure left unread is let through: a client stuck sending would never hear of it, nor let the service stop.
          body.resume();
        }
      },
    );
  });
}
