/** How well drives were foreseen by road, each with the speeds learned before it: counted exactly from completed runs. Pure. */
import type { OwnDay } from './call-days-store.ts';
import { eachCall, type PastSpan } from './past-days.ts';

export interface ForeseenDrives {
  readonly count: number;
  /** Actual less foreseen: above 0, drives take longer than was foreseen. */
  readonly meanErrorSeconds: number | null;
  readonly meanAbsoluteErrorSeconds: number | null;
  readonly p90AbsoluteErrorSeconds: number | null;
}
export const nothingForeseen: ForeseenDrives = {
  count: 0,
  meanErrorSeconds: null,
  meanAbsoluteErrorSeconds: null,
  p90AbsoluteErrorSeconds: null,
};

export class Foreseen {
  readonly #span: PastSpan;
  readonly #errors = new Map<string | null, number[]>();

  constructor(span: PastSpan) {
    this.#span = span;
  }

  add(day: OwnDay): void {
    const { call, error } = day.drives;
    eachCall(day, this.#span, this.#of, (_, errors, nth) => errors.push(error[nth] as number), call);
  }

  readonly #of = (key: string | null): number[] => {
    let errors = this.#errors.get(key);
    if (!errors) {
      errors = [];
      this.#errors.set(key, errors);
    }
    return errors;
  };

  figures(): { readonly groups: ReadonlyMap<string | null, ForeseenDrives>; readonly total: ForeseenDrives } {
    const groups = new Map([...this.#errors].map(([key, errors]) => [key, figuresOf([errors])]));
    return { groups, total: figuresOf([...this.#errors.values()]) };
  }
}

/** Absolute errors are sorted within seconds only, as percentiles ask for no more. */
const LONGEST = 4_096;

function figuresOf(lists: readonly (readonly number[])[]): ForeseenDrives {
  const bySecond = new Uint32Array(LONGEST);
  let [count, sum, absolute] = [0, 0, 0];
  for (const errors of lists)
    for (const error of errors) {
      count++;
      sum += error;
      absolute += Math.abs(error);
      const second = secondOf(error);
      bySecond[second] = (bySecond[second] as number) + 1;
    }
  if (count === 0) return nothingForeseen;
  return {
    count,
    meanErrorSeconds: Math.round(sum / count),
    meanAbsoluteErrorSeconds: Math.round(absolute / count),
    p90AbsoluteErrorSeconds: Math.round(percentile(lists, bySecond, (count - 1) * 0.9)),
  };
}

const secondOf = (error: number): number => Math.min(LONGEST - 1, Math.floor(Math.abs(error)));

/** As PostgreSQL's `percentile_cont`: at a place counted from 0, on a straight line between its neighbours. */
function percentile(lists: readonly (readonly number[])[], bySecond: Uint32Array, place: number): number {
  const at = (nth: number): number => {
    let [second, passed] = [0, 0];
    while (passed + (bySecond[second] as number) <= nth) passed += bySecond[second++] as number;
    const within: number[] = [];
    for (const errors of lists)
      for (const error of errors) if (secondOf(error) === second) within.push(Math.abs(error));
    return within.sort((a, b) => a - b)[nth - passed] as number;
  };
  const [below, above] = [at(Math.floor(place)), at(Math.ceil(place))];
  return below + (above - below) * (place - Math.floor(place));
}
