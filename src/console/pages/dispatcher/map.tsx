/** The map: calls, units as they move, their ways, the place a call comes from with its radius, and what eight minutes reach. */
import { signal, useComputed, useSignalEffect } from '@preact/signals';
import type { Feature, FeatureCollection, Polygon } from 'geojson';
import type { GeoJSONSource, Map as MapLibre } from 'maplibre-gl';
import { useEffect, useRef } from 'preact/hooks';
import type { Position } from '../../../domain/position.ts';
import { searchData, searchLabel, searchLayers } from '../../locate/found.ts';
import { ask, pathOf } from '../../shell/api.ts';
import { now, serverNow } from '../../shell/clock.ts';
import { speak } from '../../shell/language.ts';
import { mapColours, mapFont } from '../../shell/map-style.ts';
import { emptyCollection, MapView, type PageLayer } from '../../shell/map-view.tsx';
import { theme } from '../../shell/theme.ts';
import { board, hasEnded } from './board.ts';
import { desk, open } from './desk.ts';
import { fleet, OLD_POSITION_MS, onMove } from './fleet.ts';
import { words } from './words.ts';

const say = speak('dispatcher', words);

/** Positions are drawn at most this often: under the eye it is one motion, and the map's own thread keeps up. */
const DRAW_EVERY_MS = 100;
const ROUTES_EVERY_MS = 5_000;
const REACH_MINUTES = 8;

const routes = signal<FeatureCollection>(emptyCollection);
const reach = signal<FeatureCollection>(emptyCollection);
const reachShown = signal(false);

const collection = (features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features });
const point = ({ lon, lat }: Position, properties: Record<string, unknown>): Feature => ({
  type: 'Feature',
  geometry: { type: 'Point', coordinates: [lon, lat] },
  properties,
});

const METRES_A_DEGREE = 111_195;
const CORNERS = 48;

/** A circle as a polygon: radii are metres on the ground, not pixels. */
function circle({ lon, lat }: Position, metres: number): Feature<Polygon> {
  const ring = Array.from({ length: CORNERS + 1 }, (_, corner) => {
    const angle = (2 * Math.PI * corner) / CORNERS;
    const [dLat, dLon] = [metres / METRES_A_DEGREE, metres / METRES_A_DEGREE / Math.cos((lat * Math.PI) / 180)];
    return [lon + dLon * Math.cos(angle), lat + dLat * Math.sin(angle)];
  });
  return { type: 'Feature', geometry: { type: 'Polygon', coordinates: [ring] }, properties: {} };
}

function unitFeatures(): FeatureCollection {
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

const layers = (): readonly PageLayer[] => {
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
      paint: { 'text-color': colour.halo },
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

export function DispatcherMap() {
  const map = useRef<MapLibre | null>(null);
  const calls = useComputed(() =>
    collection(
      board.value.flatMap((each) => {
        const { callId, number, priority, status, location } = each.value;
        if (!location.position || hasEnded(each.value)) return [];
        const opened = desk.value?.call.value?.callId === callId;
        return [point(location.position, { callId, number, priority, waiting: status === 'open', opened })];
      }),
    ),
  );
  /** Where the call on the desk comes from, and how far that may be off. */
  const evidence = useComputed(() => {
    const { position, uncertaintyMetres } = desk.value?.shown.value?.location ?? {};
    return collection(position ? [circle(position, uncertaintyMetres || 12)] : []);
  });
  const focus = useComputed(() => {
    const at = desk.value?.shown.value?.location.position;
    return at ? `${at.lon},${at.lat}` : '';
  });
  useSignalEffect(() => {
    const [lon, lat] = focus.value.split(',').map(Number);
    if (lon && lat)
      map.current?.easeTo({ center: [lon, lat], zoom: Math.max(13, map.current.getZoom()), duration: 400 });
  });
  useRoutes();
  useReach();

  useEffect(() => {
    let waiting = 0;
    let drawnAt = 0;
    const draw = () => {
      waiting = 0;
      drawnAt = performance.now();
      map.current?.getSource<GeoJSONSource>('units')?.setData(unitFeatures());
    };
    const drawSoon = () => {
      if (waiting) return;
      waiting = window.setTimeout(
        () => requestAnimationFrame(draw),
        Math.max(0, DRAW_EVERY_MS - (performance.now() - drawnAt)),
      );
    };
    const stop = onMove(drawSoon);
    // Positions grow old without anybody telling.
    const aging = window.setInterval(drawSoon, 5_000);
    return () => {
      stop();
      clearInterval(aging);
      clearTimeout(waiting);
    };
  }, []);

  const search = useComputed(searchData);
  const data = {
    ...search.value,
    calls: calls.value,
    evidence: evidence.value,
    routes: routes.value,
    reach: reach.value,
  };
  return (
    <>
      <MapView
        label={[say('mapLabel'), searchLabel()].filter(Boolean).join(' · ')}
        layers={layers}
        data={{ ...data, units: unitsAtStart }}
        onReady={(made) => {
          map.current = made;
          made.getSource<GeoJSONSource>('units')?.setData(unitFeatures());
        }}
        onClick={(at, feature) => {
          const callId = feature?.layer === 'calls' ? String(feature.properties.callId) : null;
          if (callId) return void open(callId);
          pointOut(at);
        }}
      />
      <div class="map-tools">
        <button type="button" aria-pressed={reachShown.value} onClick={switchReach}>
          {say('reach', { minutes: REACH_MINUTES })} <kbd>Alt+R</kbd>
        </button>
        <span class="quiet">{say('mapKey')}</span>
      </div>
    </>
  );
}

const unitsAtStart = emptyCollection;

/** Points at where the caller says they are. */
function pointOut({ lon, lat }: { lon: number; lat: number }): void {
  const made = desk.peek();
  if (!made) return;
  const round = (degrees: number) => Number(degrees.toFixed(6));
  made.fields.value = {
    ...made.fields.peek(),
    position: { lon: round(lon), lat: round(lat), crs: 'wgs84' },
    source: 'caller',
    uncertaintyMetres: 20,
  };
}

export function switchReach(): void {
  reachShown.value = !reachShown.value;
}

/** The ways of the units on their way to the opened call. */
function useRoutes(): void {
  const asked = useComputed(() => {
    const callId = desk.value?.call.value?.callId;
    const call = callId ? board.value.find((each) => each.peek().callId === callId)?.value : undefined;
    const coming = call?.units.filter(({ status }) => status === 'notified' || status === 'en-route') ?? [];
    return callId && coming.length > 0 ? `${callId} ${coming.map(({ unitId }) => unitId).join(' ')}` : '';
  });
  const turn = useComputed(() => `${asked.value}|${Math.floor(now.value / ROUTES_EVERY_MS)}`);
  useSignalEffect(() => {
    const [callId] = turn.value.split(/[ |]/);
    if (!callId) {
      routes.value = emptyCollection;
      return;
    }
    void ask<{ routes: { unitId: string; points: Position[] }[] }>(pathOf('v1', 'calls', callId, 'routes')).then(
      (answer) => {
        if (asked.peek().startsWith(callId))
          routes.value = collection(
            answer.routes.map(({ unitId, points }) => ({
              type: 'Feature',
              geometry: { type: 'LineString', coordinates: points.map(({ lon, lat }) => [lon, lat]) },
              properties: { unitId },
            })),
          );
      },
      () => {},
    );
  });
}

/** What the first units of the list reach in time; from where the call is, who could be there. */
function useReach(): void {
  const from = useComputed(() => {
    if (!reachShown.value) return '';
    const first = desk.value?.shown.value?.units.find(({ satisfies }) => satisfies);
    return first ? `unitId=${encodeURIComponent(first.unitId)}` : '';
  });
  useSignalEffect(() => {
    const query = from.value;
    reach.value = emptyCollection;
    if (!query) return;
    void ask<FeatureCollection | Feature>(`/v1/reach?${query}&minutes=${REACH_MINUTES}`).then(
      (answer) => {
        if (from.peek() === query) reach.value = answer.type === 'Feature' ? collection([answer]) : answer;
      },
      () => {},
    );
  });
}
