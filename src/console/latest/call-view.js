/** One call: what is needed and why, who it may be, where to, and which units can be there first. */
import { serviceNow } from './api.js';
import { placeText, priorityBadge } from './call-list.js';
import { el } from './dom.js';
import { clockTime, inLanguage, listed, minutes, name, say } from './language.js';
import { codeText, complaintName, effectOf, factOf, sourceOf } from './reference.js';

/** @typedef {import('./dom.js').Child} Child */

const MATCHES_SHOWN = 6;

/** @param {string} title @param {...Child} children */
const section = (title, ...children) => el('section', {}, el('h3', {}, title), ...children);

/** @param {Child[][]} items */
const list = (items) => el('ul', {}, ...items.map((children) => el('li', {}, ...children)));

/** @param {string[]} codes */
const capabilities = (codes) =>
  codes.length ? listed(codes.map((each) => name('capability', each))) : say('nothingSpecial');

/**
 * @param {any} answer as `GET /v1/calls/{callId}` gives it
 * @param {Send} send
 */
export function callView({ call, matches, recommendation, units }, send) {
  const flags = [...call.flags, ...recommendation.flags];
  return [
    el(
      'p',
      { class: 'answer' },
      priorityBadge(recommendation.priority),
      el('strong', {}, name('vehicle', recommendation.vehicleType)),
      el('span', {}, name('basis', recommendation.basis)),
    ),
    el('p', {}, `${clockTime(call.receivedAt)} · ${placeText(call.location)}`),
    ...flags.map((flag) => el('p', { class: 'flag' }, `⚠ ${name('flag', flag)}`)),
    section(
      say('unitsAt', { time: clockTime(new Date(serviceNow()).toISOString()) }),
      units.length ? unitTable(units, send) : el('p', {}, say('noUnits')),
    ),
    section(
      say('needs'),
      el('p', {}, say('colon', { title: say('required'), text: capabilities(recommendation.capabilities.required) })),
      el('p', {}, say('colon', { title: say('preferred'), text: capabilities(recommendation.capabilities.preferred) })),
    ),
    recommendation.cautions.length > 0 &&
      section(say('cautions'), list(recommendation.cautions.map((/** @type {any} */ { text }) => [inLanguage(text)]))),
    section(say('who'), matches.length ? matchList(matches) : el('p', {}, say('nobody'))),
    section(say('hospitals'), list(recommendation.hospitals.map(hospitalItem))),
    section(
      say('why'),
      list(
        recommendation.reasons.map((/** @type {any} */ each) =>
          reasonItem(each, call.complaint, recommendation.cautions),
        ),
      ),
    ),
    recommendation.unmapped.length > 0 &&
      section(
        say('unmapped'),
        list(
          recommendation.unmapped.map((/** @type {any} */ { system, code, display = '' }) => [
            codeText(`${system} ${code} ${display}`),
          ]),
        ),
      ),
    el('p', { class: 'quiet' }, say('protocol', { version: recommendation.protocolVersion })),
  ];
}

/** @param {any} call */
export const callTitle = ({ number, complaint }) => say('callNumber', { number, complaint: complaintName(complaint) });

/** @param {any[]} matches */
function matchList(matches) {
  const rest = matches.length - MATCHES_SHOWN;
  return el(
    'ul',
    {},
    ...matches.slice(0, MATCHES_SHOWN).map((match) => el('li', {}, ...matchItem(match))),
    rest > 0 && el('li', {}, `+ ${rest}`),
  );
}

/** @param {any} match @returns {Child[]} */
function matchItem(match) {
  const agreeing = match.evidence.filter((/** @type {any} */ { field, weight }) => weight > 0 || field === 'confirmed');
  const fields = agreeing.map((/** @type {any} */ { field }) => name('field', field));
  const about = [
    name('sex', match.sex),
    say('years', { age: match.ageYears }),
    match.livesAlone === true && say('livesAlone'),
    `${name('grade', match.grade)} (${say('sure', { percent: (match.confidence * 100).toFixed(1) })})`,
  ];
  return [
    el('strong', { lang: 'zh-CN' }, match.name),
    ` · ${about.filter(Boolean).join(' · ')}`,
    el('div', { class: 'quiet' }, `${say('evidence', { fields: listed(fields) })} · ${match.residentId}`),
  ];
}

/** @param {any} hospital @returns {Child[]} */
function hospitalItem({ name: hospital, etaSeconds, why }) {
  const reasons = why.split(', ').map((/** @type {string} */ each) => {
    const lacking = /^lacks (.+)$/.exec(each)?.[1];
    return lacking ? say('lacks', { what: name('hospital', lacking) }) : name('hospital', each);
  });
  const away = etaSeconds === null ? say('unpredicted') : say('minutesAway', { time: minutes(etaSeconds) });
  return [el('span', { lang: 'zh-CN' }, hospital), ` · ${away} · ${listed(reasons)}`];
}

/** @param {any} reason @param {string} complaint @param {any[]} cautions @returns {Child[]} */
function reasonItem(reason, complaint, cautions) {
  const source = sourceOf(reason.source);
  const named = say('ruleAndSource', { rule: reason.rule, source: reason.source });
  return [
    effectOf(reason, cautions),
    el('div', {}, say('because', { fact: factOf(reason.fact, complaint) })),
    el('div', { class: 'quiet', title: source?.title }, named),
  ];
}

/** @typedef {(unit: any, cell: HTMLElement) => void} Send */

/** @param {any[]} units @param {Send} send */
function unitTable(units, send) {
  const heads = ['unit', 'arrives', 'distance', 'satisfies'];
  return el(
    'div',
    { class: 'scroll' },
    el(
      'table',
      { class: 'units' },
      el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, say(head))))),
      el('tbody', {}, ...units.map((unit, place) => unitRow(unit, place === 0 && unit.satisfies, send))),
    ),
  );
}

/** @param {any} unit @param {boolean} best @param {Send} send */
function unitRow(unit, best, send) {
  const { predictedResponseSeconds: seconds, distanceMetres: metres, shortfalls } = unit;
  const missing = shortfalls.map((/** @type {string} */ each) =>
    each.startsWith('position-') ? name('shortfall', each) : name('capability', each),
  );
  return el(
    'tr',
    best ? { class: 'best' } : {},
    el(
      'td',
      {},
      unit.unitId,
      el('div', { class: 'quiet' }, `${name('vehicle', unit.vehicleType)} · ${name('unit', unit.status)}`),
    ),
    seconds === null
      ? el('td', {}, say('unpredicted'))
      : el(
          'td',
          {},
          el('span', { class: 'figure' }, minutes(seconds)),
          el('div', { class: unit.meetsTarget ? 'in-time' : 'late' }, say(unit.meetsTarget ? 'inTime' : 'late')),
        ),
    el('td', { class: 'figure' }, metres === null ? '—' : say('kilometres', { km: (metres / 1000).toFixed(1) })),
    el(
      'td',
      {},
      unit.satisfies
        ? el('div', { class: 'in-time' }, say('yes'))
        : el('div', { class: 'lacks' }, `✗ ${say('lacks', { what: listed(missing) })}`),
      sendButton(unit, send),
    ),
  );
}

/** @param {any} unit @param {Send} send */
function sendButton(unit, send) {
  const button = el('button', { type: 'button', 'aria-label': say('sendUnit', { unit: unit.unitId }) }, say('send'));
  button.addEventListener('click', () => send(unit, /** @type {HTMLElement} */ (button.parentElement)));
  return button;
}
