/** The map: calls, units as they move, their ways, the place a call comes from with its radius, and what eight minutes reach. */
import { useComputed, useSignalEffect } from '@preact/signals';
import type { GeoJSONSource, Map as MapLibre } from 'maplibre-gl';
import { useEffect, useRef } from 'preact/hooks';
import { searchData, searchLabel } from '../../locate/found.ts';
import { speak } from '../../shell/language.ts';
import { emptyCollection, MapView } from '../../shell/map-view.tsx';
import { board, hasEnded } from './board.ts';
import { desk, open } from './desk.ts';
import { onMove } from './fleet.ts';
import { circle, collection, layers, point, unitFeatures } from './map-layers.ts';
import { REACH_MINUTES, reach, reachShown, routes, switchReach, useReach, useRoutes } from './map-ways.ts';
import { words } from './words.ts';

const say = speak('dispatcher', words);

/** Positions are drawn at most this often: under the eye it is one motion, and the map's own thread keeps up. */
const DRAW_EVERY_MS = 100;

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
