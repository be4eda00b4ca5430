/** Invented callers: every call is one the service takes, at the rate asked for, the same for the same seed. */
import t from 'tap';
import { readIntake } from '../../src/calls/intake.ts';
import { CallInput } from '../../src/calls/schema.ts';
import { readConfig } from '../../src/config.ts';
import {
  accident,
  atHome,
  gapToNextCall,
  HOUR_SHAPE,
  inTheStreet,
  inventCalls,
  pressed,
  whoCalls,
} from '../../src/demo/callers.ts';
import { inventDistrict } from '../../src/demo/district.ts';
import { seededRandom } from '../../src/demo/random.ts';
import { createAjv } from '../../src/domain/check.ts';
import { checkAnswers } from '../../src/requirement/answers.ts';
import { loadProtocol } from '../../src/requirement/load.ts';
import { fileResident } from '../../src/residents/file.ts';

const NOON = Date.parse('2026-03-02T12:00:00+08:00');
const area = readConfig({ AUTH_KEY: 'x'.repeat(40), IDENTITY_KEY: Buffer.alloc(32, 7).toString('base64') }).serviceArea;
const protocol = loadProtocol();
const residents = inventDistrict(NOON).residents.map((resident) => fileResident(resident, NOON));
const isCall = createAjv().compile(CallInput);

function stream(seed: number, count: number) {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const number = whoCalls(random, residents.length);
    const resident = number === null ? null : residents[number - 1];
    return { number, calls: inventCalls(random, resident ?? null, NOON) };
  });
}

t.test('every answer is one the protocol asks for', async (t) => {
  for (const { code, answers } of [...atHome, ...inTheStreet, accident, pressed])
    for (const [question, options] of Object.entries(answers))
      for (const option of options)
        t.doesNotThrow(() => checkAnswers(protocol, { code, answers: { [question]: option } }), `${code} ${question}`);
});

t.test('2,000 rings: each a call the service takes, of every kind', async (t) => {
  const rings = stream(7, 2_000);
  const calls = rings.flatMap((ring) => ring.calls.map(({ call }) => call));
  t.ok(calls.every((call) => isCall(call)));
  for (const call of calls) readIntake(call, NOON, area);
  t.notOk(
    calls.some((call) => readIntake(call, NOON, area).flags.length > 0),
    'inside the district, numbers that can be read',
  );
  const share = rings.filter(({ number }) => number !== null).length / rings.length;
  t.ok(share > 0.66 && share < 0.74, `${share} of residents`);
  const systems = new Set(calls.map((call) => call.location?.position?.crs));
  t.same([...systems].map(String).sort(), ['bd09', 'gcj02', 'undefined', 'wgs84'], 'coordinates in every system');
  t.ok(
    calls.some(({ channel, device }) => channel === 'one-key' && device),
    'one-key presses',
  );
  const pairs = rings.filter((ring) => ring.calls.length === 2);
  t.ok(pairs.length > 20, 'two callers about one accident');
  for (const {
    calls: [first, second],
  } of pairs) {
    t.not(first?.call.caller?.phone, second?.call.caller?.phone);
    t.same(first?.call.complaint, second?.call.complaint);
    t.ok((second?.afterSeconds ?? 0) >= 20);
  }
});

t.test('the same seed, the same callers', async (t) => {
  t.same(stream(3, 50), stream(3, 50));
  t.notSame(stream(3, 50), stream(4, 50));
});

t.test('as many as asked for, by the hour', async (t) => {
  const mean = HOUR_SHAPE.reduce((sum, each) => sum + each, 0) / 24;
  t.ok(Math.abs(mean - 1) < 0.01, `the hours mean ${mean}`);
  const count = (perHour: number, factor: number, hour: number) => {
    const random = seededRandom(11);
    const from = Date.parse('2026-03-02T00:00:00+08:00') + hour * 3_600_000;
    const total = Array.from({ length: 20_000 }, () => gapToNextCall(random, perHour, factor, from)).reduce(
      (a, b) => a + b,
    );
    return (20_000 * 3_600_000) / total;
  };
  const near = (actual: number, wanted: number) => t.ok(Math.abs(actual / wanted - 1) < 0.03, `${actual} of ${wanted}`);
  near(count(40, 1, 12), 40 * HOUR_SHAPE[12]);
  near(count(40, 10, 3), 400 * HOUR_SHAPE[3]);
  t.equal(gapToNextCall(seededRandom(1), 0, 60, NOON), Infinity, 'none without a rate');
});
