/** Prepared graphs kept on disk by their checksum, so that a restart does not fetch them and an import not prepare twice. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Executor } from '../../database/pool.ts';
import { checksumOf, fetchGraph, type StoredGraph } from './store.ts';

const folderIn = (dataDir: string) => join(dataDir, 'roads');
const fileOf = (dataDir: string, checksum: string) => join(folderIn(dataDir), `${checksum}.graph`);

/** From the disk, or from the database and then onto the disk. Null where the graph was replaced meanwhile. */
export async function keptGraph(db: Executor, dataDir: string, stored: StoredGraph): Promise<SharedArrayBuffer | null> {
  const file = fileOf(dataDir, stored.checksum);
  const kept = await readGraph(file, stored.bytes).catch(() => null);
  if (kept && checksumOf(kept) === stored.checksum) return kept;
  const fetched = await fetchGraph(db, stored);
  // A disk that is full or read-only costs time at the next start, and nothing else.
  if (fetched) await keepGraph(dataDir, fetched).catch(() => {});
  return fetched;
}

/** Written beside and put in place at once; graphs that were there before go. */
export async function keepGraph(dataDir: string, memory: SharedArrayBuffer): Promise<void> {
  const file = fileOf(dataDir, checksumOf(memory));
  await mkdir(folderIn(dataDir), { recursive: true });
  const beside = `${file}.${randomBytes(4).toString('hex')}`;
  await writeFile(beside, new Uint8Array(memory));
  await rename(beside, file);
  for (const name of await readdir(folderIn(dataDir)))
    if (/^[0-9a-f]{64}\.graph$/.test(name) && join(folderIn(dataDir), name) !== file)
      await rm(join(folderIn(dataDir), name), { force: true });
}

/** Straight into shared memory: a municipality is not held twice. */
async function readGraph(file: string, bytes: number): Promise<SharedArrayBuffer | null> {
  if ((await stat(file)).size !== bytes) return null;
  const memory = new SharedArrayBuffer(bytes);
  const into = new Uint8Array(memory);
  const handle = await open(file);
  try {
    for (let at = 0; at < bytes; ) {
      const piece = Buffer.alloc(Math.min(4 << 20, bytes - at));
      const { bytesRead } = await handle.read(piece, 0, piece.length, at);
      if (bytesRead === 0) return null;
      into.set(piece.subarray(0, bytesRead), at);
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
  return memory;
}

/** What an import read and prepared, beside its graph, by the hash of the file it read. */
export interface Draft<T> {
  readonly memory: SharedArrayBuffer;
  readonly rest: T;
}

export async function readDraft<T>(dataDir: string, key: string): Promise<Draft<T> | null> {
  const file = join(folderIn(dataDir), `${key}.import`);
  try {
    const { size } = await stat(`${file}.graph`);
    const memory = await readGraph(`${file}.graph`, size);
    const { checksum, rest } = JSON.parse(await readFile(`${file}.json`, 'utf8')) as { checksum: string; rest: T };
    return memory && checksumOf(memory) === checksum ? { memory, rest } : null;
  } catch {
    return null;
  }
}

export async function keepDraft<T>(dataDir: string, key: string, { memory, rest }: Draft<T>): Promise<void> {
  const file = join(folderIn(dataDir), `${key}.import`);
  await mkdir(folderIn(dataDir), { recursive: true });
  await writeFile(`${file}.graph`, new Uint8Array(memory));
  await writeFile(`${file}.json`, JSON.stringify({ checksum: checksumOf(memory), rest }));
}

export async function dropDraft(dataDir: string, key: string): Promise<void> {
  const file = join(folderIn(dataDir), `${key}.import`);
  await Promise.all([rm(`${file}.graph`, { force: true }), rm(`${file}.json`, { force: true })]);
}
