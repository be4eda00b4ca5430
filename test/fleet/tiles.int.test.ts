/** The same tile from PostGIS and from the encoder that stands in for it where it was compiled without. */

import { VectorTile } from '@mapbox/vector-tile';
// @ts-expect-error it comes without types
import Pbf from 'pbf';
import t from 'tap';
import { openPool } from '../../src/database/pool.ts';
import { inventDistrict } from '../../src/demo/district.ts';
import { putArea, putPlace } from '../../src/fleet/store.ts';
import { readTile, type TileLayer, tileLayers } from '../../src/fleet/tile-store.ts';
import { backends } from '../support/backends.ts';
import { NOW } from '../support/service.ts';

const tiles = [
  { z: 7, x: 105, y: 48 },
  { z: 12, x: 3371, y: 1551 },
  { z: 14, x: 13487, y: 6208 },
  { z: 14, x: 0, y: 0 },
] as const;

type Seen = { name: unknown; type: number; area: number; bounds: readonly number[] };
const seen = new Map<string, Map<string, readonly Seen[]>>();

/** What a map would draw, in an order and a precision that do not depend on who made it. */
function decode(layer: TileLayer, bytes: Uint8Array): Seen[] {
  const found = new VectorTile(new Pbf(bytes)).layers[layer];
  return Array.from({ length: found?.length ?? 0 }, (_, place) => {
    const feature = found?.feature(place) as NonNullable<ReturnType<NonNullable<typeof found>['feature']>>;
    const rings = feature.loadGeometry();
    const points = rings.flat();
    const area = rings.reduce((sum, ring) => {
      const twice = ring.reduce((sum, { x, y }, at) => {
        const next = ring[(at + 1) % ring.length] as { x: number; y: number };
        return sum + x * next.y - next.x * y;
      }, 0);
      return sum + twice / 2;
    }, 0);
    const bounds = [Math.min(...points.map(({ x }) => x)), Math.max(...points.map(({ y }) => y))];
    return { name: feature.properties.name, type: feature.type, area, bounds };
  }).sort((a, b) => String(a.name).localeCompare(String(b.name)));
}

for (const backend of backends)
  t.test(backend.name, async (t) => {
    const { databaseUrl } = await backend.fresh(t);
    const db = openPool(databaseUrl, { max: 2 });
    t.teardown(() => db.end());
    const { areas, places } = inventDistrict(NOW);
    for (const area of areas) await putArea(db, area);
    for (const place of places) await putPlace(db, place);
    const mine = new Map<string, readonly Seen[]>();
    for (const layer of tileLayers)
      for (const tile of tiles)
        mine.set(`${layer} ${tile.z}/${tile.x}/${tile.y}`, decode(layer, await readTile(db, layer, tile)));
    seen.set(backend.name, mine);
    t.equal(mine.get('areas 7/105/48')?.length, areas.length);
    t.equal(mine.get('places 7/105/48')?.length, places.length);
    t.same(mine.get('areas 14/0/0'), [], 'nothing elsewhere');
    for (const { area } of mine.get('areas 12/3371/1551') ?? []) t.ok(area > 0, 'outer rings run clockwise');
  });

t.test('both draw the same', async (t) => {
  const [ours, theirs] = backends.map(({ name }) => seen.get(name));
  for (const [tile, features] of ours ?? []) {
    const others = theirs?.get(tile) ?? [];
    t.same(
      others.map(({ name, type }) => [name, type]),
      features.map(({ name, type }) => [name, type]),
      tile,
    );
    features.forEach(({ name, area, bounds }, place) => {
      const other = others[place] as Seen;
      t.ok(Math.abs(area - other.area) <= 0.01 * Math.abs(area) + 400, `${tile} ${name}: ${area} and ${other.area}`);
      t.ok(
        bounds.every((bound, at) => Math.abs(bound - (other.bounds[at] ?? NaN)) <= 2),
        `${tile} ${name}: where`,
      );
    });
  }
});
