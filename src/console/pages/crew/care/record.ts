/**
 * The care record of one call as the tablet knows it: what the service has, with what still waits here laid between.
 * Nothing is ever changed in place: a correction is an entry of its own, and the original stays beside it.
 */
import { computed, signal } from '@preact/signals';
import type { CrewCall } from '../../../../calls/schema.ts';
import type { CareKitReply } from '../../../../care/kit.ts';
import type { Entry } from '../../../../care/record.ts';
import type { Attachment, CareRecordView, EntryList } from '../../../../care/schema.ts';
import { ask, pathOf } from '../../../shell/api.ts';
import { serverNow } from '../../../shell/clock.ts';
import { connection } from '../../../shell/live.ts';
import { session } from '../../../shell/session.ts';
import { add, newId, onItsWay, onSent, queue, type Waiting } from '../queue.ts';

export const entryLists = [
  'vitals',
  'assessments',
  'medications',
  'procedures',
  'history',
  'identities',
  'destinations',
  'handovers',
  'notes',
] as const satisfies readonly EntryList[];

/** What crews choose from: it says nothing of anybody, so it stays on the tablet for a start without a connection. */
const KIT = 'precision-dispatch.care-kit';
export const kit = signal<CareKitReply | null>(JSON.parse(localStorage.getItem(KIT) ?? 'null'));
let kitIsFresh = false;
/** The call the record on the page is of: the current one, or the one before while its record is being finished. */
export const recordOf = signal<CrewCall | null>(null);
const known = signal<CareRecordView | null>(null);

export type LineState = 'sent' | 'waiting' | 'sending' | 'refused';
interface Written {
  readonly at: string;
  readonly state: LineState;
  /** While it waits here. */
  readonly waiting: Waiting | null;
  /** Which unit said so. */
  readonly by: string;
}
/** One entry of the record as it is shown. */
export interface Line extends Written {
  readonly list: EntryList;
  readonly entry: Entry;
  readonly flags: readonly string[];
  /** The entries that replaced it: two where two tablets did at once; both are kept. */
  readonly amendedBy: readonly string[];
}
export interface Picture extends Written {
  readonly attachmentId: string;
  readonly kind: Attachment['kind'];
  readonly mediaType: string;
}

const stateOf = (waiting: Waiting): LineState =>
  waiting.refused ? 'refused' : onItsWay.value.has(waiting.id) ? 'sending' : 'waiting';

type Kept = Entry & { readonly by: { readonly subject: string }; readonly flags: readonly string[] };
const own = new Set(['heardAt', 'by', 'flags', 'amendedBy']);
const withoutOwn = (kept: Kept): Entry =>
  Object.fromEntries(Object.entries(kept).filter(([field]) => !own.has(field))) as unknown as Entry;

/** Every entry, latest first; what two tablets wrote lies together by the time it happened. */
export const lines = computed<readonly Line[]>(() => {
  const callId = recordOf.value?.callId;
  const arrived = entryLists.flatMap((list) =>
    ((known.value?.[list] ?? []) as readonly Kept[]).map((kept) => ({
      list,
      entry: withoutOwn(kept),
      at: kept.at,
      state: 'sent' as const,
      waiting: null,
      by: kept.by.subject,
      flags: kept.flags,
    })),
  );
  const there = new Set(arrived.map(({ entry }) => entry.entryId));
  const here = queue.value.flatMap((waiting) =>
    // What the service refused stays beside what it has under that id.
    waiting.callId === callId && waiting.said.kind === 'entry' && (waiting.refused || !there.has(waiting.id))
      ? [
          {
            list: waiting.said.list,
            entry: waiting.said.entry,
            at: waiting.at,
            state: stateOf(waiting),
            waiting,
            by: waiting.unitId,
            flags: oddOf(waiting.said.entry),
          },
        ]
      : [],
  );
  const all = [...arrived, ...here];
  const amendments = all.filter(({ state }) => state !== 'refused');
  return all
    .map((line) => ({
      ...line,
      amendedBy: amendments
        .filter(({ entry }) => entry.amends === line.entry.entryId)
        .map(({ entry }) => entry.entryId),
    }))
    .reverse()
    .sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
});

export const pictures = computed<readonly Picture[]>(() => {
  const callId = recordOf.value?.callId;
  const arrived = (known.value?.attachments ?? []).map(({ attachmentId, kind, mediaType, at, by }) => ({
    attachmentId,
    kind,
    mediaType,
    at,
    state: 'sent' as const,
    waiting: null,
    by: by.subject,
  }));
  const there = new Set(arrived.map(({ attachmentId }) => attachmentId));
  const here = queue.value.flatMap((waiting) =>
    waiting.callId === callId && waiting.said.kind === 'attachment' && !there.has(waiting.id)
      ? [
          {
            attachmentId: waiting.id,
            kind: waiting.said.attachment,
            mediaType: waiting.said.mediaType,
            at: waiting.at,
            state: stateOf(waiting),
            waiting,
            by: waiting.unitId,
          },
        ]
      : [],
  );
  return [...arrived, ...here].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
});

/** What stands: neither corrected nor withdrawn. Latest first. */
export const standing = computed(() =>
  lines.value.filter(
    ({ amendedBy, entry, state }) => amendedBy.length === 0 && !entry.withdrawn && state !== 'refused',
  ),
);

/** Where the patient is being taken, as it was last said. */
export const destination = (): string | null =>
  (standing.value.find(({ list }) => list === 'destinations')?.entry.hospitalId as string | undefined) ?? null;

export const hospitalName = (hospitalId: unknown): string =>
  recordOf.value?.hospitals.find((each) => each.hospitalId === hospitalId)?.name ?? String(hospitalId);

/** What the service will flag about an entry; it is kept all the same. */
export function oddOf(entry: Readonly<Record<string, unknown>>): string[] {
  const odd = Object.entries(kit.value?.limits ?? {}).flatMap(([field, { least, most }]) => {
    const value = entry[field];
    return typeof value === 'number' && (value < least || value > most) ? [`outside-life:${field}`] : [];
  });
  const { systolicMmHg: systolic, diastolicMmHg: diastolic } = entry;
  if (typeof systolic === 'number' && typeof diastolic === 'number' && diastolic > systolic)
    odd.push('diastolic-above-systolic');
  return odd;
}

const sizeOf = (view: CareRecordView): number =>
  view.attachments.length + entryLists.reduce((sum, list) => sum + view[list].length, 0);

/** A record only grows: an answer that was overtaken on the way is known by its length. */
function hear(view: CareRecordView): void {
  if (view.callId !== recordOf.peek()?.callId) return;
  const before = known.peek();
  if (before?.callId !== view.callId || sizeOf(view) >= sizeOf(before)) known.value = view;
}

onSent(({ callId, said }, record) => {
  if (record) hear(record);
  if (said.kind === 'attachment' && callId === recordOf.peek()?.callId) void readRecord().catch(() => {});
});

/** Every reading is logged as one, so without a websocket it is not read with every look at the call. */
const READ_EVERY_MS = 15_000;
let readAt = 0;

export async function readRecord(): Promise<void> {
  const callId = recordOf.peek()?.callId;
  if (!callId) return;
  readAt = Date.now();
  hear(await ask<CareRecordView>(pathOf('v1', 'calls', callId, 'care-record')));
}

/** After a break, and now and then while nobody tells of changes. */
export async function catchUpRecord(): Promise<void> {
  if (!kitIsFresh) {
    kit.value = await ask<CareKitReply>('/v1/care-kit');
    localStorage.setItem(KIT, JSON.stringify(kit.value));
    kitIsFresh = true;
  }
  if (connection.peek() !== 'polled' || Date.now() - readAt > READ_EVERY_MS) await readRecord();
}

/** The page turns to the record of a call; of another one nothing stays on the tablet but what still waits. */
export function turnTo(call: CrewCall | null): void {
  if (call?.callId !== recordOf.peek()?.callId) known.value = null;
  recordOf.value = call;
}

/** Writes an entry. `at`: null for now. Answers false where there is no call to write for. */
export function write(
  list: EntryList,
  fields: Readonly<Record<string, unknown>>,
  { at = null, entryId = newId() }: { readonly at?: string | null; readonly entryId?: string } = {},
): boolean {
  const about = whose();
  if (!about) return false;
  const when = at ?? new Date(serverNow()).toISOString();
  const entry: Entry = { entryId, at: when, ...fields };
  add({ ...about, id: entryId, at: when, said: { kind: 'entry', list, entry } });
  return true;
}

export function attach(
  picture: { readonly attachmentId: string; readonly mediaType: string; readonly bytes: ArrayBuffer },
  attachment: Attachment['kind'],
  at: string | null,
): void {
  const about = whose();
  const { attachmentId, mediaType, bytes } = picture;
  const when = at ?? new Date(serverNow()).toISOString();
  if (about) add({ ...about, id: attachmentId, at: when, said: { kind: 'attachment', attachment, mediaType, bytes } });
}

function whose(): Pick<Waiting, 'unitId' | 'callId' | 'callNumber'> | null {
  const call = recordOf.peek();
  const unitId = session.peek()?.subject;
  return call && unitId ? { unitId, callId: call.callId, callNumber: call.number } : null;
}
