/** What a form of the care record is: how it is drawn, and how what was said becomes an entry and an entry is read back. */
import type { ComponentType } from 'preact';
import type { Entry } from '../../../../care/record.ts';
import type { Attachment, CareRecordInput, EntryList } from '../../../../care/schema.ts';

/** An entry of a list with its own fields. */
export type EntryOf<L extends EntryList> = NonNullable<CareRecordInput[L]>[number];

export interface BodyProps<V> {
  readonly values: V;
  readonly change: (change: Partial<V>) => void;
}

/** A picture taken or drawn here, with the id the service will know it by. */
export interface Taken {
  readonly attachmentId: string;
  readonly mediaType: string;
  readonly bytes: ArrayBuffer;
}

export interface CareForm<V> {
  readonly list: EntryList;
  readonly blank: () => V;
  /** An entry as the form shows it, to be corrected. */
  readonly read: (entry: Entry) => V;
  /** What the entry will say; null where it says nothing yet. */
  readonly fields: (values: V) => Readonly<Record<string, unknown>> | null;
  /** Why it cannot be saved yet. */
  readonly lacks?: (values: V) => string | null;
  /** What goes beside the entry. */
  readonly taken?: (values: V) => readonly { readonly picture: Taken; readonly kind: Attachment['kind'] }[];
  readonly Body: ComponentType<BodyProps<V>>;
}

/** Without the fields nobody filled in. */
export function filled(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | null {
  const said = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return said.length ? Object.fromEntries(said) : null;
}
