/** Positions anywhere on earth, in all three systems: every conversion ends, inverts exactly in China and shifts nothing abroad. */
import fc from 'fast-check';
import gcoordModule from 'gcoord';
import t from 'tap';
import { distanceMetres, toWgs84 } from '../../src/domain/position.ts';

const gcoord = gcoordModule as unknown as typeof gcoordModule.default;
const systems = { gcj02: gcoord.GCJ02, bd09: gcoord.BD09 } as const;
const crs = fc.constantFrom('gcj02' as const, 'bd09' as const);
const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

t.test('on the rim of the box where GCJ-02 applies, a conversion ends', async (t) => {
  // Each of these once kept the library's iteration, and with it the whole service, busy for ever.
  const rim = [
    { lon: 72.0041, lat: 40, crs: 'gcj02' },
    { lon: 72.005, lat: 40, crs: 'gcj02' },
    { lon: 100, lat: 0.83, crs: 'gcj02' },
    { lon: 72.011, lat: 40, crs: 'bd09' },
  ] as const;
  for (const given of rim) {
    const { lon, lat } = toWgs84(given);
    t.ok(Math.abs(lon - given.lon) < 0.02 && Math.abs(lat - given.lat) < 0.02, JSON.stringify(given));
  }
});

t.test('wherever a position lies, its conversion ends within two kilometres of it', async () => {
  const edges = fc.oneof(number(71.98, 72.05), number(137.79, 137.86), number(-180, 180));
  const rims = fc.oneof(number(0.8, 0.9), number(55.78, 55.85), number(-90, 90));
  fc.assert(
    fc.property(edges, rims, crs, (lon, lat, crs) => {
      const wgs84 = toWgs84({ lon, lat, crs });
      return Math.abs(wgs84.lat - lat) < 0.02 && Math.abs(wgs84.lon - lon) < 0.02;
    }),
    { numRuns: 20_000, seed: 1 },
  );
});

t.test('in China, there and back is the same place', async () => {
  fc.assert(
    fc.property(number(73, 135), number(18, 53), crs, (lon, lat, crs) => {
      const [there, thereLat] = gcoord.transform([lon, lat], gcoord.WGS84, systems[crs]);
      return distanceMetres(toWgs84({ lon: there, lat: thereLat, crs }), { lon, lat, crs: 'wgs84' }) < 1;
    }),
    { numRuns: 5_000, seed: 2 },
  );
});
