/** The list of the latest calls: rows stay in place while it refreshes, so that the keyboard keeps its place too. */
import { serviceNow } from './api.js';
import { el } from './dom.js';
import { clockTime, locale, minutes, name, say } from './language.js';
import { areaName, complaintName } from './reference.js';

/** The clock of the target runs until an ambulance is there. */
const RUNNING = ['open', 'assigned', 'en-route'];

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

/** What is left until the response is due, in words. @param {HTMLElement} into @param {any} call */
function showTimeLeft(into, call) {
  const left = (Date.parse(call.responseDueAt) - serviceNow()) / 1000;
  const running = RUNNING.includes(call.status);
  into.className = running ? (left < 0 ? 'late' : 'in-time') : 'quiet';
  const text = !running
    ? name('call', call.status)
    : left < 0
      ? say('over', { time: minutes(-left) })
      : say('left', { time: minutes(left) });
  if (into.textContent !== text) into.textContent = text;
}

/**
 * @param {HTMLTableElement} table
 * @param {(callId: string) => void} open
 */
export function createCallList(table, open) {
  const body = /** @type {HTMLTableSectionElement} */ (table.tBodies[0]);
  /** @type {Map<string, { row: HTMLTableRowElement, time: HTMLElement, call: any, shown: string }>} */
  const rows = new Map();
  let current = '';

  body.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const buttons = [...body.querySelectorAll('button')];
    const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    if (!step || at < 0) return;
    event.preventDefault();
    buttons[at + step]?.focus();
  });

  /** @param {any} call */
  function makeRow(call) {
    const time = el('div');
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
      {},
      el('td', {}, open_),
      el('td', {}, time, received),
      el('td', {}, priorityBadge(call.priority)),
      el('td', {}, complaintName(call.complaint)),
      el('td', {}, name('vehicle', call.vehicleType)),
      el('td', {}, ...placeLines(call.location)),
    );
    row.addEventListener('click', () => open(call.callId));
    return { row, time };
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
          const made = { ...makeRow(call), call, shown };
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
      for (const { time, call } of rows.values()) showTimeLeft(time, call);
    },
    /** @param {string} callId */
    choose(callId) {
      current = callId;
      mark();
    },
    /** Back to the row the call was opened from. @param {string} callId */
    focus: (callId) => rows.get(callId)?.row.querySelector('button')?.focus(),
  };
}
