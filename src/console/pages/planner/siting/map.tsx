/** A plan on the map: stations there are, new ones with the minutes they win, and who stays beyond the standard. */
import type { FeatureCollection } from 'geojson';
import { minutes, speak } from '../../../shell/language.ts';
import { mapFont } from '../../../shell/map-style.ts';
import { MapView, type PageLayer } from '../../../shell/map-view.tsx';
import { saveAs, stations } from '../data.ts';
import { Legend } from '../maps.tsx';
import { type PlanMap, plan, planMap } from './plan.ts';
import { words } from './words.ts';

const say = speak('siting', words);
const colours = {
  there: '#0b57a4',
  fresh: '#d9480f',
  joint: '#7048c6',
  responder: '#2b8a3e',
  beyond: '#b3151c',
} as const;

export function PlanOnMap() {
  const isJoint = plan.value?.joint != null;
  return (
    <section class="card">
      <div class="choices">
        <Legend
          entries={[
            [colours.there, say('there')],
            [colours.fresh, isJoint ? say('post.ambulance') : say('fresh')],
            ...(isJoint
              ? ([
                  [colours.responder, say('post.responder')],
                  [colours.joint, say('post.joint')],
                ] as const)
              : []),
            [colours.beyond, say('beyond')],
          ]}
        />
        {planMap.value.features.length > 0 && (
          <button
            type="button"
            onClick={() => saveAs(JSON.stringify(planMap.value), 'application/geo+json', 'plan.geojson')}
          >
            {say('geojson')}
          </button>
        )}
      </div>
      <div class="tall">
        <MapView label={say('planMap')} layers={layers} data={dataOf(planMap.value)} />
      </div>
    </section>
  );
}

const dataOf = (drawn: PlanMap): Record<'sites' | 'beyond', FeatureCollection> => {
  const sites = drawn.features.flatMap(({ geometry, properties }) => {
    if (properties.role !== 'site') return [];
    const { existing, kind, savedSeconds, units, chosen, name } = properties;
    const colour =
      kind === 'joint'
        ? colours.joint
        : kind === 'responder'
          ? colours.responder
          : existing
            ? colours.there
            : colours.fresh;
    const won = savedSeconds === null ? '' : `−${minutes(Math.round(savedSeconds))}`;
    const label = [units > 1 ? `×${units}` : '', won].filter(Boolean).join(' ');
    return [
      {
        type: 'Feature' as const,
        geometry,
        properties: { colour, isNew: chosen && (!existing || kind === 'joint'), label, name: name ?? '' },
      },
    ];
  });
  const asked = stations.value.map(({ position }) => ({
    type: 'Feature' as const,
    geometry: { type: 'Point' as const, coordinates: [position.lon, position.lat] },
    properties: { colour: colours.there, isNew: false, label: '' },
  }));
  return {
    sites: { type: 'FeatureCollection', features: sites.length > 0 ? sites : asked },
    beyond: {
      type: 'FeatureCollection',
      features: drawn.features.filter(({ properties }) => properties.role === 'uncovered'),
    },
  };
};

/** New ones are larger and ringed, with what they win beside them. */
const layers = (): PageLayer[] => [
  {
    id: 'beyond',
    type: 'fill',
    source: 'beyond',
    paint: { 'fill-color': colours.beyond, 'fill-opacity': 0.35, 'fill-outline-color': colours.beyond },
  },
  {
    id: 'sites',
    type: 'circle',
    source: 'sites',
    paint: {
      'circle-radius': ['case', ['get', 'isNew'], 13, 7],
      'circle-color': ['get', 'colour'],
      'circle-stroke-color': '#ffffff',
      'circle-stroke-width': ['case', ['get', 'isNew'], 4, 2],
    },
  },
  {
    id: 'won',
    type: 'symbol',
    source: 'sites',
    layout: {
      'text-field': ['get', 'label'],
      'text-font': mapFont,
      'text-size': 15,
      'text-offset': [0, 1.6],
      'text-allow-overlap': true,
    },
    paint: { 'text-color': '#111', 'text-halo-color': '#fff', 'text-halo-width': 2 },
  },
];
