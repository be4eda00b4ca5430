/** What comes back: care records and attachments from crews, outcomes from hospitals, and those that wait for a person. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import {
  attachmentKinds,
  CareRecordInput,
  CareRecordView,
  dismissals,
  Identifier,
  LooseOutcomeInput,
  OutcomeAnswer,
  OutcomeInput,
  outcomeStates,
  PatientIdentity,
} from '../care/schema.ts';
import type { Deps } from '../deps.ts';
import { Problem } from '../domain/errors.ts';
import { oneOf } from '../domain/vocabulary.ts';
import { attach, readAttachment, readCare } from '../operations/read-care.ts';
import { receiveOutcome } from '../operations/receive-outcome.ts';
import { recordCare } from '../operations/record-care.ts';
import { dismissOutcome, linkOutcome, readOutcome, readOutcomes } from '../operations/resolve-outcome.ts';
import { actorOf } from './access.ts';
import type { App } from './types.ts';

const closed = { additionalProperties: false } as const;
const CallId = Type.String({ minLength: 1, maxLength: 64 });
const AtCall = Type.Object({ callId: CallId });
const AtOutcome = Type.Object({ outcomeId: CallId });
const IdempotencyKey = Type.Object({
  'idempotency-key': Type.Optional(Type.String({ pattern: '^[\\x21-\\x7e]{1,200}$' })),
});
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Recorded = Type.Object({ record: CareRecordView, added: Type.Integer(), seq: orNull(Type.Integer()) });
const Listed = Type.Object({
  ...OutcomeAnswer.properties,
  hospitalId: Type.String(),
  reportId: orNull(Type.String()),
  corrects: orNull(Type.String()),
  receivedAt: Type.String(),
  arrivedAt: orNull(Type.String()),
  disposition: orNull(Type.String()),
  patient: orNull(PatientIdentity),
});
const Detail = Type.Object({
  ...Listed.properties,
  outcome: Type.Omit(LooseOutcomeInput, ['hospitalId']),
  candidates: Type.Object({
    calls: Type.Array(
      Type.Object({
        callId: Type.String(),
        callNumber: Type.Integer(),
        receivedAt: Type.String(),
        complaint: Type.String(),
        residentId: orNull(Type.String()),
        confidence: Type.Number(),
        evidence: Type.Array(Type.Object({ field: Type.String(), agreement: Type.String(), weight: Type.Number() })),
      }),
    ),
    residents: Type.Array(
      Type.Object({
        residentId: Type.String(),
        name: Type.String(),
        birthDate: Type.String(),
        confidence: Type.Number(),
      }),
    ),
  }),
});
const reporting = { access: ['hospital', 'admin'] } as const;
const resolving = { access: ['registry', 'admin'] } as const;

/** A twelve-lead recording is some hundred kilobytes, a photograph a few megabytes. */
const LARGEST_ATTACHMENT_BYTES = 10 * 1024 ** 2;
const mediaTypes = ['image/png', 'image/jpeg', 'application/pdf', 'application/dicom', 'application/xml'] as const;

export function registerCareRoutes(app: App, deps: Deps): void {
  app.put(
    '/v1/calls/:callId/care-record',
    {
      config: { access: ['crew', 'admin'], rateLimit: false },
      schema: {
        summary:
          'Add to the care record: entries with ids of the sender, so that what was written offline may come twice',
        tags: ['care'],
        params: AtCall,
        body: CareRecordInput,
        response: { 200: Recorded },
      },
    },
    (request) => recordCare(deps, request.params.callId, request.body, actorOf(request)),
  );

  app.get(
    '/v1/calls/:callId/care-record',
    {
      config: { access: ['crew', 'hospital', 'doctor', 'dispatcher', 'admin'] },
      schema: {
        summary: 'The care record: crews of the call, the hospitals it concerns, the family doctor',
        tags: ['care'],
        params: AtCall,
        response: { 200: CareRecordView },
      },
    },
    (request) => readCare(deps, request.params.callId, actorOf(request)),
  );

  registerAttachments(app, deps);

  app.post(
    '/v1/calls/:callId/outcome',
    {
      config: reporting,
      schema: {
        summary: 'What became of the patient: whole, in parts, again or corrected',
        tags: ['care'],
        params: AtCall,
        headers: IdempotencyKey,
        body: OutcomeInput,
        response: { 200: OutcomeAnswer, 201: OutcomeAnswer },
      },
    },
    async (request, reply) => {
      const idempotencyKey = request.headers['idempotency-key'] ?? null;
      const outcome = { ...request.body, callId: request.params.callId };
      const { repeated, ...answer } = await receiveOutcome(deps, outcome, actorOf(request), { idempotencyKey });
      if (repeated) reply.header('idempotent-replayed', 'true');
      reply.code(repeated ? 200 : 201);
      return answer;
    },
  );

  app.post(
    '/v1/outcomes',
    {
      config: reporting,
      schema: {
        summary:
          'The same where only the number, or the patient and the time, is known: matched with certainty, or it waits',
        tags: ['care'],
        headers: IdempotencyKey,
        body: LooseOutcomeInput,
        response: { 200: OutcomeAnswer, 201: OutcomeAnswer },
      },
    },
    async (request, reply) => {
      const idempotencyKey = request.headers['idempotency-key'] ?? null;
      const { repeated, ...answer } = await receiveOutcome(deps, request.body, actorOf(request), { idempotencyKey });
      if (repeated) reply.header('idempotent-replayed', 'true');
      reply.code(repeated ? 200 : 201);
      return answer;
    },
  );

  app.get(
    '/v1/outcomes',
    {
      config: { access: ['hospital', 'registry', 'admin'] },
      schema: {
        summary: 'Reports, latest first; state unmatched: those that wait for a person. A hospital sees its own',
        tags: ['care'],
        querystring: Type.Object(
          {
            state: Type.Optional(oneOf(outcomeStates)),
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
          },
          closed,
        ),
        response: { 200: Type.Object({ outcomes: Type.Array(Listed) }) },
      },
    },
    async (request) => {
      const { state = null, limit = 50 } = request.query;
      return { outcomes: await readOutcomes(deps, state, limit, actorOf(request)) };
    },
  );

  app.get(
    '/v1/outcomes/:outcomeId',
    {
      config: { access: ['hospital', 'registry', 'admin'] },
      schema: {
        summary: 'One report; while it waits, with the calls and residents it may be about',
        tags: ['care'],
        params: AtOutcome,
        response: { 200: Detail },
      },
    },
    async (request) => {
      const { candidates, ...rest } = await readOutcome(deps, request.params.outcomeId, actorOf(request));
      const calls = candidates.calls.map((call) => ({ ...call, evidence: call.evidence.map((each) => ({ ...each })) }));
      return { ...rest, candidates: { calls, residents: candidates.residents.map((each) => ({ ...each })) } };
    },
  );

  app.post(
    '/v1/outcomes/:outcomeId/link',
    {
      config: resolving,
      schema: {
        summary: 'Say which call and whose history a report belongs to; also of one linked wrongly',
        tags: ['care'],
        params: AtOutcome,
        body: Type.Object(
          {
            callId: Type.Optional(Identifier),
            residentId: Type.Optional(
              Type.Union([Identifier, Type.Null()], {
                description: 'null: nobody filed; left out: whoever the call is settled for',
              }),
            ),
          },
          { ...closed, minProperties: 1 },
        ),
        response: { 200: OutcomeAnswer },
      },
    },
    (request) => linkOutcome(deps, request.params.outcomeId, request.body),
  );

  app.post(
    '/v1/outcomes/:outcomeId/dismiss',
    {
      config: resolving,
      schema: {
        summary: 'Put a report aside: it is kept, and part of no history',
        tags: ['care'],
        params: AtOutcome,
        body: Type.Object({ reason: oneOf(dismissals) }, closed),
        response: { 200: OutcomeAnswer },
      },
    },
    (request) => dismissOutcome(deps, request.params.outcomeId, request.body.reason),
  );
}

const AtAttachment = Type.Object({ callId: CallId, attachmentId: Identifier });

function registerAttachments(app: App, deps: Deps): void {
  app.register(async (instance) => {
    const scope = instance.withTypeProvider<TypeBoxTypeProvider>();
    scope.removeAllContentTypeParsers();
    for (const type of mediaTypes)
      scope.addContentTypeParser(
        type,
        { parseAs: 'buffer', bodyLimit: LARGEST_ATTACHMENT_BYTES },
        (_request, body, done) => done(null, body),
      );
    scope.put(
      '/v1/calls/:callId/care-record/attachments/:attachmentId',
      {
        config: { access: ['crew', 'admin'] },
        bodyLimit: LARGEST_ATTACHMENT_BYTES,
        schema: {
          summary: `Attach a recording or picture, at most 10 MB: ${mediaTypes.join(', ')}`,
          tags: ['care'],
          consumes: [...mediaTypes],
          params: AtAttachment,
          querystring: Type.Object({ kind: oneOf(attachmentKinds), at: Type.String({ format: 'date-time' }) }, closed),
          response: {
            200: Type.Object({ attachmentId: Type.String(), bytes: Type.Integer(), seq: orNull(Type.Integer()) }),
            201: Type.Object({ attachmentId: Type.String(), bytes: Type.Integer(), seq: orNull(Type.Integer()) }),
          },
        },
      },
      async (request, reply) => {
        const bytes = request.body;
        if (!Buffer.isBuffer(bytes) || bytes.length === 0) throw new Problem('unsupported-media-type');
        const { callId, attachmentId } = request.params;
        const mediaType = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim() ?? '';
        const given = { attachmentId, mediaType, bytes, ...request.query };
        const { attachment, created, seq } = await attach(deps, callId, given, actorOf(request));
        reply.code(created ? 201 : 200);
        return { attachmentId: attachment.attachmentId, bytes: attachment.bytes, seq };
      },
    );
  });

  app.get(
    '/v1/calls/:callId/care-record/attachments/:attachmentId',
    {
      config: { access: ['crew', 'hospital', 'doctor', 'dispatcher', 'admin'] },
      schema: { summary: 'What was attached, as it was', tags: ['care'], params: AtAttachment },
    },
    async (request, reply) => {
      const { callId, attachmentId } = request.params;
      const { mediaType, bytes } = await readAttachment(deps, callId, attachmentId, actorOf(request));
      // Never shown as a page of ours, whatever it holds.
      return reply.header('content-disposition', 'attachment').type(mediaType).send(bytes);
    },
  );
}
