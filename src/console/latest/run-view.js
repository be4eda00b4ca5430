/** A call as it is lived through: its clock, who is on it, and each point passed with the time since the call. */
import { unitText } from './call-list.js';
import { hasEnded, makeClock } from './clock.js';
import { el } from './dom.js';
import { clockTime, minutes, name, say } from './language.js';

/**
 * @param {any} call as listed
 * @param {{ standDown: (unitId: string) => void, end: (ending: 'close' | 'cancel') => void }} actions
 */
export function runView(call, { standDown, end }) {
  const clock = makeClock(call);
  const node = el(
    'section',
    { class: 'run' },
    el('div', { class: 'clocks' }, ...clock.nodes, el('strong', {}, name('call', call.status))),
    call.units.length > 0 &&
      el(
        'ul',
        {},
        ...call.units.map((/** @type {any} */ unit) =>
          el(
            'li',
            {},
            `${unitText(unit)} `,
            button(say('standDown'), say('standDownUnit', { unit: unit.unitId }), () => standDown(unit.unitId)),
          ),
        ),
      ),
    pointList(call),
    !hasEnded(call) &&
      el(
        'p',
        {},
        button(say('closeCall'), say('closeCall'), () => end('close')),
        ' ',
        button(say('cancelCall'), say('cancelCall'), () => end('cancel')),
      ),
  );
  return { node, tick: clock.tick };
}

/** @param {string} text @param {string} label @param {() => void} act */
function button(text, label, act) {
  const made = el('button', { type: 'button', 'aria-label': label }, text);
  made.addEventListener('click', act);
  return made;
}

/** @param {any} call */
function pointList({ receivedAt, timePoints }) {
  const points = Object.entries({ 'call-received': receivedAt, ...timePoints }).sort(([, a], [, b]) =>
    a < b ? -1 : 1,
  );
  const since = (/** @type {string} */ at) => minutes((Date.parse(at) - Date.parse(receivedAt)) / 1000);
  return el(
    'ol',
    { class: 'points' },
    ...points.map(([point, at]) =>
      el(
        'li',
        {},
        el('span', { class: 'figure' }, `+${since(at)}`),
        ` ${name('point', point)} `,
        el('time', { class: 'quiet', datetime: at }, clockTime(at)),
      ),
    ),
  );
}
