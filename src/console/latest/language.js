/** Which language the page speaks, and saying things in it. */
import { vocabulary } from './vocabulary.js';
import { words } from './words.js';

/** @typedef {import('./words.js').Language} Language */

const CHOICE = 'precision-dispatch.language';

/** @type {Language} */
let language = chosenBefore() ?? (navigator.languages.some((each) => each.startsWith('zh')) ? 'zh' : 'en');

function chosenBefore() {
  const choice = localStorage.getItem(CHOICE);
  return choice === 'zh' || choice === 'en' ? choice : null;
}

export function switchLanguage() {
  language = language === 'zh' ? 'en' : 'zh';
  localStorage.setItem(CHOICE, language);
}

/** As an HTML `lang`, and for dates. */
export const locale = () => (language === 'zh' ? 'zh-CN' : 'en-GB');

/**
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function say(key, values = {}) {
  const word = words[key];
  if (!word) throw new Error(`no words for ${key}`);
  return word[language].replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * A word of the service, or the word itself where a newer service uses one this page does not know.
 * @param {string} kind
 * @param {string | number} word
 */
export const name = (kind, word) => vocabulary[`${kind}.${word}`]?.[language] ?? String(word);

/** @param {{ readonly zh: string, readonly en: string }} text */
export const inLanguage = (text) => text[language];

/** @param {readonly string[]} items */
export const listed = (items) => items.join(say('listSeparator'));

/** @param {string} instant RFC 3339 */
export const clockTime = (instant) => new Date(instant).toLocaleTimeString(locale(), { hour12: false });

/** Minutes and seconds, `7:05`. @param {number} seconds */
export function minutes(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** Fills every element that carries `data-say`. */
export function sayEverywhere() {
  document.documentElement.lang = locale();
  for (const element of document.querySelectorAll('[data-say]'))
    element.textContent = say(/** @type {HTMLElement} */ (element).dataset.say ?? '');
}
