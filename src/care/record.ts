/** The care record: entries judged as they come, and laid together by time as they are read. Pure. */
import { type FieldProblem, Problem } from '../domain/errors.ts';
import type { Instant } from '../domain/time.ts';
import { canonical } from './canonical.ts';
import {
  type Attachment,
  type CareRecordInput,
  type CareRecordView,
  type EntryKind,
  type EntryList,
  entryKinds,
  entryLists,
  type Vitals,
} from './schema.ts';

/** Any entry, whatever its list. */
export interface Entry {
  readonly entryId: string;
  readonly at: string;
  readonly amends?: string;
  readonly reason?: string;
  readonly withdrawn?: true;
  readonly [field: string]: unknown;
}

export interface KeptEntry {
  readonly kind: EntryKind;
  readonly entry: Entry;
  readonly heardAt: string;
  readonly by: { readonly role: string; readonly subject: string };
  readonly flags: readonly string[];
}

export const entryContext = (callId: string, entryId: string) => `call:${callId}:care:${entryId}`;
export const attachmentContext = (callId: string, attachmentId: string) => `call:${callId}:attachment:${attachmentId}`;

/**
 * What a living person may show, with room beyond the records of survivors: outside it the cuff slipped or a key was
 * missed. Judged here; zero pulse or breaths are possible in arrest and are not flagged.
 */
export const life: Readonly<Record<string, readonly [least: number, most: number]>> = {
  heartRate: [0, 350],
  respiratoryRate: [0, 120],
  systolicMmHg: [0, 350],
  diastolicMmHg: [0, 250],
  oxygenSaturationPercent: [0, 100],
  temperatureCelsius: [9, 47],
  glucoseMmolPerLitre: [0.1, 150],
  endTidalCo2MmHg: [0, 200],
};
const CLOCK_SKEW_MS = 60_000;
const LATE_MS = 60 * 60_000;

/** What is odd about an entry; it is kept all the same. */
export function flagsOf(
  entry: Entry,
  call: { readonly receivedAt: Instant; readonly endedAt: Instant | null },
  heardAt: Instant,
): string[] {
  const at = Date.parse(entry.at);
  const flags = Object.entries(life)
    .filter(([field, [least, most]]) => {
      const value = entry[field];
      return typeof value === 'number' && (value < least || value > most);
    })
    .map(([field]) => `outside-life:${field}`);
  const { systolicMmHg: systolic, diastolicMmHg: diastolic } = entry as Partial<Vitals>;
  if (systolic !== undefined && diastolic !== undefined && diastolic > systolic) flags.push('diastolic-above-systolic');
  if (at < call.receivedAt - CLOCK_SKEW_MS) flags.push('before-call');
  if (at > heardAt + CLOCK_SKEW_MS) flags.push('in-future');
  if (heardAt - at > LATE_MS) flags.push('late');
  if (call.endedAt !== null && at > call.endedAt + CLOCK_SKEW_MS) flags.push('after-end');
  return flags;
}

export interface NewEntry {
  readonly kind: EntryKind;
  readonly entry: Entry;
  /** Where it stood in what was sent. */
  readonly field: string;
}

/** All entries of a record as sent, each with its place. */
export const entriesOf = (input: CareRecordInput): NewEntry[] =>
  (Object.keys(entryKinds) as EntryList[]).flatMap((list) =>
    ((input[list] ?? []) as readonly Entry[]).map((entry, i) => ({
      kind: entryKinds[list],
      entry,
      field: `${list}[${i}]`,
    })),
  );

const administrative = new Set(['entryId', 'at', 'amends', 'reason', 'withdrawn']);

/**
 * Which of the entries sent are new. What was sent before and is the same is passed over; nothing is ever overwritten.
 * Throws `entry-changed` (409) for an id that stands for something else already, `invalid-field` for an amendment of
 * nothing, of another kind or of itself, and for an entry that says nothing.
 */
export function newEntries(sent: readonly NewEntry[], kept: readonly KeptEntry[]): NewEntry[] {
  const known = new Map(kept.map(({ kind, entry }) => [entry.entryId, { kind, text: canonical(entry) }]));
  const added: NewEntry[] = [];
  const changed: FieldProblem[] = [];
  const wrong: FieldProblem[] = [];
  for (const one of sent) {
    const { kind, entry, field } = one;
    const text = canonical(entry);
    const there = known.get(entry.entryId);
    if (there) {
      if (there.kind !== kind || there.text !== text)
        changed.push({ field: `${field}.entryId`, detail: 'stands for another entry already: amend that one' });
      continue;
    }
    known.set(entry.entryId, { kind, text });
    added.push(one);
    if (entry.withdrawn && entry.amends === undefined)
      wrong.push({ field: `${field}.withdrawn`, detail: 'needs amends: what is withdrawn' });
    if (!entry.withdrawn && Object.keys(entry).every((name) => administrative.has(name)))
      wrong.push({ field, detail: 'says nothing' });
  }
  for (const { kind, entry, field } of added) {
    if (entry.amends === undefined) continue;
    const amended = known.get(entry.amends);
    if (entry.amends === entry.entryId || amended?.kind !== kind)
      wrong.push({ field: `${field}.amends`, detail: 'is no earlier entry of this list' });
  }
  if (changed.length) throw new Problem('entry-changed', changed);
  if (wrong.length) throw new Problem('invalid-field', wrong);
  // An original is written before what amends it, in whatever order they were sent.
  const ids = new Set(added.map(({ entry }) => entry.entryId));
  const depth = (entry: Entry, seen = 0): number => {
    const amended = entry.amends !== undefined && ids.has(entry.amends) ? entry.amends : null;
    const next = amended === null ? undefined : added.find((one) => one.entry.entryId === amended)?.entry;
    if (!next) return seen;
    if (seen > added.length)
      throw new Problem('invalid-field', [{ field: 'amends', detail: 'goes round in a circle' }]);
    return depth(next, seen + 1);
  };
  return added
    .map((one) => ({ one, depth: depth(one.entry) }))
    .sort((a, b) => a.depth - b.depth)
    .map(({ one }) => one);
}

/** The record as read: each series by the time things happened, amended entries pointing to what replaced them. */
export function recordView(
  callId: string,
  kept: readonly KeptEntry[],
  attachments: readonly Attachment[],
): CareRecordView {
  const replacedBy = new Map<string, string>();
  for (const { entry } of kept) if (entry.amends !== undefined) replacedBy.set(entry.amends, entry.entryId);
  const list = (name: EntryList) =>
    kept
      .filter(({ kind }) => kind === entryKinds[name])
      .sort((a, b) => Date.parse(a.entry.at) - Date.parse(b.entry.at) || (a.entry.entryId < b.entry.entryId ? -1 : 1))
      .map(({ entry, heardAt, by, flags }) => {
        const amendedBy = replacedBy.get(entry.entryId);
        return { ...entry, heardAt, by, flags: [...flags], ...(amendedBy === undefined ? {} : { amendedBy }) };
      });
  const lists = Object.fromEntries((Object.keys(entryLists) as EntryList[]).map((name) => [name, list(name)]));
  return { callId, ...lists, attachments: [...attachments] } as unknown as CareRecordView;
}

/** Entries that stand: not amended, not withdrawn, in order of time. */
export function standing(kept: readonly KeptEntry[]): KeptEntry[] {
  const amended = new Set(kept.flatMap(({ entry }) => (entry.amends === undefined ? [] : [entry.amends])));
  return kept
    .filter(({ entry }) => !amended.has(entry.entryId) && !entry.withdrawn)
    .sort((a, b) => Date.parse(a.entry.at) - Date.parse(b.entry.at));
}
