/** The floor: what no service on these libraries can do without. One checked POST, one durable INSERT, no token, no log. */
import type { AddressInfo } from 'node:net';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify from 'fastify';
import { Type } from 'typebox';
import { CallInput } from '../src/calls/schema.ts';
import { openPool } from '../src/database/pool.ts';
import { systemIds } from '../src/system.ts';

const db = openPool(process.env.DATABASE_URL as string);
await db.query(`CREATE TABLE floor_calls (
  call_id text PRIMARY KEY,
  channel text NOT NULL,
  complaint text NOT NULL,
  received_at timestamptz NOT NULL,
  body jsonb NOT NULL
)`);

const app = Fastify().withTypeProvider<TypeBoxTypeProvider>();
app.post(
  '/v1/calls',
  { schema: { body: CallInput, response: { 201: Type.Object({ callId: Type.String() }) } } },
  async ({ body }, reply) => {
    const callId = systemIds.next();
    await db.query({
      name: 'floor.insert',
      text: 'INSERT INTO floor_calls (call_id, channel, complaint, received_at, body) VALUES ($1, $2, $3, now(), $4)',
      values: [callId, body.channel, body.complaint.code, JSON.stringify(body)],
    });
    reply.code(201);
    return { callId };
  },
);
await app.listen({ host: '127.0.0.1', port: 0 });
console.log(`floor ready on http://127.0.0.1:${(app.server.address() as AddressInfo).port}`);
process.once('SIGTERM', () => void app.close().then(() => db.end()));
