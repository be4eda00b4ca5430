/** Evidence with its radii, likely places and the surface of the likelihood on one map. */
import type { FeatureCollection, Position as Point } from 'geojson';
import { useMemo } from 'preact/hooks';
import { MapView, type PageLayer } from '../shell/map-view.tsx';
import { circle, collection, doorsOf, pointOf, radiiOf } from './features.ts';
import { say, worthGoing } from './names.ts';
import type { Search } from './types.ts';

const LEAST_SPAN_DEGREES = 0.0015;

const layers = (): PageLayer[] => [
  {
    id: 'surface',
    type: 'fill',
    source: 'surface',
    paint: {
      'fill-color': '#b3151c',
      'fill-opacity': ['interpolate', ['linear'], ['get', 'confidence'], 0, 0.05, 0.5, 0.55],
    },
  },
  {
    id: 'radius',
    type: 'line',
    source: 'radius',
    paint: { 'line-color': '#0b57a4', 'line-width': 2, 'line-dasharray': [2, 1] },
  },
  {
    id: 'doors',
    type: 'circle',
    source: 'doors',
    paint: {
      'circle-radius': ['interpolate', ['linear'], ['get', 'confidence'], 0, 5, 1, 13],
      'circle-color': '#b3151c',
      'circle-stroke-color': '#fff',
      'circle-stroke-width': 2,
    },
  },
  {
    id: 'door-names',
    type: 'symbol',
    source: 'doors',
    layout: {
      'text-field': ['get', 'label'],
      'text-font': ['sans'],
      'text-offset': [0, 1.4],
      'text-size': 13,
      'text-anchor': 'top',
    },
    paint: { 'text-color': '#7d0b10', 'text-halo-color': '#fff', 'text-halo-width': 2 },
  },
  {
    id: 'chosen',
    type: 'circle',
    source: 'chosen',
    paint: { 'circle-radius': 9, 'circle-color': '#17663a', 'circle-stroke-color': '#fff', 'circle-stroke-width': 3 },
  },
];

interface Props {
  readonly request: Pick<Search, 'evidence' | 'likelyPlaces' | 'position'>;
  readonly surface?: FeatureCollection | null;
  /** What the answer would point at, or has. */
  readonly chosen: { readonly lon: number; readonly lat: number } | null;
  readonly onPick?: (at: { readonly lon: number; readonly lat: number }) => void;
}

export function EvidenceMap({ request, surface = null, chosen, onPick }: Props) {
  const { evidence, likelyPlaces, position } = request;
  const data = useMemo(
    () => ({
      surface: surface ?? collection([]),
      radius: radiiOf(evidence),
      doors: doorsOf(likelyPlaces.places),
    }),
    [evidence, likelyPlaces, surface],
  );
  const chosenData = useMemo(() => collection(chosen ? [pointOf(chosen)] : []), [chosen?.lon, chosen?.lat]);
  const points = [
    ...evidence.flatMap(({ position: at, radiusMetres }) =>
      at ? (circle(at.lon, at.lat, Math.max(60, radiusMetres ?? 0))[0] ?? []) : [],
    ),
    ...worthGoing(likelyPlaces.places)
      .slice(0, 3)
      .flatMap(({ position: at }) => (at ? [[at.lon, at.lat]] : [])),
    ...(position ? [[position.lon, position.lat]] : []),
  ];
  return (
    <MapView
      label={say('mapLabel')}
      layers={layers}
      data={{ ...data, chosen: chosenData }}
      bounds={boundsOf(points)}
      {...(onPick ? { onClick: onPick } : {})}
    />
  );
}

function boundsOf(points: readonly Point[]): readonly [number, number, number, number] | undefined {
  if (points.length === 0) return undefined;
  const lons = points.map(([lon = 0]) => lon);
  const lats = points.map(([, lat = 0]) => lat);
  return [
    Math.min(...lons) - LEAST_SPAN_DEGREES,
    Math.min(...lats) - LEAST_SPAN_DEGREES,
    Math.max(...lons) + LEAST_SPAN_DEGREES,
    Math.max(...lats) + LEAST_SPAN_DEGREES,
  ];
}
