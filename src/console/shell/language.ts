/** Which language the page speaks, and saying things in it. Reading it while drawing draws anew when it changes. */
import { effect, signal } from '@preact/signals';
import i18next from 'i18next';
import { vocabulary } from './vocabulary.ts';

export type Language = 'zh' | 'en';
/** A page's words, in both languages; a `{name}` is filled in. */
export type Words = Readonly<Record<string, Readonly<Record<Language, string>>>>;
export type Values = Readonly<Record<string, string | number>>;

const CHOICE = 'precision-dispatch.language';

function chosenBefore(): Language | null {
  const choice = localStorage.getItem(CHOICE);
  return choice === 'zh' || choice === 'en' ? choice : null;
}

export const language = signal<Language>(
  chosenBefore() ?? (navigator.languages.some((each) => each.startsWith('zh')) ? 'zh' : 'en'),
);

void i18next.init({
  initAsync: false,
  lng: language.peek(),
  resources: {},
  keySeparator: false,
  nsSeparator: false,
  // Text reaches the page as text, never as markup.
  interpolation: { prefix: '{', suffix: '}', escapeValue: false },
});

/** As an HTML `lang`, and for dates. */
export const locale = (): string => (language.value === 'zh' ? 'zh-CN' : 'en-GB');

effect(() => {
  document.documentElement.lang = locale();
});

export function switchLanguage(): void {
  language.value = language.value === 'zh' ? 'en' : 'zh';
  localStorage.setItem(CHOICE, language.value);
}
// Another tab or frame of the same desk follows.
addEventListener('storage', ({ key }) => {
  if (key === CHOICE) language.value = chosenBefore() ?? language.value;
});

/**
 * The voice of one page: `const say = speak('crew', words)`, then `say('key', { name })`; a key that is not in `words`
 * does not compile.
 */
export function speak<W extends Words>(page: string, words: W): (key: keyof W & string, values?: Values) => string {
  for (const lng of ['zh', 'en'] as const)
    i18next.addResourceBundle(
      lng,
      page,
      Object.fromEntries(Object.entries(words).map(([key, text]) => [key, text[lng]])),
    );
  return (key, values = {}) => i18next.t(key, { ns: page, lng: language.value, replace: values });
}

/** A word of the service, or the word itself where a newer service uses one this page does not know. */
export const name = (kind: string, word: string | number): string =>
  vocabulary[`${kind}.${word}`]?.[language.value] ?? String(word);

export const inLanguage = (text: Readonly<Record<Language, string>>): string => text[language.value];

/** The `lang` of a name kept in one language only: Chinese wherever it is written so. */
export const langOf = (name: string): string => (/\p{Script=Han}/u.test(name) ? 'zh-CN' : 'en');

export const listed = (items: readonly string[]): string => items.join(language.value === 'zh' ? '、' : ', ');

/** The city's clock is everybody's, whatever zone a computer is set to: "by the end of the day" is one moment. */
const timeZone = 'Asia/Shanghai';

/** Hours, minutes and seconds of the day. `instant`: RFC 3339 or milliseconds since the epoch. */
export const clockTime = (instant: string | number): string =>
  new Date(instant).toLocaleTimeString(locale(), { hour12: false, timeZone });

/** Day and time, to the minute. */
export const dayTime = (instant: string | number): string =>
  new Date(instant).toLocaleString(locale(), { dateStyle: 'medium', timeStyle: 'short', hour12: false, timeZone });

/** Minutes and seconds, `7:05`. */
export function minutes(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** `350 m`, `1.2 km`: the units are written alike in both languages. */
export const distance = (metres: number): string =>
  metres < 950 ? `${Math.round(metres / 10) * 10} m` : `${(metres / 1000).toFixed(1)} km`;
