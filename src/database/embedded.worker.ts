/** The thread the embedded database lives in: its queries are synchronous and would hold up the service. */
import { openAsBlob } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { postgis } from '@electric-sql/pglite-postgis';
import { serveWire } from './embedded-wire.ts';

export interface EmbeddedWorkerData {
  /** A folder, or `memory://`. */
  readonly place: string;
  readonly snapshot: string | undefined;
  readonly password: string;
}
export type EmbeddedRequest = { readonly do: 'snapshot'; readonly file: string } | { readonly do: 'stop' };
export type EmbeddedReply =
  | { readonly done: 'start'; readonly port: number }
  | { readonly done: 'snapshot' }
  | { readonly done: 'stop' };

const port = parentPort;
if (!port) throw new Error('embedded.worker runs as a worker thread only');
const { place, snapshot, password } = workerData as EmbeddedWorkerData;
const reply = (message: EmbeddedReply) => port.postMessage(message);

const db = await PGlite.create(place, {
  extensions: { postgis },
  ...(snapshot === undefined ? {} : { loadDataDir: await openAsBlob(snapshot) }),
});
const server = await serveWire(db, password, (error) => {
  // Thrown outside any promise, it ends this thread and reaches the service as the worker's error.
  setImmediate(() => {
    throw error;
  });
});

port.on('message', async (request: EmbeddedRequest) => {
  if (request.do === 'snapshot') {
    const dump = await db.dumpDataDir('gzip');
    await writeFile(request.file, Buffer.from(await dump.arrayBuffer()));
    reply({ done: 'snapshot' });
  } else {
    await server.stop();
    await db.close();
    reply({ done: 'stop' });
    port.close();
  }
});
reply({ done: 'start', port: server.port });
