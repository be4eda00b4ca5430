/** Expected cover against its own definition, and margins against the differences they stand for. */
import fc from 'fast-check';
import t from 'tap';
import {
  type CoverModel,
  emptyMargins,
  expectedCover,
  marginsOf,
  orderStations,
} from '../../../src/planning/redeployment/cover.ts';
import {
  bestMove,
  bestStation,
  countIdle,
  type IdleUnit,
  scratchFor,
} from '../../../src/planning/redeployment/decide.ts';

const STATIONS = 4;
const NODES = 5;
const KINDS = 2;

const models = fc
  .record({
    drives: fc.array(fc.integer({ min: 0, max: 900 }), { minLength: STATIONS * NODES, maxLength: STATIONS * NODES }),
    weight: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: KINDS * NODES, maxLength: KINDS * NODES }),
    busy: fc.double({ min: 0.05, max: 0.9, noNaN: true }),
  })
  .map(({ drives, weight, busy }): CoverModel => {
    const all = weight.reduce((sum, each) => sum + each, 0) || 1;
    return {
      nodes: NODES,
      stations: STATIONS,
      kinds: KINDS,
      busy,
      weight: Float64Array.from(weight, (each) => each / all),
      ...orderStations(
        NODES,
        STATIONS,
        (s, n) => drives[n * STATIONS + s] as number,
        (seconds) => Math.max(0, 1 - seconds / 1000),
      ),
    };
  });
const fleets = fc.array(
  fc.record({ station: fc.integer({ min: 0, max: STATIONS - 1 }), kinds: fc.constantFrom([0], [1], [0, 1]) }),
  { minLength: 1, maxLength: 8 },
);
const unitsOf = (fleet: readonly { station: number; kinds: readonly number[] }[]): IdleUnit[] =>
  fleet.map((each, unit) => ({ unit, ...each }));
const coverOf = (model: CoverModel, idle: readonly IdleUnit[]) => {
  const counts = new Int32Array(KINDS * STATIONS);
  countIdle(model, idle, counts);
  return expectedCover(model, counts);
};

t.test('cover is what its definition says: the j-th nearest comes with (1 − q) · q to the j − 1', async () => {
  fc.assert(
    fc.property(models, fleets, (model, fleet) => {
      const idle = unitsOf(fleet);
      let expected = 0;
      for (let kind = 0; kind < KINDS; kind++) {
        for (let node = 0; node < NODES; node++) {
          const worths: number[] = [];
          for (let rank = 0; rank < STATIONS; rank++)
            for (const unit of idle)
              if (unit.kinds.includes(kind) && unit.station === model.order[node * STATIONS + rank])
                worths.push(model.value[node * STATIONS + rank] as number);
          worths.forEach((worth, j) => {
            expected += (model.weight[kind * NODES + node] as number) * worth * (1 - model.busy) * model.busy ** j;
          });
        }
      }
      return Math.abs(coverOf(model, idle) - expected) < 1e-9;
    }),
    { numRuns: 500, seed: 1 },
  );
});

t.test('a gain or loss is the difference it stands for', async () => {
  fc.assert(
    fc.property(models, fleets, (model, fleet) => {
      const counts = new Int32Array(KINDS * STATIONS);
      countIdle(model, unitsOf(fleet), counts);
      const margins = emptyMargins(model);
      marginsOf(model, counts, margins);
      const now = expectedCover(model, counts);
      for (let at = 0; at < counts.length; at++) {
        const before = counts[at] as number;
        counts[at] = before + 1;
        if (Math.abs(expectedCover(model, counts) - now - (margins.gain[at] as number)) > 1e-9) return false;
        if (before > 0) {
          counts[at] = before - 1;
          if (Math.abs(now - expectedCover(model, counts) - (margins.loss[at] as number)) > 1e-9) return false;
        } else if (margins.loss[at] !== 0) return false;
        counts[at] = before;
      }
      return true;
    }),
    { numRuns: 500, seed: 2 },
  );
});

t.test('a move brings the gain it names, more than asked for, and no unit twice missed gains more', async () => {
  fc.assert(
    fc.property(models, fleets, fc.double({ min: 0, max: 0.05, noNaN: true }), (model, fleet, atLeast) => {
      const idle = unitsOf(fleet);
      const costPerSecond = 0.00001;
      const drive = (unit: number, station: number) => Math.abs((idle[unit] as IdleUnit).station - station) * 100;
      const move = bestMove(model, idle, drive, { costPerSecond, atLeast }, scratchFor(model));
      const moved = (unit: number, station: number) =>
        idle.map((each) => (each.unit === unit ? { ...each, station } : each));
      const now = coverOf(model, idle);
      if (move) {
        const gain = coverOf(model, moved(move.unit, move.station)) - now;
        return Math.abs(gain - move.gain) < 1e-9 && gain - move.driveSeconds * costPerSecond > atLeast;
      }
      // Nothing suggested: then no move of the unit that is missed least is worth it.
      const losses = idle.map(
        (each) =>
          now -
          coverOf(
            model,
            idle.filter((other) => other !== each),
          ),
      );
      const least = losses.indexOf(Math.min(...losses));
      for (let station = 0; station < STATIONS; station++) {
        const gain = coverOf(model, moved(least, station)) - now;
        if (gain - drive(least, station) * costPerSecond > atLeast + 1e-9) return false;
      }
      return true;
    }),
    { numRuns: 500, seed: 3 },
  );
});

t.test('a free unit goes where it adds most; of equals, to the nearer', async (t) => {
  const model: CoverModel = {
    nodes: 2,
    stations: 3,
    kinds: 1,
    busy: 0.3,
    weight: Float64Array.from([0.9, 0.1]),
    ...orderStations(
      2,
      3,
      (station, node) => (station === 2 ? 200 : station === node ? 100 : 900),
      (s) => (s <= 300 ? 1 : 0),
    ),
  };
  const scratch = scratchFor(model);
  const best = (counts: number[], drives: number[]) => {
    marginsOf(model, Int32Array.from(counts), scratch.margins);
    return bestStation(model, scratch.margins, [0], (station) => drives[station] as number, 0);
  };
  t.equal(best([0, 0, 0], [0, 0, 0]), 2, 'covers both');
  t.equal(best([0, 0, 1], [500, 10, 600]), 2, 'and again');
  t.equal(best([2, 0, 1], [0, 0, 0]), 2);
  t.equal(best([0, 1, 0], [50, 50, 70]), 2, 'still more than the busier place alone');
  t.equal(best([0, 5, 0], [50, 50, 40]), 2);
});
