/** Cover by sets of stations against its own definition, place by place and unit by unit; moves against all there are. */
import fc from 'fast-check';
import t from 'tap';
import { type CoverModel, coverModel } from '../../../src/planning/redeployment/cover.ts';
import { bestMove, bestStation } from '../../../src/planning/redeployment/decide.ts';
import { type IdleUnit, Waiting } from '../../../src/planning/redeployment/waiting.ts';

const STATIONS = 5;
const NODES = 7;
const KINDS = 2;
const UNITS_AT_MOST = 8;

interface Town {
  readonly drives: readonly number[];
  readonly weight: Float64Array;
  readonly busy: number;
  readonly model: CoverModel;
}
const drive = (town: Pick<Town, 'drives'>, station: number, node: number) =>
  town.drives[node * STATIONS + station] as number;
const worth = (seconds: number) => Math.max(0, 1 - seconds / 1000);

const towns = fc
  .record({
    drives: fc.array(fc.constantFrom(0, 90, 200, 350, 350, 500, 700, 990, 1500, Infinity), {
      minLength: STATIONS * NODES,
      maxLength: STATIONS * NODES,
    }),
    weight: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: KINDS * NODES, maxLength: KINDS * NODES }),
    busy: fc.double({ min: 0.05, max: 0.9, noNaN: true }),
  })
  .map(({ drives, weight, busy }): Town => {
    const all = weight.reduce((sum, each) => sum + each, 0) || 1;
    const shares = Float64Array.from(weight, (each) => each / all);
    const places = { nodes: NODES, stations: STATIONS, kinds: KINDS, weight: shares };
    const model = coverModel(places, busy, (station, node) => drive({ drives }, station, node), worth);
    return { drives, weight: shares, busy, model };
  });
const fleets = fc
  .array(fc.record({ station: fc.integer({ min: 0, max: STATIONS - 1 }), kinds: fc.constantFrom(1, 2, 3) }), {
    minLength: 1,
    maxLength: UNITS_AT_MOST,
  })
  .map((fleet) => fleet.map((each, unit): IdleUnit => ({ unit, ...each })));

/** The j-th nearest comes with (1 − q) · q to the j − 1. */
function coverByDefinition(town: Town, idle: readonly IdleUnit[]): number {
  let cover = 0;
  for (let kind = 0; kind < KINDS; kind++)
    for (let node = 0; node < NODES; node++)
      idle
        .filter(({ kinds }) => kinds & (1 << kind))
        .map(({ station }) => worth(drive(town, station, node)))
        .sort((a, b) => b - a)
        .forEach((each, j) => {
          cover += (town.weight[kind * NODES + node] as number) * each * (1 - town.busy) * town.busy ** j;
        });
  return cover;
}

const lookedAt = (town: Town, idle: readonly IdleUnit[]): Waiting => {
  const waiting = new Waiting([town.model], UNITS_AT_MOST);
  waiting.look(town.model, [{ unit: 9, station: 0, kinds: 3 }]); // what was seen before leaves nothing behind
  waiting.gains(3);
  waiting.look(town.model, idle);
  return waiting;
};
const near = (a: number, b: number) => Math.abs(a - b) < 1e-9;

t.test('cover, gains, losses and moves are what the definition says', async () => {
  fc.assert(
    fc.property(towns, fleets, (town, idle) => {
      const waiting = lookedAt(town, idle);
      const now = coverByDefinition(town, idle);
      if (!near(waiting.cover(), now)) return false;
      for (const kinds of [1, 2, 3])
        for (let station = 0; station < STATIONS; station++) {
          const more = coverByDefinition(town, [...idle, { unit: 9, station, kinds }]);
          if (!near(waiting.gains(kinds)[station] as number, more - now)) return false;
        }
      for (const each of idle) {
        const others = idle.filter((other) => other !== each);
        if (!near(waiting.loss(each.kinds, each.station), now - coverByDefinition(town, others))) return false;
        const atMost = waiting.mostMovedGain(each.kinds, each.station);
        const moved = waiting.movedGains(each.kinds, each.station);
        for (let station = 0; station < STATIONS; station++) {
          if (station === each.station) continue;
          const gain = coverByDefinition(town, [...others, { ...each, station }]) - now;
          if (!near(moved[station] as number, gain) || gain > atMost + 1e-9) return false;
        }
      }
      return true;
    }),
    { numRuns: 500, seed: 1 },
  );
});

t.test('the move is the best of all there are, or none is worth it: the bound leaves out nothing', async () => {
  fc.assert(
    fc.property(towns, fleets, fc.double({ min: 0, max: 0.05, noNaN: true }), (town, idle, atLeast) => {
      const costPerSecond = 0.00001;
      const seconds = (unit: number, station: number) => Math.abs((idle[unit]?.station ?? 0) - station) * 100 + unit;
      const move = bestMove(new Waiting([town.model], UNITS_AT_MOST), town.model, idle, seconds, {
        costPerSecond,
        atLeast,
      });
      const now = coverByDefinition(town, idle);
      let best = atLeast;
      for (const each of idle)
        for (let station = 0; station < STATIONS; station++) {
          const after = idle.map((other) => (other === each ? { ...each, station } : other));
          const net = coverByDefinition(town, after) - now - seconds(each.unit, station) * costPerSecond;
          if (station !== each.station) best = Math.max(best, net);
        }
      return near(best, move ? move.gain - move.driveSeconds * costPerSecond : atLeast);
    }),
    { numRuns: 500, seed: 3 },
  );
});

t.test('a free unit goes where it adds most; of equals, to the nearer', async (t) => {
  const model = coverModel(
    { nodes: 2, stations: 3, kinds: 1, weight: Float64Array.from([0.9, 0.1]) },
    0.3,
    (station, node) => (station === 2 ? 200 : station === node ? 100 : 900),
    (seconds) => (seconds <= 300 ? 1 : 0),
  );
  const waiting = new Waiting([model], 5);
  const best = (counts: number[], drives: number[]) => {
    waiting.look(
      model,
      counts.flatMap((count, station) => Array.from({ length: count }, (_, unit) => ({ unit, station, kinds: 1 }))),
    );
    return bestStation(waiting, 1, (station) => drives[station] as number, 0);
  };
  t.equal(best([0, 0, 0], [0, 0, 0]), 2, 'covers both');
  t.equal(best([0, 0, 1], [500, 10, 600]), 2, 'and again');
  t.equal(best([2, 0, 1], [0, 0, 0]), 2);
  t.equal(best([0, 1, 0], [50, 50, 70]), 2, 'still more than the busier place alone');
  t.equal(best([0, 5, 0], [50, 50, 40]), 2);
  t.equal(best([0, 0, 0], [0, 0, Infinity]), 0, 'where no road leads nobody is sent');
});
