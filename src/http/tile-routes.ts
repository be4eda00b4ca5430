/** Vector tiles of the base layer of every map, and whose pictures are drawn over it. */
import { LRUCache } from 'lru-cache';
import { Type } from 'typebox';
import type { Deps } from '../deps.ts';
import { refuseField } from '../domain/errors.ts';
import { oneOf, roles } from '../domain/vocabulary.ts';
import { roadTile } from '../fleet/roads/tile.ts';
import { readTile, tileLayers as storedLayers } from '../fleet/tile-store.ts';
import type { App } from './types.ts';

const tileLayers = [...storedLayers, 'roads'] as const;
const DEEPEST = 18;
/** Outlines, stations and roads change by the month; a tile may be a few minutes old. */
const FRESH_SECONDS = 300;
const TILES_KEPT = 2_000;

const Address = Type.Object({
  layer: oneOf(tileLayers),
  z: Type.String({ pattern: '^\\d{1,2}$' }),
  x: Type.String({ pattern: '^\\d{1,7}$' }),
  y: Type.String({ pattern: '^\\d{1,7}$' }),
});

export function registerTileRoutes(app: App, deps: Pick<Deps, 'db' | 'roads' | 'config'>): void {
  // Asked for by every console of a room at once; the database, which takes calls, makes each once. What is kept is a
  // promise, so that those who ask meanwhile wait for the same one.
  const tiles = new LRUCache<string, Promise<Uint8Array>>({ max: TILES_KEPT, ttl: FRESH_SECONDS * 1000 });

  app.get(
    '/v1/tiles/:layer/:z/:x/:y',
    {
      config: { access: roles, rateLimit: false },
      schema: {
        summary: 'One layer of a map tile (Mapbox Vector Tile, Web Mercator)',
        tags: ['places'],
        produces: ['application/vnd.mapbox-vector-tile'],
        params: Address,
        response: { 200: Type.Unsafe<Uint8Array>({ type: 'string', format: 'binary' }) },
      },
    },
    async (request, reply) => {
      const { layer } = request.params;
      const [z, x, y] = [request.params.z, request.params.x, request.params.y].map(Number) as [number, number, number];
      if (z > DEEPEST) throw refuseField('z', `is deeper than ${DEEPEST}`);
      for (const [field, value] of [
        ['x', x],
        ['y', y],
      ] as const)
        if (value >= 2 ** z) throw refuseField(field, 'lies outside the map at this zoom');
      const tile = await tileOf(layer, { z, x, y });
      reply.header('cache-control', `private, max-age=${FRESH_SECONDS}`).type('application/vnd.mapbox-vector-tile');
      return reply.send(Buffer.from(tile));
    },
  );

  app.get(
    '/v1/map-background',
    {
      config: { access: roles },
      schema: {
        summary: 'The map pictures from outside this centre has chosen; null where it has none',
        tags: ['places'],
        response: {
          200: Type.Object({
            background: Type.Union([
              Type.Object({
                url: Type.String({ description: 'raster tiles, Web Mercator, with {z}, {x} and {y}' }),
                attribution: Type.String(),
              }),
              Type.Null(),
            ]),
          }),
        },
      },
    },
    async () => ({ background: deps.config.mapBackground }),
  );

  function tileOf(
    layer: (typeof tileLayers)[number],
    address: { z: number; x: number; y: number },
  ): Promise<Uint8Array> {
    const key = `${layer}/${address.z}/${address.x}/${address.y}`;
    const known = tiles.get(key);
    if (known) return known;
    const made = layer === 'roads' ? roadsIn(address) : readTile(deps.db, layer, address);
    tiles.set(key, made);
    made.catch(() => tiles.delete(key));
    return made;
  }

  /** The graph is in memory; where there is none there are no roads to draw. */
  async function roadsIn(address: { z: number; x: number; y: number }): Promise<Uint8Array> {
    const { network } = deps.roads;
    return network ? roadTile(network.graph, address) : new Uint8Array();
  }
}
