/** What simulated days say: figures with their intervals, and of two plans over the same days whether they differ at all. Pure. */
import { SHIFT_HOURS } from '../redeployment/crew.ts';
import { fieldAt, sumOf, type TallyField, WIDTH } from './tally.ts';

/** A figure and the interval that holds it with 95 % confidence, days being the sample. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** How much the first plan has over the second. `real`: the interval leaves out no difference at all. */
export interface Difference extends Estimate {
  readonly real: boolean;
}

/** Figure → what is summed, over what. */
const ratios = {
  meanSeconds: ['responseSeconds', 'calls'],
  within8Share: ['within8', 'calls'],
  patientMeanSeconds: ['patientSeconds', 'calls'],
  patientWithin8Share: ['patientWithin8', 'calls'],
  firstVehicleMeanSeconds: ['firstSeconds', 'calls'],
  firstVehicleFitsShare: ['firstFits', 'calls'],
  priority1MeanSeconds: ['priority1Seconds', 'priority1'],
  priority1Within8Share: ['priority1Within8', 'priority1'],
} as const satisfies Record<string, readonly [TallyField, TallyField]>;
export type FigureName = keyof typeof ratios;
export const figureNames = Object.keys(ratios) as FigureName[];

/** Per simulated day. */
const daily = {
  calls: 'calls',
  waited: 'waited',
  secondVehicles: 'seconds',
  moves: 'moves',
} as const satisfies Record<string, TallyField>;

export interface PlanFigures extends Readonly<Record<FigureName, Estimate | null>> {
  readonly perDay: Readonly<Record<keyof typeof daily, number>> & {
    /** Of all units together, without a patient and not waiting; and of that, on moves. */
    readonly idleDriveHours: number;
    readonly moveDriveHours: number;
  };
  /** Hours that count of a crew in a shift: of the usual one on calls and on moves, and of the longest of each day. */
  readonly perShift: { readonly busyHours: number; readonly moveDriveHours: number; readonly longestHours: number };
  /** Of the units' time, on a call. */
  readonly busyShare: number;
}

export type Differences = Readonly<Record<FigureName, Difference | null>>;

/** `rows`: one tally a day. */
export function figuresOf(rows: Float64Array, units: number): PlanFigures {
  const days = rows.length / WIDTH;
  const estimates = Object.fromEntries(
    figureNames.map((name) => {
      const [over, of] = ratios[name];
      return [name, ratioOf(rows, (at) => rows[at + fieldAt[over]] as number, of)];
    }),
  ) as Record<FigureName, Estimate | null>;
  const mean = (field: TallyField) => sumOf(rows, field) / days;
  const shifts = (units * 24) / SHIFT_HOURS;
  return {
    ...estimates,
    perDay: {
      calls: mean(daily.calls),
      waited: mean(daily.waited),
      secondVehicles: mean(daily.secondVehicles),
      moves: mean(daily.moves),
      idleDriveHours: mean('idleDriveSeconds') / 3600,
      moveDriveHours: mean('moveDriveSeconds') / 3600,
    },
    perShift: {
      busyHours: mean('busySeconds') / 3600 / shifts,
      moveDriveHours: mean('moveDriveSeconds') / 3600 / shifts,
      longestHours: mean('longestShiftSeconds') / 3600,
    },
    busyShare: mean('busySeconds') / 86_400 / units,
  };
}

/** Day by day against the same day under the other plan: what both days share falls out of the difference. */
export function differencesOf(rows: Float64Array, against: Float64Array): Differences {
  return Object.fromEntries(
    figureNames.map((name) => {
      const [over, of] = ratios[name];
      const difference = ratioOf(
        rows,
        (at) => (rows[at + fieldAt[over]] as number) - (against[at + fieldAt[over]] as number),
        of,
      );
      return [name, difference && { ...difference, real: difference.low > 0 || difference.high < 0 }];
    }),
  ) as unknown as Differences;
}

/**
 * Σ over ÷ Σ of, and its interval by linearisation: a day's part in the error is what it has over what it should have
 * at the common ratio. Null where nothing was counted.
 */
function ratioOf(rows: Float64Array, over: (at: number) => number, of: TallyField): Estimate | null {
  const days = rows.length / WIDTH;
  let [sumOver, sumOfAll] = [0, 0];
  for (let at = 0; at < rows.length; at += WIDTH) {
    sumOver += over(at);
    sumOfAll += rows[at + fieldAt[of]] as number;
  }
  if (sumOfAll === 0) return null;
  const value = sumOver / sumOfAll;
  let squares = 0;
  for (let at = 0; at < rows.length; at += WIDTH) {
    const off = over(at) - value * (rows[at + fieldAt[of]] as number);
    squares += off * off;
  }
  const perDay = sumOfAll / days;
  const error = days > 1 ? Math.sqrt(squares / (days - 1) / days) / perDay : Infinity;
  const half = error === 0 ? 0 : student975(days - 1) * error;
  return { value, low: value - half, high: value + half };
}

const Z = 1.959964;

/** The 97.5 % point of Student's t, by the Cornish–Fisher expansion; within 1 % from five degrees of freedom on. */
function student975(freedom: number): number {
  if (freedom < 1) return Infinity;
  const g1 = (Z ** 3 + Z) / 4;
  const g2 = (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / 96;
  const g3 = (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / 384;
  return Z + g1 / freedom + g2 / freedom ** 2 + g3 / freedom ** 3;
}
