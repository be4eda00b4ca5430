/** What is being written and not saved yet: in the page's memory only, so that looking elsewhere loses nothing. */
import { signal } from '@preact/signals';
import type { Line } from './record.ts';

export const formKinds = [
  'vitals',
  'assessment',
  'picture',
  'medication',
  'procedure',
  'handover',
  'told',
  'patient',
  'note',
] as const;
export type FormKind = (typeof formKinds)[number];

export interface Draft {
  /** When it happened: RFC 3339; null is the moment it is saved. */
  readonly at: string | null;
  /** What the form of the kind holds; null until something was said. */
  readonly values: unknown;
  /** The entry this one is to replace. */
  readonly amends: Line | null;
  readonly reason: string;
}

const empty: Draft = { at: null, values: null, amends: null, reason: '' };

/** A correction has a place of its own: what was begun before it waits. */
type Slot = FormKind | 'correction';
const drafts = signal<Partial<Record<Slot, Draft>>>({});
/** The form in front. */
export const shown = signal<{ readonly kind: FormKind; readonly slot: Slot } | null>(null);

export const draft = (slot: Slot): Draft => drafts.value[slot] ?? empty;
export const changeDraft = (slot: Slot, change: Partial<Draft>): void => {
  drafts.value = { ...drafts.peek(), [slot]: { ...(drafts.peek()[slot] ?? empty), ...change } };
};
export function dropDraft(slot: Slot): void {
  const { [slot]: _, ...rest } = drafts.peek();
  drafts.value = rest;
}

/** Whether anything was said that is not saved. */
export const isBegun = (slot: Slot): boolean => drafts.value[slot]?.values != null;
export const anyBegun = (): boolean => Object.values(drafts.value).some(({ values }) => values != null);

export const openForm = (kind: FormKind): void => {
  shown.value = { kind, slot: kind };
};
export function openCorrection(kind: FormKind, line: Line, values: unknown): void {
  drafts.value = { ...drafts.peek(), correction: { at: line.entry.at, values, amends: line, reason: '' } };
  shown.value = { kind, slot: 'correction' };
}
export const closeForm = (): void => {
  if (shown.peek()?.slot === 'correction') dropDraft('correction');
  shown.value = null;
};
/** Of a patient who is gone nothing half written stays. */
export function dropAll(): void {
  drafts.value = {};
  shown.value = null;
}
