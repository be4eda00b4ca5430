/** HiGHS, compiled to WebAssembly: what proves a plan best. It blocks its thread, so it runs in a worker's. */
import module, { type Highs, type HighsCallbackMap } from 'highs';
import type { Watch } from './watch.ts';

/** Rows are lower ≤ Σ value · variable ≤ upper. */
export interface Row {
  readonly lower: number;
  readonly upper: number;
  readonly columns: readonly number[];
  readonly values: readonly number[];
}

/** A minimisation. Variables are ≥ 0. */
export interface Model {
  readonly costs: readonly number[];
  readonly uppers: readonly number[];
  /** Those from 0 to `integers` − 1 take whole values only. */
  readonly integers: number;
  readonly rows: readonly Row[];
}

export interface Solved {
  /** `interrupted`: time or somebody ended it; `objective` and `values` are then the best found, if any. */
  readonly status: 'optimal' | 'infeasible' | 'interrupted';
  readonly objective: number;
  readonly bound: number;
  readonly values: Float64Array | null;
}

export interface SolveOptions {
  /** Values of all variables of a plan that satisfies every row. */
  readonly from?: Float64Array;
  /** A plan this close to the bound is the best there is: above 0 where all objectives are whole numbers. */
  readonly absoluteGap?: number;
  readonly watch: Watch;
  /** Told of each better plan and of the bound as it rises. */
  readonly onBetter?: (values: Float64Array | null, bound: number) => void;
  /** Ends the search from within: enough is known. */
  readonly enough?: (objective: number, bound: number) => boolean;
  /** Solves without whole values: a bound, and quickly. */
  readonly relaxed?: boolean;
}

// Its typings describe CommonJS; Node loads the ES build, whose default is the loader itself.
const loadHighs = module as unknown as typeof module.default;

let loading: Promise<Highs> | undefined;
let loaded: Highs | undefined;

/** To be awaited once before `solve`. */
export async function readySolver(): Promise<void> {
  loading ??= loadHighs();
  loaded = await loading;
}

/** Throws where HiGHS fails, which no well-formed model makes it do. */
export function solve(model: Model, options: SolveOptions): Solved {
  const highs = loaded;
  if (!highs) throw new Error('the solver is not loaded');
  const { costs, uppers, integers, rows } = model;
  const { watch, relaxed = false } = options;
  const starts = new Int32Array(rows.length + 1);
  for (const [at, row] of rows.entries()) starts[at + 1] = (starts[at] as number) + row.columns.length;
  const bounded = (value: number) =>
    value === Number.POSITIVE_INFINITY ? highs.infinity : value === Number.NEGATIVE_INFINITY ? -highs.infinity : value;
  const native = highs.createModel({
    numCols: costs.length,
    numRows: rows.length,
    colCost: [...costs],
    colLower: new Float64Array(costs.length),
    colUpper: uppers.map(bounded),
    rowLower: rows.map((row) => bounded(row.lower)),
    rowUpper: rows.map((row) => bounded(row.upper)),
    matrix: {
      format: 'csr',
      numRows: rows.length,
      numCols: costs.length,
      starts,
      indices: Int32Array.from(rows.flatMap((row) => row.columns as number[])),
      values: Float64Array.from(rows.flatMap((row) => row.values as number[])),
    },
    ...(relaxed ? {} : { integrality: Int32Array.from(costs, (_, column) => (column < integers ? 1 : 0)) }),
  });
  try {
    native.options.set({
      output_flag: false,
      mip_rel_gap: 0,
      mip_abs_gap: options.absoluteGap ?? 1e-6,
      time_limit: Math.min(Math.max(watch.secondsLeft(), 0.01), 1e7),
    });
    if (options.from && !relaxed) native.setSolution({ colValue: options.from });
    let best: Float64Array | null = options.from ?? null;
    let bound = Number.NEGATIVE_INFINITY;
    const { callbackType } = highs.constants;
    const callbacks: HighsCallbackMap = {
      [callbackType.simplexInterrupt]: (event) => {
        if (watch.stopped()) event.interrupt();
        return undefined;
      },
      [callbackType.mipImprovingSolution]: ({ data }) => {
        if (data.mip_solution) best = data.mip_solution;
        options.onBetter?.(best, bound);
        return undefined;
      },
      [callbackType.mipInterrupt]: (event) => {
        const { mip_dual_bound: dual, mip_primal_bound: primal } = event.data;
        if (dual !== undefined && dual > bound) {
          bound = dual;
          options.onBetter?.(null, bound);
        }
        if (watch.stopped() || options.enough?.(primal ?? Number.POSITIVE_INFINITY, bound)) event.interrupt();
        return undefined;
      },
    };
    native.run(callbacks);
    const status = native.getModelStatus();
    const { modelStatus } = highs.constants;
    if (status === modelStatus.infeasible)
      return {
        status: 'infeasible',
        objective: Number.POSITIVE_INFINITY,
        bound: Number.POSITIVE_INFINITY,
        values: null,
      };
    if (status === modelStatus.optimal || status === modelStatus.empty) {
      const values = native.getSolution().colValue;
      const objective = native.getObjectiveValue();
      const reached =
        relaxed || options.absoluteGap === undefined ? objective : Number(native.info.get('mip_dual_bound'));
      return { status: 'optimal', objective, bound: Math.min(reached, objective), values };
    }
    if (
      status === modelStatus.interrupted ||
      status === modelStatus.timeLimit ||
      status === modelStatus.objectiveBound
    ) {
      const objective = best
        ? costs.reduce((sum, cost, column) => sum + cost * (best?.[column] as number), 0)
        : Infinity;
      return { status: 'interrupted', objective, bound, values: best };
    }
    throw new Error(`HiGHS ended with status ${status}`);
  } finally {
    native.dispose();
  }
}
