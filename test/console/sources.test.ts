/** Every string of the console in both languages, and no text anywhere but in the tables of words. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import t from 'tap';
import { parseSync, Visitor } from 'vite';

const folder = fileURLToPath(new URL('../../src/console/', import.meta.url));
const read = (file: string) => readFileSync(join(folder, file), 'utf8');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));
const tables = files.filter((file) => file.endsWith('words.ts'));

type Words = Readonly<Record<string, { readonly zh: string; readonly en: string }>>;
const wordsIn = async (file: string): Promise<Words> =>
  ((await import(pathToFileURL(join(folder, file)).href)) as { words: Words }).words;
const blanks = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
const HAN = /\p{Script=Han}/u;
/** Names that are written alike in both languages. */
const ALIKE =
  /\{\w+\}|\/docs|npm run.*dispatcher|English|CT|ECG|AML|GPS|DMEXCLP|km|m²|FHIR|ISO|OpenStreetMap|ODbL|F\d+|Esc|Enter|Alt|Ctrl|Tab|D\b/g;

t.test('there are tables of words', async (t) => t.ok(tables.length >= 2, tables.join(', ')));

for (const file of tables)
  t.test(`${file}: both languages, with the same blanks to fill, and all of it said`, async (t) => {
    const words = await wordsIn(file);
    for (const [key, { zh, en }] of Object.entries(words)) {
      t.ok(zh.trim() && en.trim(), key);
      t.same(blanks(zh), blanks(en), key);
      if (key !== 'otherLanguage') t.notMatch(en, HAN, `${key} in English`);
      t.notMatch(zh.replace(ALIKE, ''), /[a-z]{2}/i, `${key} in Chinese`);
    }
    const code = files
      .filter((other) => dirname(other).startsWith(dirname(file)) && !other.endsWith('words.ts'))
      .map(read)
      .join('\n');
    const unsaid = Object.keys(words).filter((key) => !code.includes(`'${key}'`));
    t.same(unsaid, [], 'words nobody says');
  });

/** Attributes whose value somebody reads or hears. */
const READ = new Set(['title', 'alt', 'placeholder', 'aria-label', 'aria-description', 'label']);
const LETTERS = /\p{L}{2}/u;
/** As printed on the keys, in whichever language. */
const KEYS = /^(?:Alt|Ctrl|Esc|Enter|Tab|Shift)(?:\+\w+)?\+?$/;

for (const file of files.filter((each) => !/(?:words|vocabulary)\.ts$/.test(each)))
  t.test(`${file}: no text of its own`, async (t) => {
    const { program, errors } = parseSync(file, read(file));
    t.same(errors, []);
    const found: string[] = [];
    new Visitor({
      JSXText: ({ value }) => void (LETTERS.test(value) && !KEYS.test(value.trim()) && found.push(value.trim())),
      JSXAttribute: ({ name, value }) => {
        if (name.type === 'JSXIdentifier' && READ.has(name.name) && value?.type === 'Literal')
          found.push(String(value.value));
      },
      Literal: ({ value }) => void (typeof value === 'string' && HAN.test(value) && found.push(value)),
      TemplateElement: ({ value }) => void (HAN.test(value.raw) && found.push(value.raw)),
    }).visit(program);
    t.same(found, []);
  });

t.test('nothing inline, nothing as markup', async (t) => {
  const code = files.map(read).join('\n');
  t.notMatch(
    code,
    /dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/,
  );
  t.notMatch(read('index.html'), /<style|style=|\son\w+=|<script(?![^>]*src=)/);
});

t.test('nothing of another host', async (t) => {
  for (const file of [...files, 'index.html']) t.notMatch(read(file), /https?:\/\/(?!\$)/, file);
});
