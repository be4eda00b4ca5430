/** The counting itself: what fails without a failing assertion is still counted, and nothing is counted twice. */
import t from 'tap';
import { tallyRun } from './tally.ts';

async function* stream(text: string) {
  yield Buffer.from(text);
}

async function tally(text: string) {
  const files: string[] = [];
  const { passed, failed, skipped } = await tallyRun(stream(text), (file) =>
    files.push(`${file.file} ${file.passed} ${file.failed}`),
  );
  return { passed, failed, skipped, files };
}

const file = (name: string, ok: boolean, ...body: string[]) =>
  `TAP version 14\n# Subtest: ${name}\n${body.map((line) => `    ${line}\n`).join('')}${ok ? 'ok' : 'not ok'} 1 - ${name}\n1..1\n`;

t.test('assertions are counted, subtests are not', async (t) => {
  t.strictSame(
    await tally(
      file('a', true, 'ok 1 - x', '# Subtest: s', '    ok 1 - y', '    ok 2 - z', '    1..2', 'ok 2 - s', '1..2'),
    ),
    { passed: 3, failed: 0, skipped: [], files: ['a 3 0'] },
  );
});

t.test('a failing assertion is one failure, however deep', async (t) => {
  t.strictSame(
    await tally(
      file('a', false, '# Subtest: s', '    ok 1 - y', '    not ok 2 - z', '    1..2', 'not ok 1 - s', '1..1'),
    ),
    { passed: 1, failed: 1, skipped: [], files: ['a 1 1'] },
  );
});

t.test('a file that ends badly after its assertions passed has failed', async (t) => {
  t.strictSame(await tally(file('a', false, 'ok 1 - x', '1..1')), {
    passed: 1,
    failed: 1,
    skipped: [],
    files: ['a 1 1'],
  });
});

t.test('a file that asserts nothing has failed', async (t) => {
  t.strictSame(await tally(file('a', true, '1..0')), { passed: 0, failed: 1, skipped: [], files: ['a 0 1'] });
});

t.test('what is skipped is neither, and is named', async (t) => {
  t.strictSame(await tally(file('a', true, 'ok 1 - x', 'ok 2 - later # SKIP no data', '1..2')), {
    passed: 1,
    failed: 0,
    skipped: ['a › later: no data'],
    files: ['a 1 0'],
  });
});
