/** What was learned of a resident since the file was filed: gathered from all reports anew, laid beside the file. Pure. */
import type { Coded, KnownCode, Provenance } from '../domain/coded.ts';
import type { Conflict, Encounter, Learned, LearnedCode } from './schema.ts';

export type { Conflict, Encounter, Learned, LearnedCode } from './schema.ts';

export const learnedLists = ['conditions', 'allergies', 'medications', 'procedures'] as const;
export type LearnedList = (typeof learnedLists)[number];

/** What one report, entry or follow-up says of a resident. */
export interface Lesson {
  readonly from: Provenance;
  readonly conditions?: readonly Coded[];
  readonly allergies?: readonly Coded[];
  readonly medications?: readonly Coded[];
  readonly procedures?: readonly Coded[];
  readonly finding?: string;
  readonly diedAt?: string;
}

/** A list a reader can still take in; the oldest make room. */
const CODES_AT_MOST = 300;
const ENCOUNTERS_AT_MOST = 50;
const FINDINGS_AT_MOST = 50;

export const learnedContext = (residentId: string) => `resident:${residentId}:learned`;

const keyOf = ({ system, code }: Coded) =>
  `${system} ${system === 'text' ? code.trim().toLowerCase() : code.replace(/[^A-Za-z0-9]/g, '').toUpperCase()}`;
const statusOf = (coded: Coded) => coded.status ?? 'active';

/**
 * The value anew from everything that counts now, whatever order it came in: a corrected report leaves nothing behind.
 * Of what was learned of one code the latest stands: a drug begun by a hospital and stopped by the family doctor is stopped.
 */
export function gather(lessons: readonly Lesson[], encounters: readonly Encounter[]): Learned | null {
  const inOrder = [...lessons].sort(
    (a, b) => order(a.from.recordedAt, b.from.recordedAt) || order(a.from.sourceId, b.from.sourceId),
  );
  const list = (name: LearnedList): LearnedCode[] => {
    const byKey = new Map<string, LearnedCode>();
    for (const lesson of inOrder) {
      for (const coded of lesson[name] ?? []) {
        const key = keyOf(coded);
        byKey.delete(key);
        byKey.set(key, { ...coded, from: lesson.from });
      }
    }
    return [...byKey.values()].slice(-CODES_AT_MOST);
  };
  const death = inOrder.findLast((lesson) => lesson.diedAt !== undefined);
  const learned: Learned = {
    conditions: list('conditions'),
    allergies: list('allergies'),
    medications: list('medications'),
    procedures: list('procedures'),
    findings: inOrder
      .flatMap(({ finding, from }) => (finding ? [{ text: finding, from }] : []))
      .slice(-FINDINGS_AT_MOST),
    encounters: [...encounters].sort((a, b) => order(a.receivedAt, b.receivedAt)).slice(-ENCOUNTERS_AT_MOST),
    death: death?.diedAt ? { at: death.diedAt, from: death.from } : null,
  };
  return isEmpty(learned) ? null : learned;
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

const isEmpty = (learned: Learned) =>
  learnedLists.every((list) => learned[list].length === 0) &&
  learned.findings.length + learned.encounters.length === 0 &&
  learned.death === null;

/** The coded lists of a filed history. */
interface CodedLists {
  readonly conditions?: readonly KnownCode[];
  readonly allergies?: readonly KnownCode[];
  readonly medications?: readonly KnownCode[];
}

/**
 * The filed history with what was learned behind it; nothing filed is replaced, so it can only add. Procedures stand among
 * the conditions, as a code for what was done says what there is (a stent, a bypass).
 */
export function withLearned<H extends CodedLists>(filed: H, learned: Learned): H {
  const added = (list: readonly KnownCode[] | undefined, more: readonly LearnedCode[]): KnownCode[] => {
    const there = new Set((list ?? []).map((coded) => `${keyOf(coded)} ${statusOf(coded)}`));
    return [...(list ?? []), ...more.filter((coded) => !there.has(`${keyOf(coded)} ${statusOf(coded)}`))];
  };
  return {
    ...filed,
    conditions: added(filed.conditions, [...learned.conditions, ...learned.procedures]),
    allergies: added(filed.allergies, learned.allergies),
    medications: added(filed.medications, learned.medications),
  };
}

/** Every code filed as active and learned as resolved, or the other way round. */
export function conflictsOf(filed: CodedLists, learned: Learned): Conflict[] {
  return (['conditions', 'allergies', 'medications'] as const).flatMap((list) =>
    learned[list].flatMap((said) =>
      (filed[list] ?? [])
        .filter((coded) => keyOf(coded) === keyOf(said) && statusOf(coded) !== statusOf(said))
        .map((coded): Conflict => ({ list, filed: coded, learned: said })),
    ),
  );
}
