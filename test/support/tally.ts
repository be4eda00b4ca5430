/** Counts what a TAP stream says: assertions, not subtests; and a file that crashes, times out or asserts nothing has failed. */
import { Parser } from 'tap-parser';
import { stringify } from 'yaml';

export interface Tally {
  passed: number;
  failed: number;
  /** Skipped or still to do, with the reason given. */
  skipped: string[];
  /** Where and how, ready to print. */
  failures: string[];
}

export interface FileTally extends Tally {
  readonly file: string;
  readonly seconds: number;
}

const empty = (): Tally => ({ passed: 0, failed: 0, skipped: [], failures: [] });

function add(sum: Tally, part: Tally): void {
  sum.passed += part.passed;
  sum.failed += part.failed;
  sum.skipped.push(...part.skipped);
  sum.failures.push(...part.failures);
}

function fail(tally: Tally, path: readonly string[], diagnostics: unknown): void {
  tally.failed += 1;
  const detail = diagnostics ? `\n${stringify(diagnostics).replace(/^/gm, '      ').trimEnd()}` : '';
  tally.failures.push(`${path.join(' › ')}${detail}`);
}

/** Counts the leaves under `parser`; `onChild` hears of each direct subtest when it has ended. */
function count(
  parser: Parser,
  path: readonly string[],
  onChild: (name: string, tally: Tally, seconds: number) => void,
): Tally {
  const tally = empty();
  let child = empty();
  parser.on('child', (sub: Parser) => {
    child = count(sub, [...path, sub.name], () => {});
  });
  parser.on('assert', (result) => {
    const here = [...path, result.name];
    if (result.closingTestPoint) {
      // The end of a subtest counts only when nothing inside told of the failure.
      if (!result.ok && child.failed === 0) fail(child, here, result.diag);
      const asserted = child.passed + child.failed + child.skipped.length;
      if (asserted === 0 && path.length === 0) fail(child, here, { reason: 'asserts nothing' });
      add(tally, child);
      onChild(result.name, child, (result.time ?? 0) / 1_000);
      child = empty();
    } else if (result.skip || result.todo) {
      tally.skipped.push(`${here.join(' › ')}: ${result.skip || result.todo}`);
    } else if (result.ok) {
      tally.passed += 1;
    } else {
      fail(tally, here, result.diag);
    }
  });
  return tally;
}

/** Reads the output of `tap --reporter=tap`, where every file is a subtest. Answers the whole when the stream has ended. */
export async function tallyRun(output: AsyncIterable<Buffer>, onFile: (file: FileTally) => void): Promise<Tally> {
  const parser = new Parser();
  const tally = count(parser, [], (file, part, seconds) => onFile({ file, seconds, ...part }));
  const complete = new Promise((resolve) => parser.once('complete', resolve));
  for await (const chunk of output) parser.write(chunk);
  parser.end();
  await complete;
  return tally;
}
