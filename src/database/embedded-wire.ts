/**
 * Speaks PostgreSQL's wire protocol to many clients in front of one embedded session, so that `pg` and BullMQ need not
 * know. pglite-socket does the same message by message; here a client's messages up to its Sync run as one, prepared
 * statements carry their client's number (pg and every pool connection reuse the same names), notifications reach all
 * clients, and each client keeps the search_path it asked for.
 */
import { timingSafeEqual } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';

/** What is needed of PGlite. */
export interface Engine {
  execProtocolRawStream(message: Uint8Array, options: { onRawData(data: Uint8Array): void }): Promise<void>;
  isInTransaction(): boolean;
}

interface Client {
  readonly id: number;
  readonly socket: Socket;
  phase: 'startup' | 'password' | 'ready';
  unread: Buffer;
  /** Messages of an extended query whose Sync has not come yet. */
  batch: Buffer[];
  searchPath: string | undefined;
  readonly statements: Set<string>;
}

interface Work {
  readonly client: Client;
  readonly message: Buffer;
  /** False while the client is in the middle of an extended query (it sent Flush, not Sync). */
  readonly complete: boolean;
  readonly last?: boolean;
}

const PROTOCOL_3 = 196_608;
const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
const text = (...parts: string[]) => Buffer.from(parts.map((part) => `${part}\0`).join(''));
const query = (sql: string) => message('Q', text(sql));
const askPassword = message('R', Buffer.from([0, 0, 0, 3]));
const wrongPassword = message('E', text('SFATAL', 'VFATAL', 'C28P01', 'Mpassword authentication failed', ''));

/** The typed messages in `bytes`, and what is left of an unfinished one. */
function frames(bytes: Buffer): { messages: Buffer[]; rest: Buffer } {
  const messages: Buffer[] = [];
  let at = 0;
  while (bytes.length - at >= 5) {
    const end = at + 1 + bytes.readInt32BE(at + 1);
    if (end > bytes.length) break;
    messages.push(bytes.subarray(at, end));
    at = end;
  }
  return { messages, rest: bytes.subarray(at) };
}

const typeOf = (frame: Buffer) => String.fromCharCode(frame[0] ?? 0);

function cstrings(body: Buffer): string[] {
  return body.toString('utf8').split('\0');
}

/** Puts the client's number before statement and portal names; the unnamed ones are safe, since a batch runs as one. */
function renamed(client: Client, frame: Buffer): Buffer {
  const prefixed = (name: string) => (name === '' ? '' : `${client.id}:${name}`);
  const type = typeOf(frame);
  const body = frame.subarray(5);
  const first = body.indexOf(0);
  if (type === 'P') {
    const name = body.toString('utf8', 0, first);
    if (name === '') return frame;
    client.statements.add(prefixed(name));
    return message('P', Buffer.concat([text(prefixed(name)), body.subarray(first + 1)]));
  }
  if (type === 'B') {
    const second = body.indexOf(0, first + 1);
    const portal = body.toString('utf8', 0, first);
    const statement = body.toString('utf8', first + 1, second);
    return message('B', Buffer.concat([text(prefixed(portal), prefixed(statement)), body.subarray(second + 1)]));
  }
  if (type === 'E') {
    return message('E', Buffer.concat([text(prefixed(body.toString('utf8', 0, first))), body.subarray(first + 1)]));
  }
  if (type === 'D' || type === 'C') {
    const name = prefixed(body.toString('utf8', 1, first));
    if (type === 'C' && body[0] === 0x53) client.statements.delete(name);
    return message(type, Buffer.concat([body.subarray(0, 1), text(name)]));
  }
  return frame;
}

export interface WireServer {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Listens on loopback. Clients must give `password`. `onFailure` is called once if the engine itself breaks; every
 * connection is then closed, for no later answer could be trusted.
 */
export async function serveWire(
  engine: Engine,
  password: string,
  onFailure: (error: unknown) => void,
): Promise<WireServer> {
  const clients = new Set<Client>();
  const waiting: Work[] = [];
  /** The client whose transaction or half-sent query holds the session; the others wait for it. */
  let owner: Client | undefined;
  let searchPath: string | undefined;
  let running = false;
  let nextId = 1;

  async function exchange(bytes: Uint8Array): Promise<Buffer> {
    const chunks: Buffer[] = [];
    await engine.execProtocolRawStream(bytes, { onRawData: (data) => void chunks.push(Buffer.from(data)) });
    return Buffer.concat(chunks);
  }

  const startup = Buffer.concat([Buffer.alloc(8), text('user', 'postgres', 'database', 'postgres', '')]);
  startup.writeInt32BE(startup.length);
  startup.writeInt32BE(PROTOCOL_3, 4);
  const greeting = await exchange(startup);

  async function perform({ client, message, complete, last }: Work): Promise<void> {
    if (searchPath !== client.searchPath) {
      await exchange(query(client.searchPath ? `SET search_path TO ${client.searchPath}` : 'RESET search_path'));
      searchPath = client.searchPath;
    }
    const answer = await exchange(message);
    owner = !last && (!complete || engine.isInTransaction()) ? client : undefined;
    if (last) return;
    const { messages } = frames(answer);
    for (const notification of messages.filter((frame) => typeOf(frame) === 'A')) {
      for (const other of clients) if (other !== client && other.phase === 'ready') other.socket.write(notification);
    }
    client.socket.write(answer);
  }

  async function run(): Promise<void> {
    if (running) return;
    running = true;
    try {
      for (;;) {
        const index = owner ? waiting.findIndex((work) => work.client === owner) : 0;
        const [work] = index < 0 ? [] : waiting.splice(index, 1);
        if (!work) break;
        await perform(work);
      }
      running = false;
    } catch (error) {
      // `running` stays true: nothing more is given to a broken engine.
      for (const client of clients) client.socket.destroy();
      onFailure(error);
    }
  }

  function enqueue(work: Work): void {
    waiting.push(work);
    void run();
  }

  function receive(client: Client, frame: Buffer): void {
    const type = typeOf(frame);
    if (client.phase === 'password') {
      const given = Buffer.from(frame.subarray(5, -1));
      const expected = Buffer.from(password);
      if (type !== 'p' || given.length !== expected.length || !timingSafeEqual(given, expected)) {
        client.socket.end(wrongPassword);
        return;
      }
      client.phase = 'ready';
      client.socket.write(greeting);
    } else if (type === 'X') {
      client.socket.end();
    } else {
      client.batch.push(renamed(client, frame));
      if (type !== 'Q' && type !== 'S' && type !== 'H') return;
      enqueue({ client, message: Buffer.concat(client.batch.splice(0)), complete: type !== 'H' });
    }
  }

  /** Answers true when a whole start-up packet was taken from the front of what came. */
  function start(client: Client): boolean {
    if (client.unread.length < 8) return false;
    const length = client.unread.readInt32BE(0);
    if (client.unread.length < length) return false;
    const packet = client.unread.subarray(0, length);
    client.unread = client.unread.subarray(length);
    const code = packet.readInt32BE(4);
    if (code === SSL_REQUEST || code === GSS_REQUEST) {
      client.socket.write('N');
    } else if (code === PROTOCOL_3) {
      const fields = cstrings(packet.subarray(8));
      const options = fields[fields.indexOf('options') + 1] ?? '';
      client.searchPath = options.match(/-c\s*search_path=(\S+)/)?.[1];
      client.phase = 'password';
      client.socket.write(askPassword);
    } else {
      // A request to cancel finds no second process that could be interrupted.
      client.socket.end();
    }
    return true;
  }

  function leave(client: Client): void {
    if (!clients.delete(client)) return;
    for (let i = waiting.length - 1; i >= 0; i--) if (waiting[i]?.client === client) waiting.splice(i, 1);
    const forget = [...client.statements].map((name) => message('C', Buffer.concat([Buffer.from('S'), text(name)])));
    const ending = [...forget, message('S', Buffer.alloc(0)), query('ROLLBACK')];
    if (client.phase === 'ready') enqueue({ client, message: Buffer.concat(ending), complete: true, last: true });
  }

  const server: Server = createServer({ noDelay: true }, (socket) => {
    const client: Client = {
      id: nextId++,
      socket,
      phase: 'startup',
      unread: Buffer.alloc(0),
      batch: [],
      searchPath: undefined,
      statements: new Set(),
    };
    clients.add(client);
    socket.on('data', (data) => {
      client.unread = client.unread.length === 0 ? data : Buffer.concat([client.unread, data]);
      while (client.phase === 'startup' && start(client));
      if (client.phase === 'startup') return;
      const { messages, rest } = frames(client.unread);
      client.unread = rest;
      for (const frame of messages) receive(client, frame);
    });
    socket.on('error', () => leave(client));
    socket.on('close', () => leave(client));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as { port: number }).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const client of clients) client.socket.destroy();
      }),
  };
}
