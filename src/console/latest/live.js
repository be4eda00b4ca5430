/** The websocket: hears what happens in order, and where it broke off it goes on by itself. */
import { ask, hearTime, Refusal } from './api.js';

/** As often it asks whether somebody is there; a connection that is silent for longer than two answers is given up. */
const PING_MS = 5_000;
const SILENT_MS = 11_000;
const RETRY_LEAST_MS = 500;
const RETRY_MOST_MS = 4_000;

/**
 * @param {{
 *   onOpen: () => void,
 *   onEvent: (event: { type: string, callId?: string, data: any }) => void,
 *   onBreak: () => void,
 * }} listener
 */
export function createLive({ onOpen, onEvent, onBreak }) {
  /** @type {WebSocket | null} */
  let socket = null;
  /** The last event seen: the next connection goes on after it. @type {number | null} */
  let since = null;
  let open = false;
  let tries = 0;
  let heardAt = 0;
  let begunAt = 0;
  /** Counts starts, so that what belongs to the one before is not taken for this one's. */
  let round = 0;
  let retry = 0;

  function broken(/** @type {number} */ mine) {
    if (mine !== round) return;
    const wasOpen = open;
    open = false;
    socket = null;
    // Not all at once: a room full of consoles comes back to a service that has just started.
    const wait = Math.min(RETRY_LEAST_MS * 2 ** tries, RETRY_MOST_MS) * (0.5 + Math.random() / 2);
    tries += 1;
    retry = setTimeout(() => void connect(mine), wait);
    if (wasOpen) onBreak();
  }

  async function connect(/** @type {number} */ mine) {
    let ticket;
    try {
      ({ ticket } = await ask('/v1/live-tickets', { method: 'POST' }));
    } catch (error) {
      // A service without a websocket is asked no more; a token that ran out is noticed where calls are read.
      if (!(error instanceof Refusal && error.status === 404)) broken(mine);
      return;
    }
    if (mine !== round) return;
    const query = new URLSearchParams({ ticket, ...(since === null ? {} : { since: String(since) }) });
    const made = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/v1/live?${query}`);
    socket = made;
    begunAt = Date.now();
    made.addEventListener('message', ({ data }) => {
      if (made === socket) hear(JSON.parse(data));
    });
    made.addEventListener('close', () => {
      if (made === socket) broken(mine);
    });
  }

  function hear(/** @type {any} */ message) {
    heardAt = Date.now();
    if (message.type === 'hello') {
      hearTime(message.at);
      since = message.seq;
      open = true;
      tries = 0;
      onOpen();
      return;
    }
    if (message.type === 'pong') hearTime(message.at);
    if (typeof message.seq === 'number') since = message.seq;
    if (message.type !== 'pong') onEvent(message);
  }

  setInterval(() => {
    if (!socket) return;
    if (Date.now() - Math.max(heardAt, begunAt) > SILENT_MS) {
      const silent = socket;
      broken(round);
      silent.close();
    } else if (socket.readyState === WebSocket.OPEN) socket.send('ping');
  }, PING_MS);

  return {
    isOpen: () => open,
    /** When the service was last heard, by this computer's clock; 0: never. */
    heardAt: () => heardAt,
    /** Begins anew, with the token there is now: what came before belongs to somebody else. */
    start() {
      this.stop();
      void connect(round);
    },
    stop() {
      round += 1;
      clearTimeout(retry);
      const old = socket;
      socket = null;
      since = null;
      open = false;
      tries = 0;
      old?.close();
    },
  };
}
