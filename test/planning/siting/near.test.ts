/** A plot without a name is told by the nearest place that has one, and the side it lies on. */
import fc from 'fast-check';
import t from 'tap';
import { distanceMetres, type Position } from '../../../src/domain/position.ts';
import { directionOf, directions, nearestPlace } from '../../../src/planning/siting/near.ts';

const at = (lon: number, lat: number): Position => ({ lon, lat, crs: 'wgs84' });
const centre = at(116.36, 39.91);

t.test('the eight sides, in metres and not in degrees', async (t) => {
  for (const [nth, direction] of directions.entries()) {
    const [north, east] = [Math.cos((nth * Math.PI) / 4), Math.sin((nth * Math.PI) / 4)];
    const metre = 1 / 111_195;
    const plot = at(
      centre.lon + (east * 500 * metre) / Math.cos((centre.lat * Math.PI) / 180),
      centre.lat + north * 500 * metre,
    );
    t.equal(directionOf(centre, plot), direction);
  }
});

t.test('the nearest of all, wherever they are', async (t) => {
  t.equal(nearestPlace(centre, []), null);
  const position = fc.record({
    lon: fc.double({ min: 116.3, max: 116.4, noNaN: true }),
    lat: fc.double({ min: 39.86, max: 39.96, noNaN: true }),
  });
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(position, fc.array(position, { minLength: 1, maxLength: 20 }), (plot, others) => {
        const places = others.map(({ lon, lat }, nth) => ({
          placeId: `p-${nth}`,
          name: `${nth}`,
          position: at(lon, lat),
        }));
        const found = nearestPlace(at(plot.lon, plot.lat), places);
        const least = Math.min(...places.map(({ position: own }) => distanceMetres(own, at(plot.lon, plot.lat))));
        return found !== null && found.metres === Math.round(least) && directions.includes(found.direction);
      }),
    ),
  );
});
