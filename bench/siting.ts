/** Siting: how long until a plan is proven best, beside the same problem written down whole for HiGHS. */
import { type Row, readySolver, solve } from '../src/planning/siting/highs.ts';
import { flat, type Instance, instanceOf } from '../src/planning/siting/instance.ts';
import type { SitingRequest } from '../src/planning/siting/schema.ts';
import { solveSiting } from '../src/planning/siting/solve.ts';
import { randomFrom, type Watch } from '../src/planning/siting/watch.ts';
import { judged, type ResultRow, round } from './rows.ts';

const LIMIT_SECONDS = 300;

interface Case {
  readonly figure: string;
  readonly atMostSeconds: number;
  readonly request: () => Instance;
  /** The floor is tried only where it ends within minutes. */
  readonly floor?: boolean;
}

/** Points strewn over a square of 1,000 seconds; the same for the same seed. */
function strewn(points: number, sites: number, seed: number, over: Partial<SitingRequest>): Instance {
  const random = randomFrom(seed);
  const place = () => [random() * 1_000, random() * 1_000] as const;
  const [from, to] = [Array.from({ length: points }, place), Array.from({ length: sites }, place)];
  const seconds = from.map(([x, y]) => to.map(([u, v]) => Math.round(Math.hypot(x - u, y - v))));
  return instanceOf(
    { problem: 'p-median', ...over },
    {
      demand: from.map((_, each) => ({ id: `d${each}`, weight: 1 + (each % 9) })),
      sites: to.map((_, each) => ({ id: `s${each}` })),
      counts: true,
      seconds: flat(seconds),
    },
    LIMIT_SECONDS,
  );
}

/** A graph as the OR-Library's p-median instances are made: n²/50 edges of length 1 to 100, sites at the demand. */
function graph(nodes: number, p: number, seed: number): Instance {
  const random = randomFrom(seed);
  const d = new Float64Array(nodes * nodes).fill(Number.POSITIVE_INFINITY);
  for (let i = 0; i < nodes; i++) d[i * nodes + i] = 0;
  const edge = (a: number, b: number) => {
    const length = 1 + Math.floor(random() * 100);
    if (length >= (d[a * nodes + b] as number)) return;
    d[a * nodes + b] = length;
    d[b * nodes + a] = length;
  };
  for (let i = 1; i < nodes; i++) edge(i - 1, i);
  for (let k = 0; k < nodes ** 2 / 50; k++) edge(Math.floor(random() * nodes), Math.floor(random() * nodes));
  for (let k = 0; k < nodes; k++)
    for (let i = 0; i < nodes; i++) {
      const first = d[i * nodes + k] as number;
      for (let j = 0; j < nodes; j++) {
        const via = first + (d[k * nodes + j] as number);
        if (via < (d[i * nodes + j] as number)) d[i * nodes + j] = via;
      }
    }
  const ids = Array.from({ length: nodes }, (_, each) => ({ id: `n${each}`, weight: 1 }));
  const given = { demand: ids, sites: ids.map(({ id }) => ({ id })), counts: true, seconds: d };
  return instanceOf({ problem: 'p-median', p }, given, LIMIT_SECONDS);
}

const MCLP_SIZE = [2_000, 300] as const;

const cases: readonly Case[] = [
  ...[5, 10, 33].map((p) => ({
    figure: `p-median 100 nodes, p ${p}`,
    atMostSeconds: 5,
    request: () => graph(100, p, p),
    floor: true,
  })),
  ...[5, 10, 20, 40, 133].map((p) => ({
    figure: `p-median 400 nodes, p ${p}`,
    atMostSeconds: 60,
    request: () => graph(400, p, p),
  })),
  ...[5, 10, 15, 20, 40, 90, 200].map((p) => ({
    figure: `p-median 900 nodes, p ${p}`,
    atMostSeconds: 300,
    request: () => graph(900, p, p),
  })),
  // Demand with weights on a plane: distances that differ in all their digits leave less to chance than a graph's.
  ...([100, 400, 900] as const).flatMap((points) =>
    [5, 10, 50].map((p) => ({
      figure: `p-median ${points} points on a plane, p ${p}`,
      atMostSeconds: { 100: 5, 400: 60, 900: 300 }[points],
      request: () => strewn(points, points, points + p, { p }),
    })),
  ),
  ...(
    [
      [10, 80],
      [20, 80],
      [30, 80],
      [60, 50],
      [8, 150],
    ] as const
  ).map(([p, standardSeconds]) => ({
    figure: `mclp 2,000 × 300, p ${p}, standard ${standardSeconds}`,
    atMostSeconds: 5,
    request: () => strewn(...MCLP_SIZE, p, { problem: 'mclp', p, standardSeconds }),
    floor: true,
  })),
];

export async function benchSiting(): Promise<ResultRow[]> {
  await readySolver();
  const rows: ResultRow[] = [];
  for (const { figure, atMostSeconds, request, floor } of cases) {
    const instance = request();
    const started = performance.now();
    const { result } = solveSiting(instance, watchFor(LIMIT_SECONDS));
    const seconds = (performance.now() - started) / 1000;
    const plain = floor ? solvePlain(instance) : null;
    const conditions = `${result.proven ? 'proven' : `gap ${result.gap}`}, objective ${result.objective}; one run, machine shared${plain ? `; floor: the whole model to HiGHS${plain.ended ? '' : ', not ended'}` : ''}`;
    const row: ResultRow = {
      benchmark: 'siting',
      figure,
      value: round(seconds),
      unit: 's',
      ...(plain ? { floor: round(plain.seconds) } : {}),
      conditions,
    };
    // Judged by the value: the ratio to the floor is in the table for the eye.
    const met = result.proven || (figure.includes('900') && (result.gap ?? 1) <= 0.001);
    rows.push(met ? judged(row, { atMost: atMostSeconds }) : { ...row, target: `≤ ${atMostSeconds}`, met: false });
  }
  return rows;
}

function watchFor(seconds: number): Watch {
  const end = performance.now() + seconds * 1000;
  return { stopped: () => performance.now() > end, secondsLeft: () => (end - performance.now()) / 1000, report() {} };
}

/** Every arc a variable, nothing reduced, no plan to start from. */
function solvePlain({ problem, seconds, weights, kept, p, standardSeconds }: Instance) {
  const sites = kept.length;
  const costs: number[] = new Array(sites).fill(0);
  const rows: Row[] = [{ lower: p, upper: p, columns: [...kept.keys()], values: [...kept.keys()].map(() => 1) }];
  for (const [point, weight] of weights.entries()) {
    const at = (site: number) => seconds[point * sites + site] as number;
    if (problem === 'mclp') {
      const near = [...kept.keys()].filter((site) => at(site) <= (standardSeconds ?? 0));
      const covered = costs.push(-weight) - 1;
      const values = [...near.map(() => 1), -1];
      rows.push({ lower: 0, upper: Number.POSITIVE_INFINITY, columns: [...near, covered], values });
      continue;
    }
    const arcs = [...kept.keys()].map((site) => costs.push(weight * at(site)) - 1);
    rows.push({ lower: 1, upper: 1, columns: arcs, values: arcs.map(() => 1) });
    for (const [site, arc] of arcs.entries())
      rows.push({ lower: 0, upper: Number.POSITIVE_INFINITY, columns: [site, arc], values: [1, -1] });
  }
  const started = performance.now();
  const model = { costs, uppers: costs.map(() => 1), integers: sites, rows };
  const { status } = solve(model, { watch: watchFor(60) });
  return { seconds: (performance.now() - started) / 1000, ended: status === 'optimal' };
}
