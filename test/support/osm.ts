/** A small invented town as OpenStreetMap data, in XML and in PBF, with one of everything an import looks for. */
import { deflateSync } from 'node:zlib';
// The reader's own message descriptions, which write as well as they read; none of these comes with types.
// @ts-expect-error
import { BlobHeader, Blob as BlobMessage } from 'osm-pbf-parser-node/proto/fileformat.js';
// @ts-expect-error
import { HeaderBlock, PrimitiveBlock } from 'osm-pbf-parser-node/proto/osmformat.js';
// @ts-expect-error
import Pbf from 'pbf';

export interface Town {
  readonly nodes: readonly (readonly [id: number, lon: number, lat: number, tags?: Record<string, string>])[];
  readonly ways: readonly (readonly [id: number, refs: readonly number[], tags: Record<string, string>])[];
  readonly relations: readonly (readonly [id: number, ways: readonly number[], tags: Record<string, string>])[];
}

const LON = 116.35;
const LAT = 39.9;
const STEP = 0.003;
const round = (degrees: number) => Math.round(degrees * 1e7) / 1e7;
const at = (column: number, row: number) => [round(LON + column * STEP), round(LAT + row * STEP)] as const;

/** Four by four junctions with streets between; an island; a way that runs out of the extract; places and an outline. */
export function town(hospital = '示范医院'): Town {
  const grid = Array.from({ length: 16 }, (_, i) => [i + 1, ...at(i % 4, Math.floor(i / 4))] as const);
  const row = (r: number) => [1, 2, 3, 4].map((c) => r * 4 + c);
  const column = (c: number) => [0, 1, 2, 3].map((r) => r * 4 + c);
  return {
    nodes: [
      ...grid,
      [-20, ...at(-3, -3)],
      [21, ...at(-3, -2)],
      [30, ...at(0.4, 0.5), { amenity: 'hospital', name: hospital, 'healthcare:speciality': 'burns' }],
      [31, ...at(1.4, 0.5), { emergency: 'defibrillator' }],
      [32, ...at(1.6, 0.5), { 'addr:street': '示范街', 'addr:housenumber': '7' }],
      [40, ...at(2.1, 2.1)],
      [41, ...at(2.3, 2.1)],
      [42, ...at(2.3, 2.3)],
      [50, ...at(-1, -1)],
      [51, ...at(5, -1)],
      [52, ...at(5, 5)],
      [53, ...at(-1, 5)],
    ],
    ways: [
      [100, row(0), { highway: 'primary', maxspeed: '60' }],
      [101, row(1), { highway: 'residential', oneway: 'yes' }],
      [102, row(2), { highway: 'residential', oneway: '-1' }],
      [103, row(3), { highway: 'secondary' }],
      ...[1, 2, 3].map((c) => [103 + c, column(c), { highway: 'tertiary' }] as const),
      [107, [...column(4), 999, 998], { highway: 'tertiary' }],
      [108, [-20, 21], { highway: 'residential' }],
      [109, [997, 996], { highway: 'residential' }],
      [110, [1, 6], { highway: 'footway' }],
      [120, [40, 41, 42, 40], { amenity: 'fire_station', name: '示范消防站', building: 'yes' }],
      [121, [995, 994, 995], { amenity: 'clinic' }],
      [130, [50, 51, 52], {}],
      [131, [50, 53, 52], {}],
    ],
    relations: [
      [
        200,
        [130, 131],
        { type: 'boundary', boundary: 'administrative', admin_level: '8', name: '示范街道', 'name:en': 'Invented' },
      ],
      [201, [130], { type: 'boundary', boundary: 'administrative', admin_level: '8', name: '半个街道' }],
    ],
  };
}

const xmlTags = (tags: Record<string, string> = {}) =>
  Object.entries(tags)
    .map(([k, v]) => `<tag k="${k}" v="${v}"/>`)
    .join('');

export function asXml({ nodes, ways, relations }: Town): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">',
    ...nodes.map(([id, lon, lat, tags]) => `<node id="${id}" lon="${lon}" lat="${lat}">${xmlTags(tags)}</node>`),
    ...ways.map(
      ([id, refs, tags]) => `<way id="${id}">${refs.map((ref) => `<nd ref="${ref}"/>`).join('')}${xmlTags(tags)}</way>`,
    ),
    ...relations.map(
      ([id, members, tags]) =>
        `<relation id="${id}">${members.map((ref) => `<member type="way" ref="${ref}" role="outer"/>`).join('')}${xmlTags(tags)}</relation>`,
    ),
    '</osm>\n',
  ].join('\n');
}

export function asPbf({ nodes, ways, relations }: Town): Buffer {
  const strings = [''];
  const string = (text: string) => {
    const found = strings.indexOf(text);
    return found >= 0 ? found : strings.push(text) - 1;
  };
  const deltas = (values: readonly number[]) => values.map((value, i) => value - (values[i - 1] ?? 0));
  const keysAndValues = (tags: Record<string, string>) => ({
    keys: Object.keys(tags).map(string),
    vals: Object.values(tags).map(string),
  });
  const groups = [
    {
      dense: {
        id: deltas(nodes.map(([id]) => id)),
        lon: deltas(nodes.map(([, lon]) => Math.round(lon * 1e7))),
        lat: deltas(nodes.map(([, , lat]) => Math.round(lat * 1e7))),
        keys_vals: nodes.flatMap(([, , , tags = {}]) => [...Object.entries(tags).flat().map(string), 0]),
      },
    },
    { ways: ways.map(([id, refs, tags]) => ({ id, refs: deltas(refs), ...keysAndValues(tags) })) },
    {
      relations: relations.map(([id, members, tags]) => ({
        id,
        memids: deltas(members),
        types: members.map(() => 1),
        roles_sid: members.map(() => string('outer')),
        ...keysAndValues(tags),
      })),
    },
  ];
  const block = new Pbf();
  const withStrings = { stringtable: { s: strings.map((text) => Buffer.from(text)) }, primitivegroup: groups };
  PrimitiveBlock.write(withStrings, block);
  const header = new Pbf();
  HeaderBlock.write({ required_features: ['OsmSchema-V0.6', 'DenseNodes'] }, header);
  return Buffer.concat([framed('OSMHeader', header.finish()), framed('OSMData', block.finish())]);
}

function framed(type: string, data: Uint8Array): Buffer {
  const blob = new Pbf();
  BlobMessage.write({ raw_size: data.length, zlib_data: deflateSync(data) }, blob);
  const body = blob.finish();
  const head = new Pbf();
  BlobHeader.write({ type, datasize: body.length }, head);
  const length = Buffer.alloc(4);
  const start = head.finish();
  length.writeUInt32BE(start.length);
  return Buffer.concat([length, start, body]);
}
