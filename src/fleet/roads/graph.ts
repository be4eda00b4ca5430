/**
 * A prepared road network: typed arrays over one block of shared memory, which is also, byte for byte, the file kept on
 * disk and in the database. Threads share it; nothing is parsed or copied to use it.
 */

/** Road classes after OpenStreetMap's `highway`; ramps and slip roads of all kinds are `link`. The order is the stored code. */
export const roadClasses = [
  'motorway',
  'trunk',
  'primary',
  'secondary',
  'tertiary',
  'unclassified',
  'residential',
  'living-street',
  'service',
  'link',
] as const;
export type RoadClass = (typeof roadClasses)[number];

/** Bits of `edgeDirections`: along the edge's line, and against it. */
export const ALONG = 1;
export const AGAINST = 2;

/** Coordinates are whole numbers of 1e-7 degrees (1 cm), as OpenStreetMap stores them. */
export const DEGREE = 1e7;

/** No arc of the hierarchy: an edge that ends where it begins. */
export const NO_ARC = 0xffff_ffff;

const kinds = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, i32: Int32Array, f32: Float32Array } as const;

/** Every section with its element type. Nodes are numbered in the order of contraction: the last is the top. */
const sections = {
  /** Edge → node. */
  edgeTail: 'u32',
  edgeHead: 'u32',
  edgeMetres: 'f32',
  edgeClass: 'u8',
  /** The tagged limit, or 0. */
  edgeKmh: 'u8',
  /** Index into `zones`. */
  edgeZone: 'u16',
  edgeDirections: 'u8',
  /** The arc between the edge's ends, or `NO_ARC`. */
  edgeArc: 'u32',
  /** Edge → its line: points `edgePoint[e]` to `edgePoint[e + 1]`, first at the tail, last at the head. */
  edgePoint: 'u32',
  pointLon: 'i32',
  pointLat: 'i32',
  /** Metres from the edge's tail. */
  pointMetres: 'f32',
  pointEdge: 'u32',
  /** Node → edges that touch it: `nodeEdge[nodeFirst[n]]` to `nodeFirst[n + 1]`. */
  nodeFirst: 'u32',
  nodeEdge: 'u32',
  /** Node → arcs to higher nodes, ascending by head; the first head is the parent in the elimination tree. */
  arcFirst: 'u32',
  arcHead: 'u32',
  /** Cell of the snapping grid → points that begin a segment in it. */
  cellFirst: 'u32',
  cellPoint: 'u32',
} as const;

interface Arrays {
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly f32: Float32Array;
}
export type GraphArrays = { readonly [S in keyof typeof sections]: Arrays[(typeof sections)[S]] };

/** The grid over the network's box; columns run east, rows north. */
export interface SnapGrid {
  readonly west: number;
  readonly south: number;
  readonly cellLon: number;
  readonly cellLat: number;
  readonly columns: number;
  readonly rows: number;
}

/** WGS-84 degrees. */
export interface Bounds {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

export interface GraphFacts {
  readonly bounds: Bounds;
  /** H3 cells of resolution 7 (about 5 km²) that edges lie in. */
  readonly zones: readonly string[];
  readonly grid: SnapGrid;
  /** Where it came from, and who is to be named for it. */
  readonly source: string;
}

export interface RoadGraph extends GraphFacts, GraphArrays {
  readonly nodeCount: number;
  readonly edgeCount: number;
  /** Everything above; send this to a thread and `openGraph` it there. */
  readonly memory: SharedArrayBuffer;
}

const MAGIC = 0x31535244; // "DRS1"
/** Counts up when a section or its meaning changes: a file of another version is prepared anew. */
export const GRAPH_VERSION = 1;

interface Header extends GraphFacts {
  readonly version: number;
  readonly lengths: Readonly<Record<keyof typeof sections, number>>;
}

const aligned = (bytes: number) => Math.ceil(bytes / 8) * 8;
const names = Object.keys(sections) as (keyof typeof sections)[];
const bytesOf = (name: keyof typeof sections) => kinds[sections[name]].BYTES_PER_ELEMENT;

/** Lays the arrays out in shared memory, to be used here or written as it is. */
export function packGraph(facts: GraphFacts, arrays: GraphArrays): RoadGraph {
  const lengths = Object.fromEntries(names.map((name) => [name, arrays[name].length])) as Header['lengths'];
  const { bounds, zones, grid, source } = facts;
  const header = Buffer.from(JSON.stringify({ version: GRAPH_VERSION, bounds, zones, grid, source, lengths }));
  const start = aligned(8 + header.length);
  const size = names.reduce((sum, name) => sum + aligned(lengths[name] * bytesOf(name)), start);
  const memory = new SharedArrayBuffer(size);
  new Uint32Array(memory, 0, 2).set([MAGIC, header.length]);
  new Uint8Array(memory).set(header, 8);
  const graph = openGraph(memory);
  for (const name of names) graph[name].set(arrays[name] as never);
  return graph;
}

/** Views on a graph in memory. Throws where it is none, is cut short or of another version. */
export function openGraph(memory: SharedArrayBuffer): RoadGraph {
  const bytes = new Uint8Array(memory);
  const [magic, headerBytes = 0] = memory.byteLength >= 8 ? new Uint32Array(memory, 0, 2) : [];
  if (magic !== MAGIC || 8 + headerBytes > bytes.length) throw new Error('this is not a prepared road graph');
  const header = JSON.parse(Buffer.from(bytes.slice(8, 8 + headerBytes)).toString()) as Header;
  if (header.version !== GRAPH_VERSION)
    throw new Error(`a road graph of version ${header.version} has to be prepared anew`);
  let at = aligned(8 + headerBytes);
  const arrays: Record<string, unknown> = {};
  for (const name of names) {
    const length = header.lengths[name];
    const end = at + length * bytesOf(name);
    if (end > memory.byteLength) throw new Error('the road graph is cut short');
    const Kind = kinds[sections[name]] as new (memory: SharedArrayBuffer, at: number, length: number) => unknown;
    arrays[name] = new Kind(memory, at, length);
    at = aligned(end);
  }
  const { bounds, zones, grid, source } = header;
  const views = arrays as unknown as GraphArrays;
  return {
    bounds,
    zones,
    grid,
    source,
    ...views,
    nodeCount: views.arcFirst.length - 1,
    edgeCount: views.edgeTail.length,
    memory,
  };
}
