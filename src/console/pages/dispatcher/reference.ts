/** What the service calls its complaints, rules and risk groups; read once a page, said in the page's language. */
import { signal } from '@preact/signals';
import type { ComplaintsReply, ProtocolReply } from '../../../requirement/describe.ts';
import { ask } from '../../shell/api.ts';
import { inLanguage, listed, name, speak } from '../../shell/language.ts';
import { words } from './words.ts';

const say = speak('dispatcher', words);

export type Complaint = ComplaintsReply['complaints'][number];
export type Question = Complaint['questions'][number];

export const complaints = signal<ReadonlyMap<string, Complaint>>(new Map());
const groups = signal<ReadonlyMap<string, ProtocolReply['groups'][number]>>(new Map());
const rules = signal<ReadonlyMap<string, ProtocolReply['rules'][number]>>(new Map());
const sources = signal<ReadonlyMap<string, ProtocolReply['sources'][number]>>(new Map());

export async function readReference(): Promise<void> {
  if (complaints.peek().size > 0) return;
  const [asked, protocol] = await Promise.all([
    ask<ComplaintsReply>('/v1/complaints'),
    ask<ProtocolReply>('/v1/protocol'),
  ]);
  groups.value = new Map(protocol.groups.map((each) => [each.id, each]));
  rules.value = new Map(protocol.rules.map((each) => [each.id, each]));
  sources.value = new Map(protocol.sources.map((each) => [each.id, each]));
  complaints.value = new Map(asked.complaints.map((each) => [each.code, each]));
}

export const complaintName = (code: string): string => {
  const found = complaints.value.get(code);
  return found ? inLanguage(found.label) : code;
};
export const groupName = (id: string): string => {
  const found = groups.value.get(id);
  return found ? inLanguage(found.label) : id;
};
export const sourceTitle = (id: string): string | undefined => sources.value.get(id)?.title;

interface Reason {
  readonly rule: string;
  readonly fact: string;
  readonly effect: string;
}
interface Caution {
  readonly code: string;
  readonly text: { readonly zh: string; readonly en: string };
}

/** What a rule adds; as the service wrote it where the rule is not of the protocol read. */
export function effectOf({ rule, effect }: Reason, cautions: readonly Caution[]): string {
  const adds = rules.value.get(rule)?.adds;
  if (!adds) return effect;
  const names = (kind: string, list: readonly string[]) => listed(list.map((each) => name(kind, each)));
  const caution = (code: string) => {
    const text = cautions.find((each) => each.code === code)?.text;
    return say('saysCautions', { what: text ? inLanguage(text).replace(/[.。]$/, '') : code });
  };
  return [
    adds.priority && say('saysPriority', { level: name('priority', adds.priority) }),
    adds.require && say('saysRequire', { what: names('capability', adds.require) }),
    adds.prefer && say('saysPrefer', { what: names('capability', adds.prefer) }),
    adds.hospitals && say('saysHospitals', { what: names('hospital', adds.hospitals) }),
    ...(adds.cautions ?? []).map(caution),
  ]
    .filter(Boolean)
    .join(say('partSeparator'));
}

/** How the parts of a fact are written in the record, and what they are called here. */
const patterns = [
  [/^age (\d+)$/, 'factAge'],
  [/^floor (-?\d+)$/, 'factFloor'],
  [/^no lift$/, 'factNoLift'],
  [/^lives alone$/, 'factAlone'],
  [/^weight (.+)$/, 'factWeight'],
  [/^pregnant (\d+) weeks$/, 'factPregnant'],
  [/^every call$/, 'factEvery'],
] as const;

/** The fact a rule fired on; a part it cannot read stays as the record has it. */
export const factOf = (fact: string, complaint: string): string =>
  listed(fact.split(' + ').map((part) => factPart(part, complaint)));

/** A code as written: the system in capitals, or only the words where there is no code. */
export const codeText = (code: string): string =>
  code.replace(/^text /, '').replace(/^[a-z]\S* /, (system) => system.toUpperCase());

function factPart(part: string, complaint: string): string {
  if (part === `complaint ${complaint}`) return complaintName(complaint);
  for (const [pattern, key] of patterns) {
    const found = pattern.exec(part);
    if (found) return say(key, { value: found[1] ?? '' });
  }
  const [group = '', ...code] = part.split(': ');
  const label = groups.value.get(group)?.label;
  if (label) return say('colon', { title: inLanguage(label), text: codeText(code.join(': ')) });
  const [question = '', option = ''] = part.split(' ');
  if (question === 'mobility') return name('mobility', option);
  const asked = complaints.value.get(complaint)?.questions.find((each) => each.code === question);
  const given = asked?.options.find((each) => each.code === option);
  return asked && given ? `${inLanguage(asked.text)} ${inLanguage(given.label)}` : name('sex', part);
}
