/** An embedded database of one's own: migrated once a run, then loaded from that copy. */
import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { startEmbedded } from '../../src/database/embedded.ts';
import { migrate } from '../../src/database/migrate.ts';
import { testFolder } from './ground.ts';

/** Files run side by side: the first to make the folder prepares, the others wait for what it leaves. */
async function prepare(): Promise<string> {
  const snapshot = join(testFolder(), 'embedded.tar.gz');
  if (existsSync(snapshot)) return snapshot;
  const folder = `${snapshot}.making`;
  const first = await mkdir(folder).then(
    () => true,
    () => false,
  );
  if (first) {
    const database = await startEmbedded('memory');
    await migrate(database.url);
    const file = join(folder, 'snapshot');
    await database.snapshot(file);
    await database.stop();
    await rename(file, snapshot);
  }
  while (!existsSync(snapshot)) await sleep(100);
  return snapshot;
}

let prepared: Promise<string> | undefined;

/** Path of the migrated copy, to start databases from. */
export function embeddedSnapshot(): Promise<string> {
  prepared ??= prepare();
  return prepared;
}

/** URL of a migrated, empty embedded database, stopped when `t` ends. Under four seconds once the copy is there. */
export async function freshEmbedded(t: Test): Promise<string> {
  const database = await startEmbedded('memory', { snapshot: await embeddedSnapshot() });
  t.teardown(() => database.stop());
  return database.url;
}
