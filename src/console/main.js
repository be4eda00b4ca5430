/** The page of the latest calls: signs in, refreshes the list every two seconds, opens one call at a time. */
import { ask, hasToken, keepToken, openDemoSession, Refusal } from './api.js';
import { createCallList } from './call-list.js';
import { callTitle, callView } from './call-view.js';
import { demoCalls } from './demo-calls.js';
import { byId, el } from './dom.js';
import { clockTime, locale, name, say, sayEverywhere, switchLanguage } from './language.js';
import { readReference } from './reference.js';

const REFRESH_MS = 2_000;
const CALLS_SHOWN = 50;
const DISPATCHING = ['dispatcher', 'admin'];
const ROLES = ['dispatcher', 'centre', 'crew', 'hospital', 'doctor', 'registry', 'planner', 'admin'];

const state = byId('state', HTMLParagraphElement);
const work = byId('work', HTMLElement);
const signIn = byId('sign-in', HTMLFormElement);
const roleChoice = byId('role', HTMLSelectElement);
const article = byId('call', HTMLElement);
const list = createCallList(byId('calls', HTMLTableElement), openCall);

/** The demonstration hands out tokens; elsewhere one is typed in. */
let demo = false;
/** Counts sign-ins, so that what was asked before the last one is not shown after it. */
let session = 0;
let lastUpdate = '';
/** What the status line says, to be said again in the other language. @type {() => string} */
let status = () => '';
/** @type {any} */
let opened = null;
/** @type {any[]} */
let calls = [];

/** @param {() => string} text @param {boolean} [lost] */
function tell(text, lost = false) {
  status = text;
  state.textContent = text();
  state.classList.toggle('lost', lost);
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
  state.textContent = status();
  list.show(calls);
  if (opened) showCall(opened);
}

/** A refusal or a lost connection, said in the status line. @param {unknown} error */
function tellFailure(error) {
  if (!(error instanceof Refusal)) tell(() => say('lost', { time: lastUpdate && clockTime(lastUpdate) }), true);
  else if (error.status === 403) tell(() => say('roleMayNot'), true);
  else tell(() => say('refused', { code: error.code }), true);
}

/** @param {Record<string, unknown>} call */
async function postCall(call) {
  try {
    const answer = await ask('/v1/calls', { body: call, headers: { 'idempotency-key': crypto.randomUUID() } });
    await refresh();
    show(answer);
  } catch (error) {
    tellFailure(error);
  }
}

/** @param {string} callId */
async function openCall(callId) {
  const asked = session;
  try {
    const answer = await ask(`/v1/calls/${encodeURIComponent(callId)}`);
    if (asked === session) show(answer);
  } catch (error) {
    tellFailure(error);
  }
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
  const again = el('button', { type: 'button' }, say('again'));
  again.addEventListener('click', () => void openCall(answer.call.callId));
  const shut = el('button', { type: 'button' }, say('shut'));
  shut.addEventListener('click', closeCall);
  const head = el('header', {}, el('h2', { id: 'call-title' }, callTitle(answer.call)), again, shut);
  article.setAttribute('aria-labelledby', 'call-title');
  article.replaceChildren(head, ...callView(answer).filter((each) => each instanceof Node));
  list.choose(answer.call.callId);
}

function closeCall() {
  const callId = opened?.call.callId ?? '';
  opened = null;
  article.replaceChildren();
  list.choose('');
  list.focus(callId);
}

async function refresh() {
  const asked = session;
  try {
    const answer = await ask(`/v1/calls?limit=${CALLS_SHOWN}`);
    if (asked !== session) return;
    calls = answer.calls;
    list.show(calls);
    byId('empty', HTMLParagraphElement).hidden = calls.length > 0;
    lastUpdate = new Date().toISOString();
    tell(() => say('live', { time: clockTime(lastUpdate) }));
  } catch (error) {
    if (asked !== session) return;
    if (error instanceof Refusal && error.status === 401) return signOut();
    tellFailure(error);
  }
}

/** The token ran out: the demonstration gets another, elsewhere somebody has to give one. */
async function signOut() {
  if (demo && (await openDemoSession(roleChoice.value).catch(() => false))) return;
  keepToken(null);
  work.hidden = true;
  signIn.hidden = false;
  tell(() => say('tokenRefused'), true);
}

/** With a token at hand: labels first, then the calls. */
async function begin() {
  session += 1;
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
  await refresh();
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
  if (event.key === 'Escape' && opened) closeCall();
});

showTexts();
demo = await openDemoSession(ROLES[0] ?? '').catch(() => false);
byId('invented', HTMLParagraphElement).hidden = !demo;
byId('role-choice', HTMLElement).hidden = !demo;
signIn.hidden = hasToken();
if (hasToken()) await begin();

setInterval(() => {
  if (document.hidden || !signIn.hidden) return;
  void (work.hidden ? begin() : refresh()); // hidden still: the service was away when the page began
}, REFRESH_MS);
setInterval(() => list.tick(), 1_000);
