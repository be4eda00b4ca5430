/** Draws the case in the README from the extract: `node --import=tsx bench/roads-picture.ts` writes `src/fleet/roads/houhai.svg`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Position } from '../src/domain/position.ts';
import { roadClasses } from '../src/fleet/roads/graph.ts';
import { RoadNetwork } from '../src/fleet/roads/network.ts';
import { readCity } from '../src/fleet/roads/osm/read-city.ts';
import { prepareGraph } from '../src/fleet/roads/prepare/prepare.ts';
import { straightLineTravel } from '../src/fleet/travel.ts';
import { EXTRACT } from './roads.ts';

const AT = Date.parse('2026-03-02T14:00:00+08:00');
const at = (lon: number, lat: number): Position => ({ lon, lat, crs: 'wgs84' });
/** 46 North Bank of Houhai, the former residence of Soong Ching-ling; the units are invented. */
const caller = at(116.3797, 39.944);
const units = [
  { name: 'A', position: at(116.3817, 39.9365), colour: '#c2410c' },
  { name: 'B', position: at(116.3897, 39.938), colour: '#1d4ed8' },
] as const;

const BOX = { west: 116.371, south: 39.9325, east: 116.3955, north: 39.9475 } as const;
const WIDTH = 900;
const SCALE_LON = WIDTH / (BOX.east - BOX.west);
const SCALE_LAT = SCALE_LON / Math.cos((caller.lat * Math.PI) / 180);
const HEIGHT = Math.round((BOX.north - BOX.south) * SCALE_LAT);
const x = ({ lon }: Position) => ((lon - BOX.west) * SCALE_LON).toFixed(1);
const y = ({ lat }: Position) => ((BOX.north - lat) * SCALE_LAT).toFixed(1);
const path = (points: readonly Position[]) => points.map((p, i) => `${i ? 'L' : 'M'}${x(p)} ${y(p)}`).join('');
const inside = ({ lon, lat }: Position) => lon > BOX.west && lon < BOX.east && lat > BOX.south && lat < BOX.north;

const { graph } = prepareGraph((await readCity(EXTRACT, { areaLevel: 8 })).roads);
const network = new RoadNetwork(graph);
const widths = [9, 8, 7, 6, 4.5, 3, 3, 2, 2, 4];
const streets = roadClasses.map((_, number) => {
  const lines: string[] = [];
  for (let e = 0; e < graph.edgeCount; e++) {
    if (graph.edgeClass[e] !== number) continue;
    const points = Array.from(
      { length: (graph.edgePoint[e + 1] as number) - (graph.edgePoint[e] as number) },
      (_, i) => {
        const p = (graph.edgePoint[e] as number) + i;
        return at((graph.pointLon[p] as number) / 1e7, (graph.pointLat[p] as number) / 1e7);
      },
    );
    if (points.some(inside)) lines.push(path(points));
  }
  return `<path d="${lines.join('')}" stroke-width="${widths[number]}"/>`;
});
const minutes = (seconds: number) => `${Math.floor(seconds / 60)}:${String(Math.round(seconds) % 60).padStart(2, '0')}`;
const text = (px: number | string, py: number | string, words: string, more = '') =>
  `<text x="${px}" y="${py}" ${more}>${words}</text>`;
const ways = units.map(({ name, position, colour }) => {
  const route = network.route(position, caller, AT);
  const straight = straightLineTravel.route(position, caller, AT);
  console.log(name, { seconds: route.seconds, metres: route.metres, straight: straight.seconds });
  return `<path d="${path([position, caller])}" stroke="${colour}" stroke-width="2" stroke-dasharray="3 6"/>
<path d="${path(route.points)}" stroke="${colour}" stroke-width="6" stroke-opacity="0.85"/>
<circle cx="${x(position)}" cy="${y(position)}" r="15" fill="${colour}" stroke="white" stroke-width="3"/>
${text(x(position), Number(y(position)) + 6, name, 'fill="white" text-anchor="middle" font-weight="bold"')}
${text(x(position), Number(y(position)) + 38, `道路 road ${minutes(route.seconds)} · 直线 line ${minutes(straight.seconds)}`, `fill="${colour}" text-anchor="middle" font-weight="bold" paint-order="stroke" stroke="#f6f4ee" stroke-width="4"`)}`;
});
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif" font-size="17">
<title>Two units on their way to a call at Houhai: nearer as the crow flies is not nearer by road</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#f6f4ee"/>
<g fill="none" stroke="#cfc9bb" stroke-linecap="round" stroke-linejoin="round">
${streets.reverse().join('\n')}
</g>
<g fill="none" stroke-linecap="round" stroke-linejoin="round">
${ways.join('\n').replaceAll('<text', '<text stroke="none"').replaceAll('stroke="none" x', 'x')}
</g>
<circle cx="${x(caller)}" cy="${y(caller)}" r="11" fill="#111" stroke="white" stroke-width="3"/>
${text(Number(x(caller)) + 18, Number(y(caller)) - 12, '呼叫 call · 后海北沿46号', 'font-weight="bold" paint-order="stroke" stroke="#f6f4ee" stroke-width="4"')}
${text(WIDTH - 10, HEIGHT - 10, '© OpenStreetMap contributors (ODbL), 2013', 'text-anchor="end" font-size="13" fill="#666"')}
</svg>
`;
writeFileSync(fileURLToPath(new URL('../src/fleet/roads/houhai.svg', import.meta.url)), svg);
