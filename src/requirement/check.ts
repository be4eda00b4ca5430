/** The checks no schema can make: every name a protocol file uses must be defined in another, once, and fit there. */
import { type ComplaintCode, capabilities, complaintCodes, vehicleTypes } from '../domain/vocabulary.ts';
import { expandRange } from './concepts.ts';
import type { Path, Placed, ProtocolFiles } from './files.ts';
import type { ComplaintEntry, Effect, Question, RuleEntry } from './schema.ts';

const isComplaint = (code: string): code is ComplaintCode => (complaintCodes as readonly string[]).includes(code);

/** Problems of files that already fit their schemas, each as `file:line:column: what is wrong`. Empty when sound. */
export function crossCheck(files: ProtocolFiles): string[] {
  const problems: string[] = [];
  const refuse = (entry: Placed<unknown>, path: Path, detail: string) => problems.push(`${entry.at(path)}: ${detail}`);
  const { head, vehicles } = files;
  const once = <T>(kind: string, entries: readonly (readonly [string, Placed<T>])[]) => {
    const seen = new Map<string, Placed<T>>();
    for (const [id, entry] of entries) {
      const first = seen.get(id);
      if (first) refuse(entry, [], `${kind} "${id}" is defined twice, first at ${first.at()}`);
      else seen.set(id, entry);
    }
    return seen;
  };
  const sources = once('source', files.sources);
  const cautions = once('caution', files.cautions);
  const groups = once('group', files.groups);
  const complaints = once('complaint', files.complaints);
  once(
    'rule',
    files.rules.map((rule) => [rule.value.id, rule] as const),
  );

  const checkSource = (entry: Placed<unknown>, path: Path, source: string) => {
    if (!sources.has(source)) refuse(entry, path, `unknown source "${source}"`);
  };
  const checkEffect = (entry: Placed<unknown>, path: Path, effect: Effect) =>
    effect.cautions?.forEach((code, i) => {
      if (!cautions.has(code)) refuse(entry, [...path, 'cautions', i], `unknown caution "${code}"`);
    });
  const checkQuestion = (entry: Placed<unknown>, path: Path, question: Question) => {
    const options = Object.entries(question.options);
    if (options.length < 2) refuse(entry, path, 'a question needs two options at least');
    const keys = new Set(['u']);
    for (const [code, option] of options) {
      if (code === 'unknown') refuse(entry, [...path, 'options', code], '"unknown" is always offered, do not list it');
      if (keys.has(option.key))
        refuse(entry, [...path, 'options', code], `key "${option.key}" is taken ("u" is unknown)`);
      keys.add(option.key);
    }
  };

  // The decision leans on these two: their options and order are fixed, their wording is not.
  const fixed = { conscious: 'yes, no', breathing: 'normal, abnormal, absent' } as const;
  for (const name of ['conscious', 'breathing'] as const) {
    const question = head.value.everyComplaint[name];
    const path = ['everyComplaint', name];
    if (Object.keys(question.options).join(', ') !== fixed[name]) refuse(head, path, `options must be ${fixed[name]}`);
    checkQuestion(head, path, question);
  }

  checkVehicles(vehicles, refuse);
  for (const [id, entry] of groups) {
    if (!entry.value.codes && !entry.value.allergyTo) refuse(entry, [], `group "${id}" has no codes`);
    for (const list of ['codes', 'allergyTo'] as const) {
      entry.value[list]?.['icd-10']?.forEach((written, i) => {
        if (expandRange(written) === null) refuse(entry, [list, 'icd-10', i], `"${written}" is not a range`);
      });
    }
  }
  for (const code of complaintCodes) {
    if (!complaints.has(code)) problems.push(`complaints/: complaint "${code}" is missing`);
  }
  for (const [code, entry] of complaints) {
    if (!isComplaint(code)) refuse(entry, [], `unknown complaint "${code}"`);
    checkSource(entry, ['base', 'source'], entry.value.base.source);
    checkEffect(entry, ['base'], entry.value.base);
    for (const [name, question] of Object.entries(entry.value.questions)) {
      const path = ['questions', name];
      if (Object.hasOwn(fixed, name)) refuse(entry, path, `"${name}" is asked on every call, do not list it`);
      checkQuestion(entry, path, question);
    }
  }
  for (const rule of files.rules) {
    const { id, source, when, adds } = rule.value;
    if (id.endsWith('.base')) refuse(rule, ['id'], 'names ending in .base belong to the complaints');
    checkSource(rule, ['source'], source);
    checkEffect(rule, ['adds'], adds);
    when.group?.forEach((group, i) => {
      if (!groups.has(group)) refuse(rule, ['when', 'group', i], `unknown group "${group}"`);
    });
    checkAnswers(rule, complaints, head.value.everyComplaint, refuse);
  }
  return problems;
}

type Refuse = (entry: Placed<unknown>, path: Path, detail: string) => void;

function checkVehicles(vehicles: ProtocolFiles['vehicles'], refuse: Refuse) {
  const bound = new Set(vehicleTypes.flatMap((type) => vehicles.value.classes[type]?.capabilities ?? []));
  for (const capability of capabilities) {
    const loose = vehicles.value.equipment.includes(capability);
    if (bound.has(capability) && loose) refuse(vehicles, ['equipment'], `"${capability}" is bound to a class already`);
    if (!bound.has(capability) && !loose)
      refuse(vehicles, ['equipment'], `no class and no equipment gives "${capability}"`);
  }
}

function checkAnswers(
  rule: Placed<RuleEntry>,
  complaints: ReadonlyMap<string, Placed<ComplaintEntry>>,
  everyComplaint: Readonly<Record<string, Question>>,
  refuse: Refuse,
) {
  const { complaint, answers } = rule.value.when;
  for (const [name, { atLeast }] of Object.entries(answers ?? {})) {
    const common = Object.hasOwn(everyComplaint, name) ? everyComplaint[name] : undefined;
    const path = ['when', 'answers', name];
    if (!common && !complaint) refuse(rule, path, `"${name}" is not asked on every call: name the complaints`);
    for (const code of common ? ['every complaint'] : (complaint ?? [])) {
      const question = common ?? complaints.get(code)?.value.questions[name];
      if (!question) refuse(rule, path, `complaint "${code}" has no question "${name}"`);
      else if (!Object.hasOwn(question.options, atLeast)) {
        refuse(rule, [...path, 'atLeast'], `question "${name}" of ${code} has no option "${atLeast}"`);
      }
    }
  }
}
