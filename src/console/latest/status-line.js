/** The two lines on top: how the connection is, and what came of the last thing done. Said again when the language changes. */
import { byId } from './dom.js';

/** @typedef {() => string} Text */

const state = byId('state', HTMLParagraphElement);
const notice = byId('notice', HTMLParagraphElement);
/** @type {Text} */
let status = () => '';
/** @type {Text} */
let news = () => '';

/** @param {Text} text @param {boolean} [alarming] */
export function tell(text, alarming = false) {
  status = text;
  if (state.textContent !== text()) state.textContent = text();
  state.classList.toggle('lost', alarming);
}

/** Stays until the next thing is done. @param {Text} text */
export function tellNews(text) {
  news = text;
  notice.textContent = text();
  notice.hidden = notice.textContent === '';
}

export function sayAgain() {
  state.textContent = status();
  tellNews(news);
}
