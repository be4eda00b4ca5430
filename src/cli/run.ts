/** What the commands share: settings and database opened, one line on failure, everything closed at the end. */

import type { Config } from '../config.ts';
import { readConfig } from '../config.ts';
import { type OpenDatabase, openDatabase } from '../database/open.ts';

/** Runs a command and ends the process: exit 1 with one line on standard error where it throws. */
export async function runCommand(work: (config: Config, database: OpenDatabase) => Promise<void>): Promise<void> {
  let database: OpenDatabase | undefined;
  try {
    const config = readConfig(process.env, undefined, 'command');
    database = await openDatabase(config);
    await work(config, database);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  } finally {
    await database?.close();
  }
}

/** The one file a command works on; ends the process with the usage where it is missing. */
export function fileArgument(usage: string): string {
  const file = process.argv[2];
  if (file) return file;
  console.error(`usage: ${usage}`);
  process.exit(1);
}
