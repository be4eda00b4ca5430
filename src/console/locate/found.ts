/** What is known of where somebody is, for a map that is not the search's own: evidence with its radii, the ranked doors. */
import { signal } from '@preact/signals';
import type { FeatureCollection } from 'geojson';
import { mapFont } from '../shell/map-style.ts';
import type { PageLayer } from '../shell/map-view.tsx';
import { doorsOf, radiiOf } from './features.ts';
import { say } from './names.ts';
import type { Clue, LikelyPlaces, Search } from './types.ts';

export interface Where extends LikelyPlaces {
  readonly evidence: readonly Clue[];
  readonly surface: FeatureCollection;
}

/** Of the search that is shown; null where none is. */
export const whereabouts = signal<Where | null>(null);

/** How the search shown stands, while it is not over. */
export const searchShown = signal<Search['status'] | null>(null);

const empty: FeatureCollection = { type: 'FeatureCollection', features: [] };

/** Sources of the layers below. */
export const searchData = (): Readonly<Record<'searchRadii' | 'searchDoors', FeatureCollection>> => {
  const where = whereabouts.value;
  return where
    ? { searchRadii: radiiOf(where.evidence), searchDoors: doorsOf(where.places) }
    : { searchRadii: empty, searchDoors: empty };
};

/** The same in words, for those who do not see the map; empty where nobody is looked for. */
export const searchLabel = (): string => {
  const where = whereabouts.value;
  if (!where) return '';
  return say('onMap', {
    clues: where.evidence.filter(({ position }) => position !== null).length,
    doors: doorsOf(where.places).features.length,
  });
};

export const searchLayers = (colour: {
  readonly accent: string;
  readonly danger: string;
  readonly halo: string;
}): PageLayer[] => [
  {
    id: 'search-radii',
    source: 'searchRadii',
    type: 'line',
    paint: { 'line-color': colour.accent, 'line-width': 2, 'line-dasharray': [2, 1] },
  },
  {
    id: 'search-doors',
    source: 'searchDoors',
    type: 'circle',
    paint: {
      'circle-radius': ['interpolate', ['linear'], ['get', 'confidence'], 0, 5, 1, 12],
      'circle-color': colour.danger,
      'circle-stroke-color': colour.halo,
      'circle-stroke-width': 2,
    },
  },
  {
    id: 'search-door-names',
    source: 'searchDoors',
    type: 'symbol',
    layout: {
      'text-field': ['get', 'label'],
      'text-font': mapFont,
      'text-size': 13,
      'text-offset': [0, -1.3],
      'text-anchor': 'bottom',
      'text-allow-overlap': true,
    },
    paint: { 'text-color': colour.danger, 'text-halo-color': colour.halo, 'text-halo-width': 2 },
  },
];
