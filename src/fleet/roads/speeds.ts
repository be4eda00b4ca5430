/**
 * How fast an ambulance under lights gets along a road: by its class and limit, by the hour, and by what completed runs
 * taught. Figures are assumptions to start from, round on purpose; learned factors replace them run by run.
 */
import { type RoadClass, type RoadGraph, roadClasses } from './graph.ts';

/** Free flow of ordinary traffic, km/h, signals included; and how much faster lights and siren make it. */
const byClass: Readonly<
  Record<RoadClass, { readonly kmh: number; readonly blueLight: number; readonly jams: boolean }>
> = {
  motorway: { kmh: 75, blueLight: 1.1, jams: true },
  trunk: { kmh: 52, blueLight: 1.15, jams: true },
  primary: { kmh: 36, blueLight: 1.25, jams: true },
  secondary: { kmh: 32, blueLight: 1.25, jams: true },
  tertiary: { kmh: 27, blueLight: 1.2, jams: true },
  unclassified: { kmh: 24, blueLight: 1.1, jams: false },
  residential: { kmh: 20, blueLight: 1.1, jams: false },
  'living-street': { kmh: 12, blueLight: 1, jams: false },
  service: { kmh: 15, blueLight: 1, jams: false },
  link: { kmh: 30, blueLight: 1.1, jams: true },
};

/** Share of free flow by hour in China time: peaks at eight and at six, as the city's own traffic reports have them. */
const JAMMED = [
  1, 1, 1, 1, 1, 0.98, 0.88, 0.68, 0.62, 0.68, 0.76, 0.78, 0.8, 0.8, 0.78, 0.75, 0.7, 0.62, 0.62, 0.7, 0.8, 0.88, 0.94,
  0.98,
] as const;
/** Lanes and compounds fill with parked cars rather than with traffic. */
const UNJAMMED = [
  1, 1, 1, 1, 1, 1, 0.95, 0.88, 0.88, 0.92, 0.95, 0.95, 0.92, 0.95, 0.95, 0.95, 0.9, 0.88, 0.88, 0.9, 0.92, 0.95, 1, 1,
] as const;

/** A tagged limit says what kind of road it is, and is not what an ambulance drives: it counts within these bounds of the class. */
const LIMIT_COUNTS_FROM = 0.6;
const LIMIT_COUNTS_TO = 1.4;

/** Off the map's roads, through a gate or a yard: about twice walking pace. */
export const OFF_ROAD_METRES_A_SECOND = 10 / 3.6;

/** Factor on the speed by zone (H3 cell), class and hour; 1 where nothing was learned. */
export type LearnedFactor = (zone: string, roadClass: RoadClass, hour: number) => number;
export const nothingLearned: LearnedFactor = () => 1;

/** Metres a second along each edge at an hour of the day in China. */
export function speedsAt(graph: RoadGraph, hour: number, learned: LearnedFactor): (edge: number) => number {
  const { edgeClass, edgeKmh, edgeZone, zones } = graph;
  const classes = roadClasses.map((name) => {
    const { kmh, blueLight, jams } = byClass[name];
    return { kmh, factor: ((jams ? JAMMED : UNJAMMED)[hour] ?? 1) * blueLight };
  });
  const factors = Float32Array.from({ length: zones.length * roadClasses.length }, (_, i) =>
    learned(
      zones[Math.floor(i / roadClasses.length)] as string,
      roadClasses[i % roadClasses.length] as RoadClass,
      hour,
    ),
  );
  return (edge) => {
    const number = edgeClass[edge] as number;
    const { kmh, factor } = classes[number] as { kmh: number; factor: number };
    const limit = edgeKmh[edge] as number;
    const free = limit === 0 ? kmh : Math.min(kmh * LIMIT_COUNTS_TO, Math.max(kmh * LIMIT_COUNTS_FROM, limit));
    const taught = factors[(edgeZone[edge] as number) * roadClasses.length + number] as number;
    return (free * factor * taught) / 3.6;
  };
}
