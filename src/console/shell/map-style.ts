/** The look of the base map, by theme and language. Text is drawn with the computer's own fonts. */
import type { StyleSpecification } from 'maplibre-gl';
import type { Language } from './language.ts';
import type { Theme } from './theme.ts';

export const mapColours = {
  light: {
    ground: '#e9edf0',
    land: '#fafbfb',
    road: '#d5dce2',
    line: '#a9b5c0',
    text: '#515c67',
    halo: '#ffffff',
    ink: '#16191d',
    accent: '#0b57a4',
    danger: '#b3151c',
    urgent: '#b35900',
    fine: '#17663a',
    hospital: '#a3195b',
    station: '#0b57a4',
    centre: '#17663a',
  },
  dark: {
    ground: '#0d1013',
    land: '#1a2026',
    road: '#36424d',
    line: '#475461',
    text: '#a9b4bf',
    halo: '#12161a',
    ink: '#eef1f4',
    accent: '#8cc0ff',
    danger: '#ff9a96',
    urgent: '#ffc27a',
    fine: '#8fdcaa',
    hospital: '#ff9cc8',
    station: '#8cc0ff',
    centre: '#8fdcaa',
  },
} as const satisfies Record<Theme, Record<string, string>>;

export const mapFont = ['Noto Sans CJK SC', 'sans-serif'];

/** Pictures from outside, where the centre has chosen some: `attribution` is plain text. */
export interface Background {
  readonly url: string;
  readonly attribution: string;
}

/** A map's attributions are markup to the library. */
const asText = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign] ?? sign);

/** Pictures made for daylight, dimmed so that what is drawn over them stands out, more so by night. */
const dimmed = {
  light: { 'raster-saturation': -0.4, 'raster-opacity': 0.85 },
  dark: { 'raster-saturation': -0.6, 'raster-opacity': 0.6, 'raster-brightness-max': 0.55 },
} as const;

/** `mapData`: whose the imported data are, as its licence (ODbL 1.0, 4.3) asks to be said beside the map. */
export function baseStyle(
  theme: Theme,
  language: Language,
  origin: string,
  mapData: string,
  background: Background | null,
): StyleSpecification {
  const colour = mapColours[theme];
  const tiles = (layer: string) => ({
    type: 'vector' as const,
    tiles: [`${origin}/v1/tiles/${layer}/{z}/{x}/{y}`],
    minzoom: 8,
    maxzoom: 14,
  });
  const placeName = ['get', language === 'zh' ? 'name' : 'name_en'] as ['get', string];
  return {
    version: 8,
    sources: {
      areas: tiles('areas'),
      places: tiles('places'),
      roads: { ...tiles('roads'), minzoom: 10, attribution: mapData },
      ...(background && {
        background: {
          type: 'raster',
          tiles: [background.url],
          tileSize: 256,
          maxzoom: 18,
          attribution: asText(background.attribution),
        },
      }),
    },
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': colour.ground } },
      { id: 'areas', type: 'fill', source: 'areas', 'source-layer': 'areas', paint: { 'fill-color': colour.land } },
      {
        id: 'roads',
        type: 'line',
        source: 'roads',
        'source-layer': 'roads',
        layout: { 'line-cap': 'round', 'line-join': 'round' },
        paint: {
          'line-color': colour.road,
          'line-width': [
            'interpolate',
            ['linear'],
            ['zoom'],
            11,
            ['match', ['get', 'class'], ['motorway', 'trunk', 'primary', 'secondary'], 1.5, 0.4],
            16,
            ['match', ['get', 'class'], ['motorway', 'trunk', 'primary', 'secondary'], 9, 4],
          ],
        },
      },
      // Over the streets we know, which are seen where a picture does not come.
      ...(background
        ? [{ id: 'background', type: 'raster' as const, source: 'background', paint: dimmed[theme] }]
        : []),
      {
        id: 'area-lines',
        type: 'line',
        source: 'areas',
        'source-layer': 'areas',
        paint: { 'line-color': colour.line, 'line-width': 1, 'line-dasharray': [4, 2] },
      },
      {
        id: 'area-names',
        type: 'symbol',
        source: 'areas',
        'source-layer': 'areas',
        layout: { 'text-field': placeName, 'text-font': mapFont, 'text-size': 13 },
        paint: { 'text-color': colour.text, 'text-halo-color': colour.halo, 'text-halo-width': 1.5 },
      },
      {
        id: 'place-dots',
        type: 'circle',
        source: 'places',
        'source-layer': 'places',
        minzoom: 10,
        paint: {
          'circle-radius': 5,
          'circle-color': [
            'match',
            ['get', 'kind'],
            'hospital',
            colour.hospital,
            'station',
            colour.station,
            'community-centre',
            colour.centre,
            colour.urgent,
          ],
          'circle-stroke-color': colour.halo,
          'circle-stroke-width': 1.5,
        },
      },
      {
        // A letter tells the kind where colours cannot be told apart: H hospital, S station, C centre, F fire.
        id: 'place-names',
        type: 'symbol',
        source: 'places',
        'source-layer': 'places',
        minzoom: 12,
        layout: {
          'text-field': [
            'concat',
            ['match', ['get', 'kind'], 'hospital', 'H ', 'station', 'S ', 'community-centre', 'C ', 'F '],
            placeName,
          ],
          'text-font': mapFont,
          'text-size': 11,
          'text-offset': [0, 0.9],
          'text-anchor': 'top',
          'text-optional': true,
        },
        paint: { 'text-color': colour.text, 'text-halo-color': colour.halo, 'text-halo-width': 1.2 },
      },
    ],
  };
}
