/** What a search asks for, laid beside resources: dates by their ranges, tokens by system and code. */
import t from 'tap';
import { readSearch } from '../../../src/care/fhir/search.ts';
import { isAskedFor } from '../../../src/care/fhir/search-match.ts';

const how = { isInUrl: false, isLenient: false };
const asks = (given: Record<string, string>) =>
  readSearch('Observation', [['patient', 'r-1'], ...Object.entries(given)], how).filters;
const on = (effectiveDateTime: string, over = {}) => ({
  resourceType: 'Observation' as const,
  id: 'o-1',
  status: 'final' as const,
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  effectiveDateTime,
  ...over,
});

t.test('dates', async (t) => {
  for (const [date, at, holds] of [
    ['2026-03-02', '2026-03-02T23:59:59+08:00', true],
    ['2026-03-02', '2026-03-02T17:00:00Z', false], // the third, here
    ['2026-03', '2026-03-31T23:59:00+08:00', true],
    ['2026-12', '2026-12-31T23:59:59.999+08:00', true],
    ['2026-12', '2027-01-01T00:00:00+08:00', false],
    ['2026', '2026-07', true],
    ['2026-07', '2026', false], // the year is more than the month
    ['ne2026-07', '2026', true],
    ['lt2026-03-02T10:00:00+08:00', '2026-03-02T01:59:59Z', true],
    ['lt2026-03-02T10:00:00+08:00', '2026-03-02T02:00:00Z', false],
    ['le2026-03-02T10:00+08:00', '2026-03-02T02:00:30Z', true],
    ['gt2026-03-02', '2026-03-03', true],
    ['gt2026-03-02', '2026-03-02', false],
    ['ge2026-03-02', '2026-03-02', true],
  ] as const)
    t.equal(isAskedFor(on(at), asks({ date })), holds, `${at} ${date}`);
  t.notOk(isAskedFor(on('2026', { effectiveDateTime: undefined }), asks({ date: 'lt2030' })), 'no date is none');
});

t.test('tokens', async (t) => {
  for (const [code, holds] of [
    ['8867-4', true],
    ['http://loinc.org|8867-4', true],
    ['http://loinc.org|', true],
    ['|8867-4', false],
    ['http://snomed.info/sct|8867-4', false],
    ['8867', false],
    ['1,8867-4', true],
  ] as const)
    t.equal(isAskedFor(on('2026'), asks({ code })), holds, code);
  t.notOk(isAskedFor(on('2026'), asks({ code: '8867-4', status: 'amended' })), 'both have to hold');
});

t.test('what is not a search', async (t) => {
  const refused = (given: [string, string][], over = {}) =>
    t.throws(() => readSearch('Patient', given, { ...how, ...over }), { code: 'bad-request' });
  refused([]);
  refused([['identifier', 'urn:x|1']], { isInUrl: true });
  refused([['_id', 'a,,b']]);
  refused([['_id', Array.from({ length: 21 }, (_, n) => `r-${n}`).join(',')]]);
  refused([
    ['_id', 'a'],
    ['_count', '1'],
    ['_count', '2'],
  ]);
  t.same(
    readSearch(
      'Patient',
      [
        ['_id', 'a'],
        ['<b>', 'x'],
      ],
      { ...how, isLenient: true },
    ).ignored,
    ['b'],
  );
});
