/** The list of the latest calls: rows stay in place while it refreshes, so that the keyboard keeps its place too. */
import { hasEnded, makeClock } from './clock.js';
import { el } from './dom.js';
import { clockTime, locale, name, say } from './language.js';
import { areaName, complaintName } from './reference.js';

/** @param {string | number} level */
export const priorityBadge = (level) => el('span', { class: `priority priority-${level}` }, name('priority', level));

/** @param {any} location */
export const placeText = ({ subdistrictCode, address, position }) =>
  [subdistrictCode && areaName(subdistrictCode), address].filter(Boolean).join(' · ') ||
  (position ? `${position.lat.toFixed(5)}, ${position.lon.toFixed(5)}` : say('placeUnknown'));

/** @param {any} location */
const placeLines = (location) =>
  placeText(location)
    .split(' · ')
    .map((line, place) => el('div', place > 0 ? { class: 'quiet' } : {}, line));

/** A unit on a call, and when it is there. @param {any} unit */
export const unitText = ({ unitId, status, predictedOnSceneAt }) =>
  ['notified', 'en-route'].includes(status) && predictedOnSceneAt
    ? say('unitOnItsWay', { unit: unitId, status: name('unit', status), time: clockTime(predictedOnSceneAt) })
    : say('unitIs', { unit: unitId, status: name('unit', status) });

/**
 * @param {HTMLTableElement} table
 * @param {{ open: (callId: string) => void, send: (callId: string) => void }} actions
 */
export function createCallList(table, { open, send }) {
  const body = /** @type {HTMLTableSectionElement} */ (table.tBodies[0]);
  /** @type {Map<string, { row: HTMLTableRowElement, clock: ReturnType<typeof makeClock>, shown: string }>} */
  const rows = new Map();
  let current = '';

  body.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = /** @type {Element} */ (event.target).closest('tr');
    if (!step || !row) return;
    event.preventDefault();
    const other = step > 0 ? row.nextElementSibling : row.previousElementSibling;
    other?.querySelector('button')?.focus();
  });

  /** @param {any} call */
  function makeRow(call) {
    const clock = makeClock(call);
    const received = el(
      'time',
      { class: 'quiet', datetime: call.receivedAt },
      say('receivedAt', { time: clockTime(call.receivedAt) }),
    );
    const open_ = el(
      'button',
      { type: 'button', 'aria-label': say('openCall', { number: call.number }) },
      String(call.number),
    );
    const row = el(
      'tr',
      { 'data-call': call.callId, ...(hasEnded(call) ? { class: 'ended' } : {}) },
      el('td', {}, open_),
      el('td', {}, ...clock.nodes, received),
      el('td', {}, ...runLines(call)),
      el('td', {}, priorityBadge(call.priority), el('div', {}, complaintName(call.complaint))),
      el('td', {}, ...placeLines(call.location)),
    );
    row.addEventListener('click', () => open(call.callId));
    return { row, clock };
  }

  /** Where the call is, and who is on it; or that somebody has to be sent. @param {any} call */
  function runLines(call) {
    const lines = [
      el('strong', {}, name('call', call.status)),
      ...call.units.map((/** @type {any} */ unit) => el('div', { class: 'quiet' }, unitText(unit))),
    ];
    if (call.status !== 'open') return lines;
    const label = say('sendFirstTo', { number: call.number });
    const button = el('button', { type: 'button', class: 'send', 'aria-label': label }, say('sendFirst'));
    button.addEventListener('click', (event) => {
      event.stopPropagation();
      send(call.callId);
    });
    return [...lines, el('div', { class: 'quiet' }, name('vehicle', call.vehicleType)), button];
  }

  function mark() {
    for (const [callId, { row }] of rows) {
      if (callId === current) row.setAttribute('aria-current', 'true');
      else row.removeAttribute('aria-current');
    }
  }

  return {
    /** Newest first, as the service lists them. @param {any[]} calls */
    show(calls) {
      const focused = document.activeElement;
      const kept = new Set(calls.map((call) => call.callId));
      for (const [callId, { row }] of rows) {
        if (kept.has(callId)) continue;
        row.remove();
        rows.delete(callId);
      }
      calls.forEach((call, place) => {
        const shown = locale() + JSON.stringify(call);
        const before = rows.get(call.callId);
        if (before?.shown !== shown) {
          const made = { ...makeRow(call), shown };
          if (before) {
            const hadFocus = before.row.contains(focused);
            before.row.replaceWith(made.row);
            if (hadFocus) made.row.querySelector('button')?.focus();
          }
          rows.set(call.callId, made);
        }
        const { row } = /** @type {{ row: HTMLTableRowElement }} */ (rows.get(call.callId));
        if (body.rows[place] !== row) body.insertBefore(row, body.rows[place] ?? null);
      });
      table.hidden = calls.length === 0;
      mark();
      this.tick();
    },
    tick() {
      for (const { clock } of rows.values()) clock.tick();
    },
    /** @param {string} callId */
    choose(callId) {
      current = callId;
      mark();
    },
    /** Back to the row the call was opened from. @param {string} callId */
    focus: (callId) => rows.get(callId)?.row.querySelector('button')?.focus(),
    /** The call whose row has the keyboard. @returns {string | undefined} */
    focused: () => /** @type {HTMLElement | null} */ (document.activeElement?.closest('tr[data-call]'))?.dataset.call,
  };
}
