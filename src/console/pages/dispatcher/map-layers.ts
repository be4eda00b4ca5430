/** What the dispatcher's map draws: its layers in the page's theme, and units, places and radii as GeoJSON. */
import type { Feature, FeatureCollection, Polygon } from 'geojson';
import type { Position } from '../../../domain/position.ts';
import { searchLayers } from '../../locate/found.ts';
import { serverNow } from '../../shell/clock.ts';
import { mapColours, mapFont } from '../../shell/map-style.ts';
import type { PageLayer } from '../../shell/map-view.tsx';
import { theme } from '../../shell/theme.ts';
import { fleet, OLD_POSITION_MS } from './fleet.ts';

export const collection = (features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features });
export const point = ({ lon, lat }: Position, properties: Record<string, unknown>): Feature => ({
  type: 'Feature',
  geometry: { type: 'Point', coordinates: [lon, lat] },
  properties,
});

const METRES_A_DEGREE = 111_195;
const CORNERS = 48;

/** A circle as a polygon: radii are metres on the ground, not pixels. */
export function circle({ lon, lat }: Position, metres: number): Feature<Polygon> {
  const ring = Array.from({ length: CORNERS + 1 }, (_, corner) => {
    const angle = (2 * Math.PI * corner) / CORNERS;
    const [dLat, dLon] = [metres / METRES_A_DEGREE, metres / METRES_A_DEGREE / Math.cos((lat * Math.PI) / 180)];
    return [lon + dLon * Math.cos(angle), lat + dLat * Math.sin(angle)];
  });
  return { type: 'Feature', geometry: { type: 'Polygon', coordinates: [ring] }, properties: {} };
}

export function unitFeatures(): FeatureCollection {
  const at = serverNow();
  const features: Feature[] = [];
  for (const { unitId, vehicleType, status, position, positionAt } of fleet.values()) {
    if (!position || status === 'off-duty') continue;
    const old = positionAt === null || at - positionAt > OLD_POSITION_MS;
    const letter = { basic: 'A', intensive: 'B', isolation: 'C', special: 'D' }[vehicleType];
    const kind =
      status === 'available' || status === 'returning'
        ? 'free'
        : status === 'notified' || status === 'en-route'
          ? 'coming'
          : 'busy';
    features.push(
      point(position, {
        unitId,
        letter: old ? `${letter}?` : letter,
        kind,
        old,
        label: unitId.replace(/^demo-unit-/, ''),
      }),
    );
  }
  return collection(features);
}

export const layers = (): readonly PageLayer[] => {
  const colour = mapColours[theme.peek()];
  const text = { 'text-font': mapFont, 'text-allow-overlap': true, 'text-ignore-placement': true } as const;
  return [
    { id: 'reach', source: 'reach', type: 'fill', paint: { 'fill-color': colour.fine, 'fill-opacity': 0.16 } },
    { id: 'reach-line', source: 'reach', type: 'line', paint: { 'line-color': colour.fine, 'line-width': 1.5 } },
    { id: 'evidence', source: 'evidence', type: 'fill', paint: { 'fill-color': colour.accent, 'fill-opacity': 0.14 } },
    {
      id: 'evidence-line',
      source: 'evidence',
      type: 'line',
      paint: { 'line-color': colour.accent, 'line-width': 1.5, 'line-dasharray': [3, 2] },
    },
    ...searchLayers(colour),
    {
      id: 'routes',
      source: 'routes',
      type: 'line',
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': colour.accent, 'line-width': 4, 'line-opacity': 0.75 },
    },
    {
      id: 'units',
      source: 'units',
      type: 'circle',
      paint: {
        'circle-radius': 9,
        'circle-color': ['match', ['get', 'kind'], 'free', colour.fine, 'coming', colour.urgent, colour.text],
        'circle-opacity': ['case', ['get', 'old'], 0.35, 1],
        'circle-stroke-color': ['case', ['get', 'old'], colour.text, colour.halo],
        'circle-stroke-width': 2,
      },
    },
    {
      id: 'unit-letters',
      source: 'units',
      type: 'symbol',
      layout: { ...text, 'text-field': ['get', 'letter'], 'text-size': 12 },
      paint: { 'text-color': ['case', ['get', 'old'], colour.ink, colour.halo] },
    },
    {
      id: 'unit-names',
      source: 'units',
      type: 'symbol',
      minzoom: 12.5,
      layout: {
        'text-font': mapFont,
        'text-field': ['get', 'label'],
        'text-size': 11,
        'text-offset': [0, 1.1],
        'text-anchor': 'top',
        'text-optional': true,
      },
      paint: { 'text-color': colour.ink, 'text-halo-color': colour.halo, 'text-halo-width': 1.5 },
    },
    {
      id: 'calls',
      source: 'calls',
      type: 'symbol',
      layout: {
        ...text,
        'text-field': ['concat', ['case', ['get', 'waiting'], '◆ ', '◇ '], ['get', 'number']],
        'text-size': ['case', ['get', 'opened'], 20, 15],
      },
      paint: {
        'text-color': [
          'case',
          ['==', ['get', 'priority'], 1],
          colour.danger,
          ['==', ['get', 'priority'], 2],
          colour.urgent,
          colour.ink,
        ],
        'text-halo-color': colour.halo,
        'text-halo-width': 2.5,
      },
    },
  ];
};
