/** A city as the redeployment model sees it: demand by coarse place and kind of need, drives by hour, what a drive is worth. */
import { cellToParent, latLngToCell } from 'h3-js';
import { type CoverModel, coverModel } from '../redeployment/cover.ts';
import { TARGET_SECONDS } from '../response-times.ts';
import type { City } from './city.ts';
import { type Duration, secondsOf } from './random.ts';

/** Cells of about 0.74 km²: fine enough to tell stations apart, and few enough to ask at every event. */
const COARSE = 8;
/** Kinds of need rarer than this are left out of account: a unit is not moved for them. */
const RAREST_KIND = 0.005;
const KINDS_AT_MOST = 4;

export interface Demand {
  /** Point of the city each node stands for. */
  readonly nodes: readonly number[];
  readonly kinds: number;
  readonly weight: Float64Array;
  /** Of each unit the kinds it satisfies, a bit each. */
  readonly kindsOfUnit: readonly number[];
}

/** Calls by the kinds of unit that satisfy them and by coarse cell, each cell standing where most of it is called from. */
export function demandOf(city: City): Demand {
  const fits = city.needs.map(({ required }) =>
    city.units.map(({ capabilities }) => required.every((each) => capabilities.includes(each))),
  );
  const signature = fits.map((each) => each.map(Number).join(''));
  const ofKind = new Map<string, { share: number; need: number }>();
  for (const { byHistory } of city.cases) {
    const key = signature[byHistory] as string;
    const known = ofKind.get(key) ?? { share: 0, need: byHistory };
    known.share += 1 / city.cases.length;
    ofKind.set(key, known);
  }
  const kept = [...ofKind]
    .sort(([a, x], [b, y]) => y.share - x.share || (a < b ? -1 : 1))
    .filter(([, { share }]) => share >= RAREST_KIND)
    .slice(0, KINDS_AT_MOST);
  const kindOf = new Map(kept.map(([key], kind) => [key, kind]));

  const cells = new Map<string, Map<number, number>>();
  for (const { point } of city.cases) {
    const { lat, lon } = city.points[point] as { lat: number; lon: number };
    const cell = cellToParent(latLngToCell(lat, lon, COARSE + 1), COARSE);
    const points = cells.get(cell) ?? new Map<number, number>();
    points.set(point, (points.get(point) ?? 0) + 1);
    cells.set(cell, points);
  }
  const nodeOfPoint = new Map<number, number>();
  const nodes = [...cells.values()].map((points, node) => {
    for (const point of points.keys()) nodeOfPoint.set(point, node);
    return [...points].reduce((most, each) => (each[1] > most[1] ? each : most))[0];
  });
  const weight = new Float64Array(kept.length * nodes.length);
  let all = 0;
  for (const { point, byHistory } of city.cases) {
    const kind = kindOf.get(signature[byHistory] as string);
    if (kind === undefined) continue;
    const at = kind * nodes.length + (nodeOfPoint.get(point) as number);
    weight[at] = (weight[at] as number) + 1;
    all++;
  }
  for (let i = 0; i < weight.length; i++) weight[i] = (weight[i] as number) / all;
  return {
    nodes,
    kinds: kept.length,
    weight,
    kindsOfUnit: city.units.map((_, unit) =>
      kept.reduce((bits, [, { need }], kind) => bits | (Number(fits[need]?.[unit]) << kind), 0),
    ),
  };
}

/** What a drive of so many seconds is worth, 0 to 1; never more for a longer one. */
export type Worth = (seconds: number) => number;

/** The models by hour of the day; hours of the same traffic share one. */
export function modelsOf(city: City, demand: Demand, worth: Worth, busy: number): readonly CoverModel[] {
  const byFactor = new Map<number, CoverModel>();
  const slowShare = city.cases.filter(({ slow }) => slow).length / city.cases.length;
  const ofAll: Worth = (seconds) =>
    slowShare === 0 ? worth(seconds) : (1 - slowShare) * worth(seconds) + slowShare * worth(seconds * city.slowFactor);
  return city.hourFactor.map((factor) => {
    let model = byFactor.get(factor);
    if (!model) {
      const width = city.points.length;
      const drive = (station: number, node: number) =>
        (city.seconds[(city.stations[station]?.point ?? 0) * width + (demand.nodes[node] as number)] as number) *
        factor;
      const places = { ...demand, nodes: demand.nodes.length, stations: city.stations.length };
      model = coverModel(places, busy, drive, ofAll);
      byFactor.set(factor, model);
    }
    return model;
  });
}

const STEPS = 40;
const quantiles = (duration: Duration) =>
  Array.from({ length: STEPS }, (_, i) => secondsOf(duration, (i + 0.5) / STEPS));

/** The share of calls a unit reaches in time that drives so long, over all that passes before its wheels turn. */
export function withinTarget({ habits }: Pick<City, 'habits'>): Worth {
  const before = quantiles(habits.dispatch)
    .flatMap((dispatch) => quantiles(habits.turnout).map((turnout) => dispatch + turnout))
    .sort((a, b) => a - b);
  return (seconds) => {
    const left = TARGET_SECONDS - seconds;
    let [low, high] = [0, before.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((before[middle] as number) <= left) low = middle + 1;
      else high = middle;
    }
    return low / before.length;
  };
}

/** Seconds left to drive within the target, on average. */
export function meanDriveLimit({ habits }: City): number {
  const mean = (duration: Duration) => quantiles(duration).reduce((sum, each) => sum + each, 0) / STEPS;
  return TARGET_SECONDS - mean(habits.dispatch) - mean(habits.turnout);
}

/** A drive this long is worth nothing. */
const WORTHLESS_SECONDS = 1200;

/** The chance of arriving in time, and a part that falls with every second: cover does not end at a limit. */
export function worthOf(city: Pick<City, 'habits'>, inTimeShare: number): Worth {
  const inTime = withinTarget(city);
  return (seconds) => inTimeShare * inTime(seconds) + (1 - inTimeShare) * Math.max(0, 1 - seconds / WORTHLESS_SECONDS);
}
