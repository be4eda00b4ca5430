/** A server that dies says so at any moment: also between two users of one connection, when neither of them listens. */

import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import t from 'tap';
import { inTransaction, openPool } from '../../src/database/pool.ts';

/** A message of PostgreSQL's protocol: type, length, content. */
function message(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeInt32BE(4 + content.length, 1);
  return Buffer.concat([head, content]);
}
const text = (...parts: string[]) => Buffer.from(`${parts.join('\0')}\0`);
const authenticated = message('R', Buffer.alloc(4));
const ready = message('Z', Buffer.from('I'));
const done = message('C', text('SELECT 0'));
const dying = message(
  'E',
  Buffer.concat([
    text('SFATAL', 'C57P02', 'Mterminating connection due to unexpected postmaster exit'),
    Buffer.alloc(1),
  ]),
);

t.test('the end of a server in the same breath as the answer to the user before', async (t) => {
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.write(Buffer.concat([authenticated, ready]));
      socket.once('data', () => socket.end(Buffer.concat([done, ready, dying])));
    });
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const pool = openPool(`postgresql://invented@127.0.0.1:${port}/invented`, { max: 1 });
  const before = pool.query('SELECT');
  // Waits for the one connection there is, and has it the moment the other has its answer.
  const after = inTransaction(pool, (tx) => tx.query({ text: 'SELECT' }));
  await before;
  await t.rejects(after, 'it is told; and this process still runs');
  await pool.end();
});
