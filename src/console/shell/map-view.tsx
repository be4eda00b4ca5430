/**
 * A map over our own vector tiles (sub-districts, places, stations), in the page's theme and language. What a page shows
 * on it are GeoJSON sources it names: `<MapView layers={…} data={…} />`. The library is loaded when the first map is.
 */
import { effect, signal } from '@preact/signals';
import type { FeatureCollection } from 'geojson';
import type { GeoJSONSource, LayerSpecification, Map as MapLibre } from 'maplibre-gl';
import { useEffect, useRef } from 'preact/hooks';
import { ask } from './api.ts';
import { language, speak } from './language.ts';
import { type Background, baseStyle } from './map-style.ts';
import { session } from './session.ts';
import { theme } from './theme.ts';
import { words } from './words.ts';

const say = speak('shell', words);

export const emptyCollection: FeatureCollection = { type: 'FeatureCollection', features: [] };

/** A layer of a page's own: `source` names an entry of `data`. */
export type PageLayer = LayerSpecification & { readonly source: string };

export interface MapViewProps {
  /** Drawn in this order above the base; made anew when the theme or the language changes. */
  readonly layers: () => readonly PageLayer[];
  /** By source: what its layers draw. A source keeps its identity while its collection is the same object. */
  readonly data: Readonly<Record<string, FeatureCollection>>;
  /** Shows all of this when it changes; `[west, south, east, north]`. */
  readonly bounds?: readonly [number, number, number, number] | undefined;
  /** A click on a feature of a layer, by the layer's id; the rest is a click on the ground. */
  readonly onClick?: (
    at: { readonly lon: number; readonly lat: number },
    feature: { readonly layer: string; readonly properties: Record<string, unknown> } | null,
  ) => void;
  /** Handed out when the map is there and its layers are drawn; for what must not go through drawing, such as moving units. */
  readonly onReady?: (map: MapLibre) => void;
  /** What the map shows, in words, for those who do not see it. */
  readonly label: string;
}

const failed = signal(false);

export function MapView(props: MapViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const map = useRef<MapLibre | null>(null);
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    let gone = false;
    let stop = () => {};
    void makeMap(place.current as HTMLDivElement, latest).then((made) => {
      if (gone) return made?.map.remove();
      if (!made) return;
      map.current = made.map;
      stop = made.stop;
    });
    return () => {
      gone = true;
      stop();
      map.current?.remove();
      map.current = null;
    };
  }, []);

  useEffect(() => {
    if (map.current) showData(map.current, props.data);
  }, [props.data]);
  const bounds = props.bounds?.join();
  useEffect(() => {
    if (map.current && props.bounds) fit(map.current, props.bounds);
  }, [bounds]);

  return (
    <section class="map" aria-label={props.label}>
      {failed.value && <p class="lone">{say('mapFailed')}</p>}
      <div ref={place} class="map-place" />
    </section>
  );
}

/** Read with the first map; without an answer there is our own base, which is enough. */
let background: Background | null = null;
let backgroundAsked: Promise<void> | null = null;
const readBackground = (): Promise<void> => {
  backgroundAsked ??= ask<{ background: Background | null }>('/v1/map-background').then(
    (answer) => {
      background = answer.background;
    },
    () => {
      backgroundAsked = null;
    },
  );
  return backgroundAsked;
};

const fit = (map: MapLibre, [west, south, east, north]: readonly [number, number, number, number]) =>
  map.fitBounds([west, south, east, north], { padding: 48, maxZoom: 16, duration: 300 });

function showData(map: MapLibre, data: MapViewProps['data']): void {
  for (const [name, collection] of Object.entries(data)) {
    const source = map.getSource<GeoJSONSource>(name);
    if (source && shownIn.get(source) !== collection) {
      shownIn.set(source, collection);
      source.setData(collection);
    }
  }
}
const shownIn = new WeakMap<GeoJSONSource, FeatureCollection>();

async function makeMap(container: HTMLDivElement, latest: { readonly current: MapViewProps }) {
  try {
    const [{ Map: MapClass, NavigationControl, ScaleControl, setWorkerUrl }, { default: workerUrl }] =
      await Promise.all([
        import('maplibre-gl'),
        import('maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'),
        import('maplibre-gl/dist/maplibre-gl.css'),
        readBackground(),
      ]);
    setWorkerUrl(workerUrl);
    const map = new MapClass({
      container,
      style: styleNow(latest.current),
      bounds: [...(latest.current.bounds ?? [116.32, 39.86, 116.41, 39.97])] as [number, number, number, number],
      fitBoundsOptions: { padding: 32 },
      attributionControl: { compact: true },
      dragRotate: false,
      pitchWithRotate: false,
      fadeDuration: 0,
      localIdeographFontFamily: '"Noto Sans CJK SC", "Microsoft YaHei", sans-serif',
      transformRequest: (url) =>
        new URL(url, location.href).origin === location.origin
          ? { url, headers: { authorization: `Bearer ${session.peek()?.token ?? ''}` } }
          : { url },
    });
    map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
    map.addControl(new ScaleControl({}), 'top-left');
    map.on('style.load', () => {
      showData(map, latest.current.data);
      latest.current.onReady?.(map);
    });
    map.on('click', ({ lngLat, point }) => {
      const own = latest.current.layers().map(({ id }) => id);
      const box: [[number, number], [number, number]] = [
        [point.x - 6, point.y - 6],
        [point.x + 6, point.y + 6],
      ];
      const feature = map.queryRenderedFeatures(box, { layers: own.filter((id) => map.getLayer(id)) })[0];
      latest.current.onClick?.(
        { lon: lngLat.lng, lat: lngLat.lat },
        feature ? { layer: feature.layer.id, properties: feature.properties } : null,
      );
    });
    let first = true;
    const stop = effect(() => {
      void [theme.value, language.value];
      if (!first) map.setStyle(styleNow(latest.current), { diff: false });
      first = false;
    });
    return { map, stop };
  } catch (error) {
    console.error(error);
    failed.value = true;
    return null;
  }
}

function styleNow({ layers, data }: MapViewProps) {
  const base = baseStyle(theme.peek(), language.peek(), location.origin, say('mapData'), background);
  const sources = Object.fromEntries(
    Object.entries(data).map(([name, collection]) => [name, { type: 'geojson' as const, data: collection }]),
  );
  return { ...base, sources: { ...base.sources, ...sources }, layers: [...base.layers, ...layers()] };
}
