/**
 * `npm test [-- PATTERN…]`: gets what is missing, starts private PostgreSQL and Redis servers, runs the files whose path
 * holds a PATTERN, stops everything, and counts. `--pure` runs the files that need no server.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureConsole } from '../src/cli/build-console.ts';
import { postgresUrl, redisUrl, stopGround, testFolder } from './support/ground.ts';
import { type FileTally, type Tally, tallyRun } from './support/tally.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const RUN_IN_CONTAINER = 10;
const PURE = /(?<!\.(?:int|e2e|browser))\.test\.ts$/;

const args = process.argv.slice(2);
const pure = args.includes('--pure');
const patterns = args.filter((arg) => !arg.startsWith('--'));

function testFiles(): string[] {
  const all = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map((name) => relative(root, join(root, 'test', name)))
    .filter((name) => name.endsWith('.test.ts') && (!pure || PURE.test(name)))
    .filter((name) => patterns.length === 0 || patterns.some((pattern) => name.includes(pattern)));
  // The slow rings first, so that no processor is idle at the end.
  return all.sort((a, b) => Number(PURE.test(a)) - Number(PURE.test(b)) || a.localeCompare(b));
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The last line of every run; what it says is what the exit code says. */
function finish(passed: number, failed: number): never {
  say(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

function report(file: FileTally): void {
  const count = file.failed ? `${file.failed} of ${file.passed + file.failed} FAILED` : `${file.passed} passed`;
  say(`${file.failed ? '✗' : '✓'} ${file.file}  ${count}  ${file.seconds.toFixed(1)} s`);
  for (const skipped of file.skipped) say(`    skipped ${skipped}`);
  for (const failure of file.failures) say(`    ✗ ${failure}`);
}

/** Tests run where their dependencies are: here, or in the container that has them. */
function getDependencies(): void {
  const { status } = spawnSync(join(root, 'docker/test-dependencies.sh'), { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status === RUN_IN_CONTAINER) {
    const compose = ['compose', '-f', join(root, 'docker/compose.test.yaml'), 'run', '--rm', '--build', 'tests'];
    const inside = spawnSync('docker', [...compose, 'npm', 'test', '--', ...args], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    process.exit(inside.status ?? 1);
  }
  if (status !== 0) finish(0, 1);
}

const tapBin = fileURLToPath(new URL('run.mjs', import.meta.resolve('tap')));

/** Newly installed, tap comes built with the plugin `.taprc` leaves out, and would build itself anew only for the run after this one. */
function buildTap(): void {
  const built = readFileSync(join(root, 'node_modules/@tapjs/test/test-built/dist/esm/index.js'), 'utf8');
  if (!built.includes('@tapjs/typescript')) return;
  const { status } = spawnSync(process.execPath, [tapBin, 'build'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('tap build failed');
}

async function runTap(files: readonly string[], reported: Set<string>): Promise<Tally> {
  const tap = spawn(process.execPath, [tapBin, 'run', '--reporter=tap', ...files], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    // A group of its own: tap's answer to a signal is to wait for the files that are running.
    detached: true,
  });
  const interrupt = () => void process.kill(-(tap.pid ?? 0), 'SIGKILL');
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const exited = new Promise<number>((resolve) => tap.once('close', (code) => resolve(code ?? 1)));
  const tally = await tallyRun(tap.stdout, (file) => {
    reported.add(file.file);
    report(file);
  });
  const code = await exited;
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  for (const file of files.filter((name) => !reported.has(name))) {
    say(`✗ ${file}  did not report`);
    tally.failed += 1;
  }
  if (code !== 0 && tally.failed === 0) {
    say(`✗ tap ended with code ${code} though no test failed`);
    tally.failed += 1;
  }
  return tally;
}

const files = testFiles();
if (files.length === 0) {
  say(`✗ no test file matches ${patterns.join(' ')}`);
  finish(0, 1);
}
let tally: Tally | undefined;
try {
  if (files.some((file) => !PURE.test(file))) {
    getDependencies();
    testFolder();
    await ensureConsole();
    await Promise.all([postgresUrl(), redisUrl()]);
  }
  buildTap();
  tally = await runTap(files, new Set());
} catch (error) {
  console.error(error);
} finally {
  await stopGround();
}
finish(tally?.passed ?? 0, tally?.failed ?? 1);
