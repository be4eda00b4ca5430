/** What the service calls its complaints, rules, risk groups and sub-districts; read once, labels in both languages. */
import { ask } from './api.js';
import { inLanguage, listed, name, say } from './language.js';

/** @typedef {{ readonly zh: string, readonly en: string }} Label */

/** @type {Map<string, any>} */
let complaints = new Map();
/** @type {Map<string, Label>} */
let groups = new Map();
/** @type {Map<string, any>} */
let effects = new Map();
/** @type {Map<string, { readonly title: string }>} */
let sources = new Map();
/** @type {Map<string, string>} */
let areas = new Map();

export async function readReference() {
  const [asked, protocol, places] = await Promise.all([ask('/v1/complaints'), ask('/v1/protocol'), ask('/v1/areas')]);
  complaints = new Map(asked.complaints.map((/** @type {any} */ each) => [each.code, each]));
  groups = new Map(protocol.groups.map((/** @type {any} */ each) => [each.id, each.label]));
  effects = new Map(protocol.rules.map((/** @type {any} */ each) => [each.id, each.adds]));
  sources = new Map(protocol.sources.map((/** @type {any} */ each) => [each.id, each]));
  areas = new Map(places.areas.map((/** @type {any} */ each) => [each.subdistrictCode, each.name]));
}

/** @param {string} code */
export const complaintName = (code) => (complaints.has(code) ? inLanguage(complaints.get(code).label) : code);

/** @param {string} code */
export const areaName = (code) => areas.get(code) ?? code;

/** @param {string} id */
export const sourceOf = (id) => sources.get(id) ?? null;

/**
 * What a rule adds, in the page's language; as the service wrote it where the rule is not of the protocol read.
 * @param {{ rule: string, effect: string }} reason
 * @param {{ code: string, text: Label }[]} cautions of the same answer
 */
export function effectOf({ rule, effect }, cautions) {
  const adds = effects.get(rule);
  if (!adds) return effect;
  const names = (/** @type {string} */ kind, /** @type {string[]} */ list) =>
    listed(list.map((each) => name(kind, each)));
  const caution = (/** @type {string} */ code) => {
    const text = cautions.find((each) => each.code === code)?.text;
    return say('saysCautions', { what: text ? inLanguage(text).replace(/[.。]$/, '') : code });
  };
  const parts = [
    adds.priority && say('saysPriority', { level: name('priority', adds.priority) }),
    adds.require && say('saysRequire', { what: names('capability', adds.require) }),
    adds.prefer && say('saysPrefer', { what: names('capability', adds.prefer) }),
    adds.hospitals && say('saysHospitals', { what: names('hospital', adds.hospitals) }),
    adds.cautions?.map(caution).join(say('partSeparator')),
  ];
  return parts.filter(Boolean).join(say('partSeparator'));
}

/** How the parts of a fact are written in the record, and what they are called here. @type {[RegExp, string][]} */
const patterns = [
  [/^age (\d+)$/, 'factAge'],
  [/^floor (-?\d+)$/, 'factFloor'],
  [/^no lift$/, 'factNoLift'],
  [/^lives alone$/, 'factAlone'],
  [/^weight (.+)$/, 'factWeight'],
  [/^pregnant (\d+) weeks$/, 'factPregnant'],
  [/^every call$/, 'factEvery'],
];

/**
 * The fact a rule fired on, in the page's language; a part it cannot read stays as the record has it.
 * @param {string} fact parts joined by ` + `
 * @param {string} complaint its code
 */
export const factOf = (fact, complaint) => listed(fact.split(' + ').map((part) => factPart(part, complaint)));

/** A code as written: the system in capitals, or only the words where there is no code. @param {string} code */
export const codeText = (code) => code.replace(/^text /, '').replace(/^[a-z]\S* /, (system) => system.toUpperCase());

/** @param {string} part @param {string} complaint */
function factPart(part, complaint) {
  if (part === `complaint ${complaint}`) return complaintName(complaint);
  for (const [pattern, key] of patterns) {
    const found = pattern.exec(part);
    if (found) return say(key, { value: found[1] ?? '' });
  }
  const [group = '', ...code] = part.split(': ');
  const label = groups.get(group);
  if (label) return say('colon', { title: inLanguage(label), text: codeText(code.join(': ')) });
  const [question = '', option = ''] = part.split(' ');
  if (question === 'mobility') return name('mobility', option);
  const asked = complaints.get(complaint)?.questions.find((/** @type {any} */ each) => each.code === question);
  const given = asked?.options.find((/** @type {any} */ each) => each.code === option);
  return given ? `${inLanguage(asked.text)} ${inLanguage(given.label)}` : name('sex', part);
}
