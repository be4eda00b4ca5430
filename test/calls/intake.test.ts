import fc from 'fast-check';
import t from 'tap';
import { applyPatch, readIntake } from '../../src/calls/intake.ts';
import type { CallInput } from '../../src/calls/schema.ts';
import type { Problem } from '../../src/domain/errors.ts';

const now = Date.parse('2026-03-02T10:00:00+08:00');
const beijing = { west: 115.4, south: 39.4, east: 117.6, north: 41.1 };
const call = (over: Partial<CallInput> = {}): CallInput => ({
  channel: 'phone',
  caller: { phone: '13800138001' },
  complaint: { code: 'chest-pain', answers: { conscious: 'yes', breathing: 'normal' } },
  ...over,
});
const read = (input: CallInput) => readIntake(input, now, beijing);
const refusal = (input: CallInput): Problem => {
  try {
    read(input);
  } catch (error) {
    return error as Problem;
  }
  throw new Error('was accepted');
};

t.test('nothing to find by is refused and names all four ways', async (t) => {
  const problem = refusal({ channel: 'phone', caller: { relation: 'self' }, complaint: { code: 'fall' } });
  t.equal(problem.code, 'nothing-to-find-by');
  t.same(
    problem.fields.map((f) => f.field),
    ['caller.phone', 'device', 'location.position', 'location.address'],
  );
});

t.test('the time of the call: a minute of skew is taken, more is refused by name', async (t) => {
  t.equal(read(call({ receivedAt: '2026-03-02T10:00:59+08:00' })).receivedAt, now + 59_000);
  t.equal(refusal(call({ receivedAt: '2026-03-02T10:01:01+08:00' })).code, 'received-in-future');
  t.equal(read(call({ receivedAt: '2026-03-01T10:00:01+08:00' })).receivedAt, now - 86_399_000);
  t.equal(refusal(call({ receivedAt: '2026-03-01T09:59:59+08:00' })).code, 'received-too-long-ago');
  t.equal(read(call()).receivedAt, now, 'not given: now');
});

t.test('odd but possible is accepted and flagged: a withheld number, a place outside', async (t) => {
  t.match(read(call({ caller: { phone: '000' } })), { phone: null, flags: ['caller-phone-unrecognised'] });
  const shanghai = { position: { lon: 121.47, lat: 31.23, crs: 'wgs84' as const } };
  t.match(read(call({ location: shanghai })), { flags: ['outside-service-area'], rawPosition: shanghai.position });
});

t.test('a wrong citizen number is refused without being repeated', async (t) => {
  const problem = refusal(call({ patient: { idNumber: '110105194912310021' } }));
  t.equal(problem.code, 'bad-citizen-number');
  t.same(
    problem.fields.map((f) => f.field),
    ['patient.idNumber'],
  );
  t.notOk(JSON.stringify(problem).includes('110105194912310021'));
  t.match(read(call({ patient: { idNumber: '11010519491231002x' } })), {
    idNumber: '11010519491231002X',
    sex: 'female',
    ageYears: 76,
  });
});

t.test('a change adds answers, replaces parts, and never moves the time of the call', async (t) => {
  const before = call({ location: { address: 'A', uncertaintyMetres: 50 }, patient: { name: '某人' } });
  const after = applyPatch(before, now, {
    complaint: { answers: { breathing: 'absent' } },
    location: { address: 'B' },
    residentId: 'r-9',
  });
  t.same(after.complaint, { code: 'chest-pain', answers: { conscious: 'yes', breathing: 'absent' } });
  t.same(after.location, { address: 'B', uncertaintyMetres: 50 });
  t.same(after.patient, { name: '某人', residentId: 'r-9' });
  t.equal(Date.parse(after.receivedAt ?? ''), now);
  const none = applyPatch(after, now, { residentId: null });
  t.same(none.patient, { name: '某人' }, 'none of the listed');
});

t.test('another complaint keeps what was said of consciousness and breathing, and drops the rest', async (t) => {
  const before = call({
    complaint: { code: 'chest-pain', answers: { conscious: 'no', breathing: 'normal', radiating: 'yes' } },
  });
  const after = applyPatch(before, now, { complaint: { code: 'fall' } });
  t.same(after.complaint, { code: 'fall', answers: { conscious: 'no', breathing: 'normal' } });
});

t.test('property: an empty change changes nothing but that the time is written down', async () => {
  const answers = fc.dictionary(
    fc.constantFrom('conscious', 'breathing', 'q'),
    fc.constantFrom('yes', 'no', 'unknown'),
  );
  fc.assert(
    fc.property(answers, fc.option(fc.string({ minLength: 1 }), { nil: undefined }), (given, name) => {
      const before = call({ complaint: { code: 'fall', answers: given }, ...(name ? { patient: { name } } : {}) });
      const { receivedAt, ...after } = applyPatch(before, now, {});
      return receivedAt !== undefined && JSON.stringify(after) === JSON.stringify(before);
    }),
  );
});
