/** The ladder a search climbs while nobody comes forward: which steps there are, and what the next one is. Pure. */
import type { Instant } from '../domain/time.ts';

export const stepKinds = ['centre', 'next-centre', 'subdistrict-duty', 'fire-and-police'] as const;
export type StepKind = (typeof stepKinds)[number];

export interface LadderStep {
  readonly kind: StepKind;
  /** Without anybody accepting in this time the next step is taken as well. */
  readonly waitSeconds: number;
}

export const defaultLadder: readonly LadderStep[] = [
  { kind: 'centre', waitSeconds: 30 },
  { kind: 'next-centre', waitSeconds: 30 },
  { kind: 'subdistrict-duty', waitSeconds: 60 },
  { kind: 'fire-and-police', waitSeconds: 0 },
];

const STEPS_AT_MOST = 20;

/** Reads `centre:30,next-centre:30,…`; throws with what is wrong. The first step is the centre of the place. */
export function parseLadder(text: string): LadderStep[] {
  const steps = text.split(',').map((part) => {
    const [kind, seconds = ''] = part.trim().split(':');
    const known = stepKinds.find((each) => each === kind);
    if (!known || !/^\d{1,4}$/.test(seconds))
      throw new Error(`is not a list of ${stepKinds.join(', ')}, each with its seconds: centre:30,next-centre:30,…`);
    return { kind: known, waitSeconds: Number(seconds) };
  });
  if (steps[0]?.kind !== 'centre' || steps.slice(1).some(({ kind }) => kind === 'centre'))
    throw new Error('has to begin with centre, and name it once');
  if (steps.length > STEPS_AT_MOST) throw new Error(`has more than ${STEPS_AT_MOST} steps`);
  return steps;
}

export interface Climbing {
  readonly ladder: readonly LadderStep[];
  /** The step reached. */
  readonly step: number;
  /** Centres asked so far. */
  readonly asked: readonly string[];
  /** Whether the duty of the sub-district was asked. */
  readonly dutyAsked: boolean;
}

export interface Candidates {
  /** All centres, in the order in which they would be asked. */
  readonly centres: readonly string[];
  /** Those of them where somebody would hear it. */
  readonly attended: ReadonlySet<string>;
  /** The sub-district of the place, where it has a duty. */
  readonly duty: string | null;
}

export interface Ask {
  readonly kind: 'centre' | 'subdistrict-duty';
  readonly target: string;
}

export interface Climbed {
  readonly step: number;
  readonly kind: StepKind;
  /** Empty at a step that shows the dispatcher whom to ring. */
  readonly ask: readonly Ask[];
  /** When the step after this is taken; null after the last. */
  readonly dueAt: Instant | null;
}

/**
 * The next step that has somebody to turn to; a step without anybody (no further centre, no duty) is passed over at
 * once. Null where the ladder has ended.
 */
export function nextStep(climbing: Climbing, from: Candidates, now: Instant): Climbed | null {
  const { ladder, step } = climbing;
  for (let i = step + 1; i < ladder.length; i++) {
    const { kind, waitSeconds } = ladder[i] as LadderStep;
    const ask = whom(kind, climbing, from);
    if (ask) return { step: i, kind, ask, dueAt: i + 1 < ladder.length ? now + waitSeconds * 1000 : null };
  }
  return null;
}

/** `null`: nobody is there for this step. */
function whom(kind: StepKind, { asked, dutyAsked }: Climbing, { centres, attended, duty }: Candidates): Ask[] | null {
  switch (kind) {
    case 'centre':
    case 'next-centre': {
      const left = centres.filter((centre) => !asked.includes(centre));
      return left.length ? withStandIn(left, attended).map((target) => ({ kind: 'centre', target })) : null;
    }
    case 'subdistrict-duty':
      return duty === null || dutyAsked ? null : [{ kind: 'subdistrict-duty', target: duty }];
    case 'fire-and-police':
      return [];
    default:
      return kind satisfies never;
  }
}

/** The first of them, and, where nobody would hear it there, the nearest where somebody does. */
export function withStandIn(centres: readonly string[], attended: ReadonlySet<string>): string[] {
  const [first] = centres;
  if (first === undefined) return [];
  const standIn = attended.has(first) ? undefined : centres.find((centre) => attended.has(centre));
  return standIn === undefined ? [first] : [first, standIn];
}
