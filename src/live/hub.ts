/**
 * The consoles of this instance. Each event is looked at once a room and built into a frame once; a console that resumes
 * is brought up to the last event handed on here and then, without a pause in between, becomes one of the others.
 */
import type { Writable } from 'node:stream';
import type { Logger } from 'pino';
import type { StoredEvent } from '../domain/events.ts';
import { type Clock, rfc3339 } from '../domain/time.ts';
import type { Role } from '../domain/vocabulary.ts';
import type { CrewLog } from './crews.ts';
import { Link, type LiveSocket } from './link.ts';
import {
  closeCodes,
  eventMessage,
  frameOf,
  type Hello,
  helloMessage,
  pongMessage,
  positionMessage,
} from './messages.ts';
import type { LiveMetrics } from './metrics.ts';
import type { LivePosition } from './port.ts';
import { nameless, type Sight, seesPosition, sightOf, type Viewer } from './rooms.ts';

export interface HubSettings {
  /** Unread bytes a console may have. */
  readonly bufferBytes: number;
  /** Frames a console may send between two pings. */
  readonly framesPerSweep: number;
  readonly pingEveryMs: number;
  /** After a shift a console has to show again who it is. */
  readonly longestMs: number;
  /** Connections of one role and subject. */
  readonly perSubject: number;
  /** Events further back than this are not replayed; the console reads the calls anew. */
  readonly replayable: number;
  /** Events kept in memory, from which most consoles resume. */
  readonly recent: number;
}

export interface HubDeps {
  readonly crews: CrewLog;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly metrics: LiveMetrics;
  /** The next page of events after `seq` from the log, in order. */
  read(seq: number): Promise<readonly StoredEvent[]>;
  /** The last event of the log, which may not have been handed on here yet. */
  head(): Promise<number>;
}

interface Console {
  readonly link: Link;
  /** While it replays: the last event looked at. Afterwards: events up to here it has had from elsewhere. */
  cursor: number;
  live: boolean;
}

interface Room {
  readonly viewer: Viewer;
  readonly consoles: Set<Console>;
}

type Frames = Record<Sight, Buffer | undefined>;

/** Of what is in memory a console gets this much at a time. */
const MEMORY_PAGE = 500;
const READ_AGAIN_MS = 500;
const FAREWELL_MS = 1_000;

export class Hub {
  readonly #deps: HubDeps;
  readonly #settings: HubSettings;
  readonly #rooms = new Map<string, Room>();
  /** The last events handed on, oldest first. */
  #recent: StoredEvent[] = [];
  #seq = 0;
  #state: 'new' | 'open' | 'closed' = 'new';
  #sweeping: NodeJS.Timeout | undefined;

  constructor(deps: HubDeps, settings: HubSettings) {
    this.#deps = deps;
    this.#settings = settings;
  }

  /** From here on consoles are taken. `recent`: the last events up to `seq`. */
  open(seq: number, recent: readonly StoredEvent[]): void {
    this.#seq = seq;
    this.#recent = [...recent];
    this.#state = 'open';
    this.#sweeping = setInterval(() => this.#sweep(), this.#settings.pingEveryMs);
  }

  /** Hands on events that follow the last ones without a gap. */
  deliver(events: readonly StoredEvent[]): void {
    const last = events.at(-1);
    if (!last) return;
    for (const event of events) this.#deps.crews.take(event);
    this.#recent.push(...events);
    if (this.#recent.length > 2 * this.#settings.recent) this.#recent = this.#recent.slice(-this.#settings.recent);
    this.#seq = last.seq;

    const made = new Map<number, Frames>();
    for (const room of this.#rooms.values()) {
      const seen = this.#framesFor(room.viewer, events, made);
      const first = seen[0];
      if (!first) continue;
      const all = joined(seen);
      for (const { live, cursor, link } of room.consoles) {
        if (!live) continue;
        const ahead = cursor >= first.seq;
        const rest = ahead ? seen.filter(({ seq }) => seq > cursor) : seen;
        if (rest.length > 0) link.write(ahead ? joined(rest) : all);
        this.#deps.metrics.sent.inc(rest.length);
      }
    }
  }

  /** Tells where units are; whoever calls has thinned them out. */
  positions(positions: readonly LivePosition[]): void {
    const frames = positions.map((position) => ({ position, frame: frameOf(positionMessage(position)) }));
    for (const { viewer, consoles } of this.#rooms.values()) {
      const seen = frames.filter(({ position }) => seesPosition(viewer, position, this.#deps.crews));
      if (seen.length === 0) continue;
      const all = joined(seen);
      for (const { live, link } of consoles) if (live) link.write(all);
    }
  }

  /**
   * Takes a console over. `since`: the last event it has seen, or null for those from now on.
   * @param wire the connection under the socket
   */
  connect(socket: LiveSocket, wire: Writable, viewer: Viewer, since: number | null): void {
    const key = `${viewer.role} ${viewer.subject}`;
    const room = this.#rooms.get(key) ?? { viewer, consoles: new Set() };
    const refusal = this.#refusal(room);
    if (refusal !== null) {
      socket.close(closeCodes[refusal], refusal);
      return;
    }
    this.#rooms.set(key, room);

    const { clock, metrics, log } = this.#deps;
    const link = new Link(viewer, socket, wire, this.#settings, clock.now(), {
      onPing: () => link.send(pongMessage(this.#reached(console), rfc3339(clock.now()))),
      onCut: (cause) => {
        metrics.cutOff.inc({ cause });
        if (cause !== 'restarting') log.info({ role: viewer.role, cause }, 'console cut off');
      },
      onEnd: () => {
        room.consoles.delete(console);
        if (room.consoles.size === 0 && this.#rooms.get(key) === room) this.#rooms.delete(key);
        metrics.consoles.dec();
      },
    });
    const console: Console = { link, cursor: since ?? this.#seq, live: false };
    room.consoles.add(console);
    metrics.consoles.inc();
    this.#greet(console, since).catch((err: unknown) => {
      log.warn({ err }, 'a console could not be greeted');
      socket.close(closeCodes.later, 'try again');
    });
  }

  /** Subjects of a role with a console here. */
  subjectsOf(role: Role): string[] {
    return [...this.#rooms.values()].filter(({ viewer }) => viewer.role === role).map(({ viewer }) => viewer.subject);
  }

  #refusal({ consoles }: Room): 'later' | 'restarting' | 'tooMany' | null {
    if (this.#state !== 'open') return this.#state === 'new' ? 'later' : 'restarting';
    return consoles.size >= this.#settings.perSubject ? 'tooMany' : null;
  }

  /** Sends every console away so that it comes back elsewhere, and waits for them a moment. */
  async close(): Promise<void> {
    this.#state = 'closed';
    clearInterval(this.#sweeping);
    for (const { link } of this.#consoles()) link.cut('restarting', closeCodes.restarting, 'restarting');
    const until = Date.now() + FAREWELL_MS;
    while (this.#rooms.size > 0 && Date.now() < until) await delay(10);
    for (const { link } of this.#consoles()) link.terminate();
  }

  *#consoles(): Generator<Console> {
    for (const { consoles } of this.#rooms.values()) yield* consoles;
  }

  /** Everything up to this has been sent to a console. */
  #reached({ live, cursor }: Console): number {
    return live ? Math.max(cursor, this.#seq) : cursor;
  }

  async #greet(console: Console, since: number | null): Promise<void> {
    if (since !== null && since > this.#seq) {
      // Another instance may be a moment ahead of this one; a number the log never gave out is from another log.
      const head = await this.#deps.head();
      if (since > Math.max(head, this.#seq)) return this.#hello(console, true);
    } else if (since !== null && this.#seq - since > this.#settings.replayable) {
      return this.#hello(console, true);
    }
    this.#hello(console, false);
    await this.#catchUp(console);
  }

  #hello(console: Console, reset: boolean): void {
    if (reset) {
      console.cursor = this.#seq;
      console.live = true;
    }
    const hello: Hello = {
      seq: console.cursor,
      head: Math.max(this.#seq, console.cursor),
      at: rfc3339(this.#deps.clock.now()),
      ...(reset ? { reset } : {}),
    };
    console.link.send(helloMessage(hello));
  }

  /** Nothing is awaited between finding the console level with the rest and letting it live on with them. */
  async #catchUp(console: Console): Promise<void> {
    const { viewer } = console.link;
    while (console.link.isOpen && console.cursor < this.#seq) {
      const upTo = this.#seq;
      const page = (await this.#after(console.cursor)).filter(({ seq }) => seq <= upTo);
      const seen = this.#framesFor(viewer, page, new Map());
      if (seen.length > 0) await console.link.flush(joined(seen));
      this.#deps.metrics.sent.inc(seen.length);
      console.cursor = page.at(-1)?.seq ?? console.cursor;
    }
    console.live = true;
  }

  /** A page of events after `seq`; from memory where they are, else from the log, as often as it takes. */
  async #after(seq: number): Promise<readonly StoredEvent[]> {
    const first = this.#recent[0]?.seq ?? Infinity;
    if (seq >= first - 1) return this.#recent.slice(seq + 1 - first, seq + 1 - first + MEMORY_PAGE);
    try {
      return await this.#deps.read(seq);
    } catch {
      await delay(READ_AGAIN_MS);
      return [];
    }
  }

  /** The frames of those events the viewer sees. `made` keeps them for the next room. */
  #framesFor(viewer: Viewer, events: readonly StoredEvent[], made: Map<number, Frames>) {
    const seen: { seq: number; frame: Buffer }[] = [];
    for (const event of events) {
      const sight = sightOf(viewer, event, this.#deps.crews);
      if (sight === null) continue;
      const frames = made.get(event.seq) ?? { whole: undefined, nameless: undefined };
      made.set(event.seq, frames);
      frames[sight] ??= frameOf(eventMessage(event, sight === 'whole' ? event.data : nameless(event.data)));
      seen.push({ seq: event.seq, frame: frames[sight] });
    }
    return seen;
  }

  #sweep(): void {
    const oldest = this.#deps.clock.now() - this.#settings.longestMs;
    for (const { link } of this.#consoles()) {
      if (link.openedAt < oldest) link.cut('expired', closeCodes.unauthenticated, 'show again who you are');
      else link.sweep();
    }
  }
}

const joined = (seen: readonly { readonly frame: Buffer }[]): Buffer =>
  seen.length === 1 && seen[0] ? seen[0].frame : Buffer.concat(seen.map(({ frame }) => frame));

const delay = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
