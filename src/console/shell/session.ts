/**
 * Who this page is: role and subject from its address (`#/crew/demo-unit-01`), the token from the demonstration or typed
 * in. Tokens stay in the tab. One that runs out is renewed by itself where that can be done, else asked for in front of
 * the page, which keeps what was typed into it.
 */
import { signal } from '@preact/signals';
import type { Role } from '../../domain/vocabulary.ts';
import { hearDate, serverNow } from './clock.ts';

export interface Session {
  readonly role: Role;
  /** The person, or the centre, unit, hospital or doctor the role stands for. */
  readonly subject: string;
  readonly token: string;
  /** Milliseconds since the epoch, by the service's clock. */
  readonly expiresAt: number;
}

/** Where the page is: `role` is empty on the start page. */
export interface Place {
  readonly role: string;
  readonly subject: string | null;
}

const RENEW_AHEAD_MS = 5 * 60_000;
const LOOK_EVERY_MS = 20_000;

function readPlace(): Place {
  const [, role = '', subject] = location.hash.slice(1).split('/').map(decodeURIComponent);
  return { role, subject: subject || null };
}

export const place = signal(readPlace());
export const session = signal<Session | null>(null);
/** Whether the service hands out demonstration sessions; null while nobody knows. */
export const isDemo = signal<boolean | null>(null);
/** A token is asked for; `why` it was not enough, if one was given. `other`: this page is another's. */
export const tokenAsked = signal<{ readonly why: 'none' | 'expired' | 'refused' | 'other' } | null>(null);
/** Who else this tab is signed in as. */
export const signedInAs = signal<Session | null>(null);
/** Waiting for the service while there is no session: it cannot be reached. */
export const unreachable = signal(false);

let waiting: ((session: Session) => void)[] = [];

/** The address of a role's page. */
export const addressOf = (role: string, subject?: string): string =>
  `#/${role}${subject ? `/${encodeURIComponent(subject)}` : ''}`;

const PREFIX = 'precision-dispatch.session.';
const keyOf = ({ role, subject }: Place) => `${PREFIX}${role}.${subject ?? ''}`;

function keep(made: Session): void {
  sessionStorage.setItem(keyOf(place.peek()), JSON.stringify(made));
  session.value = made;
  tokenAsked.value = null;
  for (const go of waiting) go(made);
  waiting = [];
}

function keptUnder(key: string): Session | null {
  const found = JSON.parse(sessionStorage.getItem(key) ?? 'null') as Session | null;
  return found && found.expiresAt > serverNow() ? found : null;
}
const kept = () => keptUnder(keyOf(place.peek()));

/** Sessions of this tab, whosever; the one for this very page first, though it was begun at another address. */
function keptElsewhere(): Session | null {
  const keys = Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
  const all = keys.map(keptUnder).filter((each) => each !== null);
  return all.find(isOf) ?? all[0] ?? null;
}
const isOf = ({ role, subject }: Session): boolean =>
  role === place.peek().role && (place.peek().subject ?? subject) === subject;

/** A session of the demonstration; null where the service has none or will not give it to this computer. */
async function demoSession({ role, subject }: Place): Promise<Session | null> {
  const response = await fetch('/v1/demo-session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(subject ? { role, subject } : { role }),
    signal: AbortSignal.timeout(10_000),
  });
  hearDate(response.headers.get('date'));
  if (response.status >= 500) throw new Error('not ready');
  isDemo.value = response.status !== 404 && response.status !== 403;
  if (!response.ok) return null;
  const made = (await response.json()) as { token: string; role: Role; subject: string; expiresAt: string };
  return { ...made, expiresAt: Date.parse(made.expiresAt) };
}

/** What a token says of itself; whether it is true the service finds out. Null for what is no token. */
function readToken(token: string): Session | null {
  try {
    const claims = JSON.parse(atob((token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/')));
    const role = typeof claims.role === 'string' ? claims.role : place.peek().role;
    return { token, role: role as Role, subject: String(claims.sub), expiresAt: Number(claims.exp) * 1000 || Infinity };
  } catch {
    return null;
  }
}

/** Somebody gave a token: what waited for one goes on, and the page becomes the one of its role. */
export function giveToken(token: string): void {
  const made = readToken(token.trim());
  if (!made) {
    tokenAsked.value = { why: 'refused' };
    return;
  }
  if (!isOf(made)) {
    // The address changes without a reload, so that what waits is kept.
    history.replaceState(null, '', addressOf(made.role));
    place.value = readPlace();
  }
  keep(made);
}

/** A session for this page as it now is: kept, of the demonstration, or typed in. */
async function begin(): Promise<void> {
  session.value = null;
  tokenAsked.value = null;
  const here = place.peek();
  if (!here.role) {
    if (isDemo.peek() === null) await demoSession({ role: 'planner', subject: null }).catch(() => null);
    if (isDemo.peek() === false && here === place.peek()) tokenAsked.value = { why: 'none' };
    return;
  }
  const before = kept();
  if (before) return keep(before);
  try {
    const made = await demoSession(here);
    if (here !== place.peek()) return;
    unreachable.value = false;
    if (made) return keep(made);
    const other = keptElsewhere();
    if (other && isOf(other)) return keep(other);
    signedInAs.value = other;
    tokenAsked.value = { why: other ? 'other' : 'none' };
  } catch {
    unreachable.value = true;
    setTimeout(() => here === place.peek() && void begin(), 2_000);
  }
}

let renewing: Promise<Session> | null = null;

/** Another session instead of `used`, which the service no longer takes. */
export function renewed(used: Session): Promise<Session> {
  const current = session.peek();
  if (current && current.token !== used.token) return Promise.resolve(current);
  renewing ??= renew().finally(() => {
    renewing = null;
  });
  return renewing;
}

async function renew(): Promise<Session> {
  const made = isDemo.peek() === false ? null : await demoSession(place.peek()).catch(() => null);
  if (made) {
    keep(made);
    return made;
  }
  tokenAsked.value = { why: 'expired' };
  return new Promise((resolve) => waiting.push(resolve));
}

/** Ahead of time, so that nobody has to wait for it. */
function renewSoon(): void {
  const current = session.peek();
  if (!current || current.expiresAt - serverNow() > RENEW_AHEAD_MS) return;
  if (isDemo.peek())
    void demoSession(place.peek()).then(
      (made) => made && keep(made),
      () => {},
    );
}

export function startSession(): void {
  addEventListener('hashchange', () => {
    place.value = readPlace();
    void begin();
  });
  setInterval(renewSoon, LOOK_EVERY_MS);
  void begin();
}
