/** A cable between an instance and Redis that can be cut: what goes through it is then refused, or goes nowhere. */
import { connect, createServer, type Socket } from 'node:net';

/** `refuse`: connections break and new ones are turned away. `swallow`: nobody answers, and nothing says so. */
export type Cut = 'refuse' | 'swallow';

export interface Link {
  readonly port: number;
  cut(how: Cut): void;
  /** What was swallowed arrives late, as after a lost route. */
  mend(): void;
  close(): Promise<void>;
}

export async function openLink(toPort: number): Promise<Link> {
  const sockets = new Set<Socket>();
  let how: Cut | null = null;

  const server = createServer((near) => {
    if (how === 'refuse') return near.destroy();
    const far = connect(toPort, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('data', (bytes) => other.write(bytes));
      socket.on('error', () => {});
      socket.once('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      if (how === 'swallow') socket.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    port: (server.address() as { port: number }).port,
    cut(given) {
      how = given;
      for (const socket of sockets) {
        if (given === 'refuse') socket.destroy();
        else socket.pause();
      }
    },
    mend() {
      how = null;
      for (const socket of sockets) socket.resume();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
