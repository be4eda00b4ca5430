/** Nodes, ways and relations out of an OpenStreetMap file, one by one: XML, XML in gzip, or PBF. */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { type Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { OSMTransform } from 'osm-pbf-parser-node';
import { SaxesParser } from 'saxes';
import type { Tags } from './tags.ts';

export interface OsmNode {
  readonly id: number;
  readonly lon: number;
  readonly lat: number;
  readonly tags: Tags;
}
export interface OsmWay {
  readonly id: number;
  readonly refs: readonly number[];
  readonly tags: Tags;
}
export interface OsmRelation {
  readonly id: number;
  readonly members: readonly { readonly type: string; readonly ref: number; readonly role: string }[];
  readonly tags: Tags;
}
export interface OsmBox {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

/** What is not wanted is left out; it costs least where a whole kind is. A handler that throws ends the reading. */
export interface Wanted {
  box?(box: OsmBox): void;
  node?(node: OsmNode): void;
  way?(way: OsmWay): void;
  relation?(relation: OsmRelation): void;
}

/** A file that cannot be read as OpenStreetMap data: the message says what is wrong with it. */
export class OsmFileError extends Error {
  override readonly name = 'OsmFileError';
}

/**
 * Reads a file once, in memory that does not grow with it.
 * @param progress bytes of the file read since the last time
 * @throws OsmFileError where it is no OpenStreetMap file, is cut short or corrupt
 */
export async function readOsm(
  file: string,
  wanted: Wanted,
  progress: (bytes: number) => void = () => {},
): Promise<void> {
  const format = await formatOf(file);
  const bytes = createReadStream(file, { highWaterMark: 1 << 18 });
  bytes.on('data', (chunk) => progress(chunk.length));
  const stopped: { by?: unknown } = {};
  /** What a handler throws is no fault of the file's. */
  const guarded = <T>(handle: ((element: T) => void) | undefined) =>
    handle &&
    ((element: T) => {
      try {
        handle(element);
      } catch (error) {
        stopped.by = error;
        throw error;
      }
    });
  const handlers = {
    box: guarded(wanted.box),
    node: guarded(wanted.node),
    way: guarded(wanted.way),
    relation: guarded(wanted.relation),
  };
  try {
    if (format === 'pbf') await pipeline(bytes, pbfReader(wanted), pbfSink(handlers));
    else if (format === 'gzip') await pipeline(bytes, createGunzip(), xmlSink(handlers));
    else await pipeline(bytes, xmlSink(handlers));
  } catch (error) {
    if (stopped.by) throw stopped.by;
    if (error instanceof OsmFileError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') throw new OsmFileError('the file is cut short', { cause: error });
    throw new OsmFileError(`the file is cut short or corrupt: ${message}`, { cause: error });
  }
}

async function formatOf(file: string): Promise<'pbf' | 'gzip' | 'xml'> {
  const { size } = await stat(file);
  if (size === 0) throw new OsmFileError('the file is empty');
  const handle = await open(file);
  try {
    const start = Buffer.alloc(64);
    const { bytesRead } = await handle.read(start, 0, 64, 0);
    if (start[0] === 0x1f && start[1] === 0x8b) return 'gzip';
    if (start.includes('OSMHeader')) return 'pbf';
    // Of a text: a byte order mark and white space, then an element.
    const text = start
      .subarray(0, bytesRead)
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .trimStart();
    if (text.startsWith('<')) return 'xml';
  } finally {
    await handle.close();
  }
  throw new OsmFileError('the file is not OpenStreetMap data: neither XML nor gzip nor PBF');
}

interface Handlers {
  readonly box?: ((box: OsmBox) => void) | undefined;
  readonly node?: ((node: OsmNode) => void) | undefined;
  readonly way?: ((way: OsmWay) => void) | undefined;
  readonly relation?: ((relation: OsmRelation) => void) | undefined;
}

const noTags: Tags = {};

function pbfReader(wanted: Wanted): Transform {
  const reader = new OSMTransform({
    withTags: {
      node: wanted.node !== undefined,
      way: wanted.way !== undefined,
      relation: wanted.relation !== undefined,
    },
    withInfo: false,
  });
  // Its own code throws where a file is broken; inside a stream that would end the process instead of the reading.
  const { _transform, _flush } = reader;
  reader._transform = function (chunk, encoding, done) {
    try {
      _transform.call(this, chunk, encoding, done);
    } catch (error) {
      done(error as Error);
    }
  };
  reader._flush = function (done) {
    try {
      _flush.call(this, done);
    } catch {
      done(new OsmFileError('the file is cut short'));
    }
  };
  return reader;
}

interface PbfItem {
  readonly type?: 'node' | 'way' | 'relation';
  readonly bbox?: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };
  readonly required_features?: readonly string[];
  readonly tags?: Tags;
}
const KNOWN_FEATURES = new Set(['OsmSchema-V0.6', 'DenseNodes']);

function pbfSink(handlers: Handlers): Writable {
  return new Writable({
    objectMode: true,
    write(batch: readonly PbfItem[], _encoding, done) {
      try {
        for (const item of batch) {
          const element = { tags: noTags, ...item } as unknown;
          if (item.type === 'node') handlers.node?.(element as OsmNode);
          else if (item.type === 'way') handlers.way?.(element as OsmWay);
          else if (item.type === 'relation') handlers.relation?.(element as OsmRelation);
          else {
            const strange = item.required_features?.find((feature) => !KNOWN_FEATURES.has(feature));
            if (strange) throw new OsmFileError(`the file needs ${strange}, which is not read here`);
            const box = item.bbox;
            // A box of nothing is what writers put where they do not know.
            if (box && (box.left || box.right || box.top || box.bottom))
              handlers.box?.({
                west: box.left / 1e9,
                east: box.right / 1e9,
                north: box.top / 1e9,
                south: box.bottom / 1e9,
              });
          }
        }
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

function xmlSink(handlers: Handlers): Writable {
  const decoder = new TextDecoder();
  const parser = new SaxesParser();
  let depth = 0;
  let tags: Record<string, string> = {};
  let refs: number[] = [];
  let members: { type: string; ref: number; role: string }[] = [];
  let open: Record<string, string> = {};
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    depth++;
    if (depth === 1 && name !== 'osm')
      throw new OsmFileError(`the file is not OpenStreetMap data: its root element is ${name.slice(0, 40)}`);
    switch (name) {
      case 'node':
      case 'way':
      case 'relation':
        open = attributes;
        tags = {};
        refs = [];
        members = [];
        break;
      case 'tag':
        tags[attributes.k ?? ''] = attributes.v ?? '';
        break;
      case 'nd':
        refs.push(Number(attributes.ref));
        break;
      case 'member':
        members.push({ type: attributes.type ?? '', ref: Number(attributes.ref), role: attributes.role ?? '' });
        break;
      case 'bounds': {
        const { minlon, minlat, maxlon, maxlat } = attributes;
        handlers.box?.({ west: Number(minlon), south: Number(minlat), east: Number(maxlon), north: Number(maxlat) });
        break;
      }
    }
  });
  parser.on('closetag', ({ name }) => {
    depth--;
    const id = Number(open.id);
    if (name === 'node') handlers.node?.({ id, lon: Number(open.lon), lat: Number(open.lat), tags });
    else if (name === 'way') handlers.way?.({ id, refs, tags });
    else if (name === 'relation') handlers.relation?.({ id, members, tags });
  });
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      try {
        parser.write(decoder.decode(chunk, { stream: true }));
        done();
      } catch (error) {
        done(error as Error);
      }
    },
    final(done) {
      try {
        parser.write(decoder.decode()).close();
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
}
