/** The page of the latest calls: signs in, follows what happens, opens one call at a time, sends units. */
import { ask, hasToken, keepToken, openDemoSession, Refusal, serviceNow } from './api.js';
import { createCallList } from './call-list.js';
import { callTitle, callView } from './call-view.js';
import { hasEnded } from './clock.js';
import { createDaySwitch } from './day.js';
import { demoCalls } from './demo-calls.js';
import { createDispatch, pathOf } from './dispatch.js';
import { byId, el } from './dom.js';
import { clockTime, locale, name, say, sayEverywhere, switchLanguage } from './language.js';
import { createLive } from './live.js';
import { readReference } from './reference.js';
import { runView } from './run-view.js';
import { sayAgain, tell, tellNews } from './status-line.js';

const REFRESH_MS = 2_000;
/** However much happens, the list is read no oftener. */
const REFRESH_LEAST_MS = 200;
const CALLS_SHOWN = 50;
const DISPATCHING = ['dispatcher', 'admin'];
const ROLES = ['dispatcher', 'centre', 'crew', 'hospital', 'doctor', 'registry', 'planner', 'admin'];

const work = byId('work', HTMLElement);
const signIn = byId('sign-in', HTMLFormElement);
const roleChoice = byId('role', HTMLSelectElement);
const article = byId('call', HTMLElement);
const dispatch = createDispatch({ act, show, changed: (callId) => Promise.all([refresh(), readAgain(callId)]) });
const list = createCallList(byId('calls', HTMLTableElement), { open: openCall, send: dispatch.sendFirst });
const day = createDaySwitch(tellFailure);
const live = createLive({ onOpen: catchUp, onEvent: hear, onBreak: refresh });

/** The demonstration hands out tokens; elsewhere one is typed in. */
let demo = false;
/** Counts sign-ins, so that what was asked before the last one is not shown after it. */
let session = 0;
/** When the list was last read, by this computer's clock, and whether the service answers. */
let readAt = 0;
let lost = false;
/** @type {any} */
let opened = null;
/** @type {{ tick: () => void }} */
let run = { tick: () => {} };
/** @type {any[]} */
let calls = [];

function tellConnection() {
  const heardAt = Math.max(readAt, live.heardAt());
  const time = () => (heardAt ? clockTime(new Date(heardAt + serviceNow() - Date.now()).toISOString()) : '—');
  if (lost) tell(() => say('lost', { time: time() }), true);
  else if (live.isOpen()) tell(() => say('live'));
  else tell(() => say('polled', { time: time() }));
}

function showTexts() {
  sayEverywhere();
  const button = byId('language', HTMLButtonElement);
  button.textContent = say('otherLanguage');
  button.lang = locale() === 'zh-CN' ? 'en' : 'zh-CN';
  roleChoice.replaceChildren(
    ...ROLES.map((role) =>
      el('option', { value: role, ...(role === roleChoice.value ? { selected: '' } : {}) }, name('role', role)),
    ),
  );
  const group = byId('demo-calls', HTMLElement);
  for (const each of group.querySelectorAll('button')) each.remove();
  group.append(
    ...demoCalls.map(({ say: key, call }) => {
      const post = el('button', { type: 'button' }, say(key));
      post.addEventListener('click', () => void postCall(call));
      return post;
    }),
  );
  sayAgain();
  day.show();
  list.show(calls);
  if (opened) showCall(opened);
}

/** A refusal is said; that nobody answers shows in the status line. @param {unknown} error */
function tellFailure(error) {
  if (!(error instanceof Refusal)) {
    lost = true;
    tellConnection();
  } else if (error.status === 403) tell(() => say('roleMayNot'), true);
  else tellNews(() => say('refused', { code: error.code }));
}

/** @param {() => Promise<unknown>} action */
async function act(action) {
  tellNews(() => '');
  try {
    await action();
  } catch (error) {
    tellFailure(error);
  }
}

/** @param {Record<string, unknown>} call */
const postCall = (call) =>
  act(async () => {
    const answer = await ask('/v1/calls', { body: call, headers: { 'idempotency-key': crypto.randomUUID() } });
    await refresh();
    show(answer);
  });

/** @param {string} callId */
function openCall(callId) {
  return act(async () => {
    const asked = session;
    const answer = await ask(pathOf(callId));
    if (asked === session) show(answer);
  });
}

/** @param {any} answer */
function show(answer) {
  showCall(answer);
  article.focus({ preventScroll: true });
  const { top } = article.getBoundingClientRect();
  if (top < 0 || top > innerHeight / 2) article.scrollIntoView();
}

/** @param {any} answer */
function showCall(answer) {
  opened = answer;
  const { callId } = answer.call;
  const first = el('button', { type: 'button', class: 'send', 'aria-keyshortcuts': 'D' }, say('sendHere'));
  first.addEventListener('click', () => void dispatch.sendFirst(callId));
  const again = el('button', { type: 'button' }, say('again'));
  again.addEventListener('click', () => void openCall(callId));
  const shut = el('button', { type: 'button' }, say('shut'));
  shut.addEventListener('click', closeCall);
  const head = el('header', {}, el('h2', { id: 'call-title' }, callTitle(answer.call)), first, again, shut);
  const parts = callView(answer, (unit, cell) => dispatch.sendChosen(answer, unit, cell)).filter(
    (each) => each instanceof Node,
  );
  const hadFocus = article.contains(document.activeElement);
  article.setAttribute('aria-labelledby', 'call-title');
  article.replaceChildren(head, el('div', { id: 'run' }), ...parts);
  if (hadFocus) article.focus({ preventScroll: true });
  showRun();
  list.choose(callId);
}

/** The part of the opened call that moves, as the list has it. */
function showRun() {
  const call = calls.find((each) => each.callId === opened?.call.callId);
  const place = document.getElementById('run');
  if (!call || !place) return;
  const shown = locale() + JSON.stringify(call);
  if (place.dataset.shown === shown || place.querySelector('form')) return;
  const { callId } = call;
  const made = runView(call, {
    standDown: (unitId) => void dispatch.standDown(callId, unitId),
    end: (ending) => dispatch.end(callId, ending, place),
  });
  place.dataset.shown = shown;
  place.replaceChildren(made.node);
  run = made;
  /** @type {HTMLElement} */ (article.querySelector('header .send')).hidden = call.status !== 'open';
  article.classList.toggle('ended', hasEnded(call));
}

function closeCall() {
  const callId = opened?.call.callId ?? '';
  opened = null;
  article.replaceChildren();
  list.choose('');
  list.focus(callId);
}

let refreshing = false;
let refreshAgain = false;
let refreshedAt = 0;
/** Reads the list; asked again meanwhile, it reads once more, because what it reads may be older than what was heard. */
async function refresh() {
  refreshAgain = refreshing;
  if (refreshing || document.hidden) return;
  refreshing = true;
  refreshedAt = Date.now();
  await readCalls();
  refreshing = false;
  if (refreshAgain) setTimeout(refresh, REFRESH_LEAST_MS);
}

async function readCalls() {
  const asked = session;
  try {
    const answer = await ask(`/v1/calls?limit=${CALLS_SHOWN}`);
    if (asked !== session) return;
    calls = answer.calls;
    list.show(calls);
    showRun();
    byId('empty', HTMLParagraphElement).hidden = calls.length > 0;
    readAt = Date.now();
    lost = false;
    tellConnection();
  } catch (error) {
    if (asked !== session) return;
    if (error instanceof Refusal && error.status === 401) return signOut();
    tellFailure(error);
  }
}

/** The opened call as it is now, where it is this one; what is typed into it stays. @param {string} callId */
async function readAgain(callId) {
  const isOpened = () => callId === opened?.call.callId && !article.querySelector('form');
  const answer = isOpened() && (await ask(pathOf(callId)));
  if (answer && isOpened()) showCall(answer);
}

/** What happened meanwhile follows by itself; what no event tells of is read. */
function catchUp() {
  void refresh();
  if (demo) void day.read();
}

/** What was decided about the opened call changed: that part the list does not carry. @param {{ type: string, callId?: string }} event */
function hear({ type, callId }) {
  if (type === 'unit.position') return;
  void refresh();
  const decidedAnew = ['call.updated', 'recommendation.changed'].includes(type);
  if (callId && decidedAnew) readAgain(callId).catch(tellFailure);
}

/** The token ran out: the demonstration gets another, elsewhere somebody has to give one. */
async function signOut() {
  if (demo && (await openDemoSession(roleChoice.value).catch(() => false))) return;
  live.stop();
  keepToken(null);
  work.hidden = true;
  signIn.hidden = false;
  tell(() => say('tokenRefused'), true);
}

/** With a token at hand: labels first, then the calls. */
async function begin() {
  session += 1;
  live.stop();
  closeCall();
  calls = [];
  list.show(calls);
  try {
    await readReference();
  } catch (error) {
    if (error instanceof Refusal && error.status === 401) return signOut();
    tellFailure(error);
    return;
  }
  signIn.hidden = true;
  work.hidden = false;
  byId('demo-calls', HTMLElement).hidden = !demo || !DISPATCHING.includes(roleChoice.value);
  tell(() => '');
  tellNews(() => '');
  live.start();
  await Promise.all([refresh(), demo && day.read()]);
}

byId('language', HTMLButtonElement).addEventListener('click', () => {
  switchLanguage();
  showTexts();
});
roleChoice.addEventListener('change', async () => {
  if (await openDemoSession(roleChoice.value).catch(() => false)) await begin();
});
signIn.addEventListener('submit', (event) => {
  event.preventDefault();
  const token = byId('token', HTMLInputElement);
  keepToken(token.value.trim());
  token.value = '';
  void begin();
});
document.addEventListener('keydown', (event) => {
  const typing = event.target instanceof HTMLElement && event.target.matches('input, select, textarea');
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.key === 'Escape' && opened) closeCall();
  const callId = list.focused() ?? opened?.call.callId;
  if (event.code === 'KeyD' && callId && calls.some((each) => each.callId === callId && each.status === 'open'))
    void dispatch.sendFirst(callId);
});
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && !work.hidden) void refresh();
});

showTexts();
demo = await openDemoSession(ROLES[0] ?? '').catch(() => false);
byId('invented', HTMLParagraphElement).hidden = !demo;
byId('role-choice', HTMLElement).hidden = !demo;
signIn.hidden = hasToken();
if (hasToken()) await begin();

setInterval(() => {
  if (document.hidden || !signIn.hidden) return;
  if (work.hidden) return void begin(); // the service was away when the page began
  // While the websocket speaks there is nothing to ask for; a look now and then costs little and forgives much.
  if (!live.isOpen() || Date.now() - refreshedAt > 5 * REFRESH_MS) {
    catchUp();
  }
}, REFRESH_MS);
setInterval(() => {
  list.tick();
  run.tick();
}, 1_000);
