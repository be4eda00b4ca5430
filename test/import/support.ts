/** The import commands as an operator runs them: processes of their own, on a database of the test's. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { testEnv } from '../support/service.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A folder of the test's own, removed when it ends. */
export function folder(t: Test): string {
  const made = mkdtempSync(join(tmpdir(), 'precision-dispatch-import-'));
  t.teardown(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `src/cli/NAME.ts`; `ended` resolves with all it said. Killed when `t` ends, should it still run. */
export function start(
  t: Test,
  name: string,
  args: readonly string[],
  databaseUrl: string,
  nodeArgs: readonly string[] = [],
  settings: Readonly<Record<string, string>> = {},
) {
  // Neither REDIS_URL nor AUTH_KEY: an import has no queues, and nobody signs in to it.
  const { IDENTITY_KEY, LOG_LEVEL } = testEnv;
  const env = { PATH: process.env.PATH, IDENTITY_KEY, LOG_LEVEL, DATABASE_URL: databaseUrl, ...settings };
  const child = spawn(process.execPath, [...nodeArgs, '--import=tsx', `src/cli/${name}.ts`, ...args], {
    cwd: root,
    env,
  });
  t.teardown(() => child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (said.stdout += chunk));
  child.stderr.on('data', (chunk) => (said.stderr += chunk));
  const ended = once(child, 'close').then(([code]): Ended => ({ code, ...said }));
  return { child, ended };
}

export const run = (...args: Parameters<typeof start>): Promise<Ended> => start(...args).ended;
