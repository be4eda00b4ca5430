/** The map of the crew's tablet: where to, and the unit itself. */
import { signal } from '@preact/signals';
import type { Feature, FeatureCollection } from 'geojson';
import { useMemo } from 'preact/hooks';
import { speak } from '../../shell/language.ts';
import { mapColours, mapFont } from '../../shell/map-style.ts';
import { MapView, type PageLayer } from '../../shell/map-view.tsx';
import { theme } from '../../shell/theme.ts';
import { words } from './words.ts';

const say = speak('crew', words);

interface Spot {
  readonly lon: number;
  readonly lat: number;
}
/** Where the unit is. */
export const own = signal<Spot | null>(null);
/** Degrees to each side of where to. */
const SEEN = 0.008;

const layers = (): readonly PageLayer[] => {
  const colour = mapColours[theme.peek()];
  return [
    {
      id: 'spots',
      source: 'spots',
      type: 'symbol',
      layout: { 'text-field': ['get', 'sign'], 'text-font': mapFont, 'text-size': 26, 'text-allow-overlap': true },
      paint: {
        'text-color': ['case', ['get', 'own'], colour.accent, colour.danger],
        'text-halo-color': colour.halo,
        'text-halo-width': 3,
      },
    },
  ];
};

export function Ways({ target }: { readonly target: Spot }) {
  const { lon, lat } = target;
  const at = own.value;
  const spots = useMemo<FeatureCollection>(() => {
    const spot = (at: Spot, sign: string, isOwn: boolean): Feature => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [at.lon, at.lat] },
      properties: { sign, own: isOwn },
    });
    return {
      type: 'FeatureCollection',
      features: [spot({ lon, lat }, '◆', false), ...(at ? [spot(at, '▲', true)] : [])],
    };
  }, [lon, lat, at]);
  return (
    <div class="crew-map">
      <MapView
        label={say('mapLabel')}
        layers={layers}
        data={{ spots }}
        bounds={[lon - SEEN, lat - SEEN, lon + SEEN, lat + SEEN]}
      />
    </div>
  );
}
