/** What goes to the external record platform: what waits, what is dead, and what a person does about it. */
import { Type } from 'typebox';
import { deliveryStates } from '../care/fhir/delivery.ts';
import type { Deps } from '../deps.ts';
import { oneOf } from '../domain/vocabulary.ts';
import { readDeliveries, readDelivery, settleDelivery } from '../operations/deliver-to-platform.ts';
import { Identifier } from '../residents/schema.ts';
import { actorOf } from './access.ts';
import type { App } from './types.ts';

const closed = { additionalProperties: false } as const;
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const DeliveryId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const AtDelivery = Type.Object({ deliveryId: DeliveryId });
const Delivery = Type.Object({
  deliveryId: Type.Integer({ description: 'the number of the event that caused it' }),
  residentId: Type.String(),
  callId: orNull(Type.String()),
  cause: Type.String(),
  state: oneOf(deliveryStates),
  heldBack: Type.Boolean({ description: 'something of the same resident before it is not through' }),
  attempts: Type.Integer(),
  createdAt: Type.String(),
  dueAt: Type.String(),
  lastAttemptAt: orNull(Type.String()),
  lastFailure: orNull(Type.String({ description: 'http-… or timeout, unreachable, no-response-bundle' })),
  endedAt: orNull(Type.String()),
});
const config = { access: ['admin', 'registry'] } as const;

export function registerPlatformRoutes(app: App, deps: Deps): void {
  app.get(
    '/v1/platform-deliveries',
    {
      config,
      schema: {
        summary: 'Deliveries to the record platform, latest first, with how many there are of each state',
        tags: ['platform'],
        querystring: Type.Object(
          {
            state: Type.Optional(oneOf(deliveryStates)),
            residentId: Type.Optional(Identifier),
            before: Type.Optional(DeliveryId),
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
          },
          closed,
        ),
        response: {
          200: Type.Object({
            counts: Type.Array(
              Type.Object({ state: oneOf(deliveryStates), times: Type.Integer(), oldest: Type.String() }),
            ),
            deliveries: Type.Array(Delivery),
          }),
        },
      },
    },
    (request) => {
      const { state = null, residentId = null, before = null, limit = 50 } = request.query;
      return readDeliveries(deps, { state, residentId, before, atMost: limit });
    },
  );

  app.get(
    '/v1/platform-deliveries/:deliveryId',
    {
      config,
      schema: {
        summary: 'One delivery with the Bundle as it is sent; the read is logged',
        tags: ['platform'],
        params: AtDelivery,
        response: { 200: Type.Object({ ...Delivery.properties, bundle: Type.Unknown() }) },
      },
    },
    async (request) => {
      const { delivery, bundle } = await readDelivery(deps, request.params.deliveryId, actorOf(request));
      return { ...delivery, bundle };
    },
  );

  for (const [how, summary] of [
    ['replay', 'Try a dead letter again, from the beginning'],
    ['discard', 'Put a dead letter aside, so that what waits behind it can go'],
  ] as const) {
    app.post(
      `/v1/platform-deliveries/:deliveryId/${how}`,
      { config, schema: { summary, tags: ['platform'], params: AtDelivery, response: { 200: Delivery } } },
      (request) => settleDelivery(deps, request.params.deliveryId, how, actorOf(request)),
    );
  }
}
