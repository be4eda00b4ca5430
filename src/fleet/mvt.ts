/**
 * A vector tile from features in tile coordinates (Mapbox Vector Tile Specification 2.1): for the embedded database,
 * whose PostGIS is compiled without ST_AsMVT. Elsewhere PostGIS makes the tiles itself.
 */
import type { Geometry, Position } from 'geojson';

export const EXTENT = 4096;

export interface TileFeature {
  /** Whole numbers, y downward; outside 0 to EXTENT where it reaches over the edge. */
  readonly geometry: Geometry;
  readonly properties: Readonly<Record<string, string | number | boolean | null>>;
}

/** Protocol-buffer fields, one after the other. */
class Writer {
  readonly #bytes: number[] = [];

  varint(value: number): this {
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes.push((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes.push(rest);
    return this;
  }

  number(field: number, value: number): this {
    return this.varint(field << 3).varint(value);
  }

  bytes(field: number, value: Uint8Array): this {
    this.varint((field << 3) | 2).varint(value.length);
    for (const byte of value) this.#bytes.push(byte);
    return this;
  }

  packed(field: number, values: readonly number[]): this {
    const inner = new Writer();
    for (const value of values) inner.varint(value);
    return this.bytes(field, inner.done());
  }

  double(field: number, value: number): this {
    this.varint((field << 3) | 1);
    this.#bytes.push(...new Uint8Array(new Float64Array([value]).buffer));
    return this;
  }

  done(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

const [MOVE, LINE, CLOSE] = [1, 2, 7] as const;
const zigzag = (value: number) => (value < 0 ? -2 * value - 1 : 2 * value);
const text = new TextEncoder();

/** Twice the area; positive clockwise as seen on the screen, which is what the specification asks of outer rings. */
const area = (ring: readonly Position[]): number =>
  ring.reduce((sum, [x = 0, y = 0], place) => {
    const [nextX = 0, nextY = 0] = ring[(place + 1) % ring.length] ?? [];
    return sum + x * nextY - nextX * y;
  }, 0);

const wound = (ring: readonly Position[], outer: boolean): readonly Position[] =>
  area(ring) > 0 === outer ? ring : [...ring].reverse();

/** Lines of one feature as commands; each goes on from where the one before ended. */
function commands(lines: readonly (readonly Position[])[], closed: boolean): number[] {
  const out: number[] = [];
  let [atX, atY] = [0, 0];
  const step = ([x = 0, y = 0]: Position) => {
    out.push(zigzag(x - atX), zigzag(y - atY));
    [atX, atY] = [x, y];
  };
  for (const line of lines) {
    const points = closed ? line.slice(0, -1) : line;
    const [first, ...rest] = points.filter(
      (point, place) => place === 0 || point[0] !== points[place - 1]?.[0] || point[1] !== points[place - 1]?.[1],
    );
    if (!first || rest.length < (closed ? 2 : 1)) continue;
    out.push((1 << 3) | MOVE);
    step(first);
    out.push((rest.length << 3) | LINE);
    for (const point of rest) step(point);
    if (closed) out.push((1 << 3) | CLOSE);
  }
  return out;
}

function pointCommands(points: readonly Position[]): number[] {
  let [atX, atY] = [0, 0];
  return [
    (points.length << 3) | MOVE,
    ...points.flatMap(([x = 0, y = 0]) => {
      const moved = [zigzag(x - atX), zigzag(y - atY)];
      [atX, atY] = [x, y];
      return moved;
    }),
  ];
}

/** Geometry type (1 points, 2 lines, 3 polygons) and commands; nothing for what a tile cannot hold. */
function encode(geometry: Geometry): readonly [type: number, commands: number[]] | null {
  const rings = (polygon: readonly Position[][]) => polygon.map((ring, place) => wound(ring, place === 0));
  switch (geometry.type) {
    case 'Point':
      return geometry.coordinates.length ? [1, pointCommands([geometry.coordinates])] : null;
    case 'MultiPoint':
      return [1, pointCommands(geometry.coordinates)];
    case 'LineString':
      return [2, commands([geometry.coordinates], false)];
    case 'MultiLineString':
      return [2, commands(geometry.coordinates, false)];
    case 'Polygon':
      return [3, commands(rings(geometry.coordinates), true)];
    case 'MultiPolygon':
      return [3, commands(geometry.coordinates.flatMap(rings), true)];
    case 'GeometryCollection':
      return null;
    default:
      return geometry satisfies never;
  }
}

/** One layer as a whole tile; empty where nothing is in it. */
export function encodeTile(layer: string, features: readonly TileFeature[]): Uint8Array {
  const keys = new Map<string, number>();
  const values = new Map<string | number | boolean, number>();
  const indexIn = <T>(table: Map<T, number>, entry: T) => {
    const known = table.get(entry);
    if (known !== undefined) return known;
    table.set(entry, table.size);
    return table.size - 1;
  };
  const encoded = features.flatMap(({ geometry, properties }) => {
    const [type, drawing = []] = encode(geometry) ?? [0];
    if (drawing.length === 0) return [];
    const tags = Object.entries(properties).flatMap(([key, value]) =>
      value === null ? [] : [indexIn(keys, key), indexIn(values, value)],
    );
    return [new Writer().packed(2, tags).number(3, type).packed(4, drawing).done()];
  });
  if (encoded.length === 0) return new Uint8Array();
  const writer = new Writer().number(15, 2).bytes(1, text.encode(layer));
  for (const feature of encoded) writer.bytes(2, feature);
  for (const key of keys.keys()) writer.bytes(3, text.encode(key));
  for (const value of values.keys()) writer.bytes(4, encodeValue(value));
  return new Writer().bytes(3, writer.number(5, EXTENT).done()).done();
}

function encodeValue(value: string | number | boolean): Uint8Array {
  const writer = new Writer();
  if (typeof value === 'string') return writer.bytes(1, text.encode(value)).done();
  if (typeof value === 'boolean') return writer.number(7, Number(value)).done();
  return Number.isSafeInteger(value) && value >= 0 ? writer.number(5, value).done() : writer.double(3, value).done();
}
