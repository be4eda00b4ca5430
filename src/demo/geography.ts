/**
 * The 15 sub-districts by their real names and codes, on a map that is invented: a few straight lines about where each
 * lies to its neighbours. Real outlines are loaded with `npm run import:areas`.
 */
import { booleanPointInPolygon } from '@turf/turf';
import type { Polygon } from 'geojson';
import type { Position } from '../domain/position.ts';
import type { Area } from '../fleet/store.ts';
import type { Random } from './random.ts';

export const OUTLINE_SOURCE = 'invented for the demonstration';

/** Corners are shared by name, so that neighbours meet without gap or overlap. WGS-84 degrees. */
const corners = {
  northWest: [116.354, 39.974],
  northEast: [116.396, 39.975],
  westTop: [116.326, 39.948],
  ringWest: [116.354, 39.948],
  ringMiddle: [116.376, 39.949],
  ringEast: [116.397, 39.949],
  fuWest: [116.325, 39.925],
  fuInner: [116.355, 39.925],
  fuMiddle: [116.376, 39.926],
  fuEast: [116.397, 39.926],
  gateFarWest: [116.321, 39.898],
  gateWest: [116.325, 39.898],
  gateOuter: [116.345, 39.898],
  gateInner: [116.355, 39.898],
  gateMiddle: [116.367, 39.898],
  gateSouth: [116.376, 39.899],
  gateNear: [116.381, 39.899],
  gateEast: [116.398, 39.899],
  lowOuter: [116.345, 39.887],
  lowInner: [116.356, 39.887],
  lowMiddle: [116.367, 39.888],
  lowNear: [116.381, 39.888],
  lowEast: [116.398, 39.888],
  parkInner: [116.356, 39.877],
  parkMiddle: [116.367, 39.877],
  southFarWest: [116.322, 39.87],
  southOuter: [116.346, 39.867],
  southMiddle: [116.367, 39.866],
  southNear: [116.382, 39.866],
  southEast: [116.398, 39.868],
} as const satisfies Record<string, readonly [lon: number, lat: number]>;

export interface Subdistrict {
  readonly code: string;
  readonly name: string;
  /** For ids and English names. */
  readonly pinyin: string;
  readonly ring: readonly (keyof typeof corners)[];
}

/** Rings run anticlockwise and name every corner on their way, those of a neighbour too. */
export const subdistricts: readonly Subdistrict[] = [
  {
    code: '110102001',
    name: '西长安街街道',
    pinyin: 'Xichanganjie',
    ring: ['gateSouth', 'gateNear', 'gateEast', 'fuEast', 'fuMiddle'],
  },
  {
    code: '110102003',
    name: '新街口街道',
    pinyin: 'Xinjiekou',
    ring: ['fuInner', 'fuMiddle', 'ringMiddle', 'ringWest'],
  },
  {
    code: '110102007',
    name: '月坛街道',
    pinyin: 'Yuetan',
    ring: ['gateWest', 'gateOuter', 'gateInner', 'fuInner', 'fuWest'],
  },
  { code: '110102009', name: '展览路街道', pinyin: 'Zhanlanlu', ring: ['fuWest', 'fuInner', 'ringWest', 'westTop'] },
  {
    code: '110102010',
    name: '德胜街道',
    pinyin: 'Desheng',
    ring: ['ringWest', 'ringMiddle', 'ringEast', 'northEast', 'northWest'],
  },
  {
    code: '110102011',
    name: '金融街街道',
    pinyin: 'Jinrongjie',
    ring: ['gateInner', 'gateMiddle', 'gateSouth', 'fuMiddle', 'fuInner'],
  },
  {
    code: '110102012',
    name: '什刹海街道',
    pinyin: 'Shichahai',
    ring: ['fuMiddle', 'fuEast', 'ringEast', 'ringMiddle'],
  },
  { code: '110102013', name: '大栅栏街道', pinyin: 'Dashilan', ring: ['lowNear', 'lowEast', 'gateEast', 'gateNear'] },
  { code: '110102014', name: '天桥街道', pinyin: 'Tianqiao', ring: ['southNear', 'southEast', 'lowEast', 'lowNear'] },
  {
    code: '110102015',
    name: '椿树街道',
    pinyin: 'Chunshu',
    ring: ['lowMiddle', 'lowNear', 'gateNear', 'gateSouth', 'gateMiddle'],
  },
  {
    code: '110102016',
    name: '陶然亭街道',
    pinyin: 'Taoranting',
    ring: ['southMiddle', 'southNear', 'lowNear', 'lowMiddle', 'parkMiddle'],
  },
  {
    code: '110102017',
    name: '广安门内街道',
    pinyin: 'Guanganmennei',
    ring: ['lowOuter', 'lowInner', 'lowMiddle', 'gateMiddle', 'gateInner', 'gateOuter'],
  },
  { code: '110102018', name: '牛街街道', pinyin: 'Niujie', ring: ['parkInner', 'parkMiddle', 'lowMiddle', 'lowInner'] },
  {
    code: '110102019',
    name: '白纸坊街道',
    pinyin: 'Baizhifang',
    ring: ['southOuter', 'southMiddle', 'parkMiddle', 'parkInner', 'lowInner', 'lowOuter'],
  },
  {
    code: '110102020',
    name: '广安门外街道',
    pinyin: 'Guanganmenwai',
    ring: ['southFarWest', 'southOuter', 'lowOuter', 'gateOuter', 'gateWest', 'gateFarWest'],
  },
];

export function outlineOf({ ring }: Subdistrict): Polygon {
  const points = ring.map((corner) => [...corners[corner]]);
  return { type: 'Polygon', coordinates: [[...points, points[0] as number[]]] };
}

export const demoAreas: readonly Area[] = subdistricts.map((subdistrict) => ({
  subdistrictCode: subdistrict.code,
  name: subdistrict.name,
  nameEn: `${subdistrict.pinyin} Sub-district`,
  outline: outlineOf(subdistrict),
  source: OUTLINE_SOURCE,
}));

/** Keeps buildings off the border, where a neighbour's outline begins. */
const BORDER_DEGREES = 0.0004;

/** A place well inside, to six decimals (11 cm). */
export function placeInside(random: Random, subdistrict: Subdistrict): Position {
  const outline = outlineOf(subdistrict);
  const points = subdistrict.ring.map((corner) => corners[corner]);
  const [west, east] = [Math.min(...points.map(([lon]) => lon)), Math.max(...points.map(([lon]) => lon))];
  const [south, north] = [Math.min(...points.map(([, lat]) => lat)), Math.max(...points.map(([, lat]) => lat))];
  for (;;) {
    const lon = round(west + random.next() * (east - west));
    const lat = round(south + random.next() * (north - south));
    const around = [-BORDER_DEGREES, BORDER_DEGREES].flatMap((x) =>
      [-BORDER_DEGREES, BORDER_DEGREES].map((y) => [lon + x, lat + y]),
    );
    if (around.every((point) => booleanPointInPolygon(point, outline))) return { lon, lat, crs: 'wgs84' };
  }
}

const round = (degrees: number) => Math.round(degrees * 1e6) / 1e6;

export function subdistrictOf(code: string): Subdistrict {
  const found = subdistricts.find((each) => each.code === code);
  if (!found) throw new Error(`no sub-district ${code} in the demonstration`);
  return found;
}

export const shortNameOf = ({ name }: Subdistrict): string => name.replace(/街道$/, '');
