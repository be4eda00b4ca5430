/** The response clock of a call: runs from the call to the first ambulance that has what the patient needs. */
import { serviceNow } from './api.js';
import { el } from './dom.js';
import { minutes, say } from './language.js';

const WARN_AT_SHARE = 0.75;

/** @param {any} call */
export const hasEnded = ({ status }) => status === 'closed' || status === 'cancelled';

/** @param {any} call as listed */
function read({ receivedAt, responseDueAt, onSceneAt, predictedOnSceneAt, ...call }) {
  const from = Date.parse(receivedAt);
  const target = (Date.parse(responseDueAt) - from) / 1000;
  const running = !onSceneAt && !hasEnded(call);
  const elapsed = ((onSceneAt ? Date.parse(onSceneAt) : serviceNow()) - from) / 1000;
  const willBeLate = Boolean(predictedOnSceneAt && predictedOnSceneAt > responseDueAt);
  return { running, reached: Boolean(onSceneAt), elapsed, target, willBeLate };
}

/**
 * Shows the clock as it stands now. Texts are only written where they changed, so that nothing flickers.
 * @param {any} call as listed
 */
export function makeClock(call) {
  const figure = el('div', { class: 'clock figure' });
  const words = el('div');
  function tick() {
    const { running, reached, elapsed, target, willBeLate } = read(call);
    const late = elapsed > target;
    const soon = !late && running && (elapsed >= target * WARN_AT_SHARE || willBeLate);
    const level = late ? 'late' : soon ? 'soon' : 'in-time';
    put(figure, running || reached ? minutes(elapsed) : '—', `clock figure ${running || reached ? level : 'quiet'}`);
    if (reached) put(words, say(late ? 'arrivedLate' : 'arrivedInTime'), level);
    else if (!running) put(words, say('nobodyArrived'), 'quiet');
    else if (late) put(words, say('over', { time: minutes(elapsed - target) }), level);
    else put(words, `${soon ? '⚠ ' : ''}${say('left', { time: minutes(target - elapsed) })}`, level);
  }
  tick();
  return { nodes: [figure, words], tick };
}

/** @param {HTMLElement} element @param {string} text @param {string} className */
function put(element, text, className) {
  if (element.textContent !== text) element.textContent = text;
  if (element.className !== className) element.className = className;
}
