/**
 * Builds the console with Vite when it was never built, or not from these sources: `npm run build`, and by themselves
 * `npm start` and `npm test`. A digest of the sources beside the result tells; looking takes some milliseconds.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sources = join(root, 'src/console');
const built = join(root, 'dist/page');
const DIGEST = 'digest';
const COMPRESSIBLE = /\.(?:js|css|html|svg|json)$/;

/** Resolves to whether it had to build. Two at once both build, and either result stands. */
export async function ensureConsole(): Promise<boolean> {
  const digest = await digestOfSources();
  const before = await readFile(join(built, DIGEST), 'utf8').catch(() => '');
  if (before === digest) return false;
  await build(digest);
  return true;
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Over the sources and the versions of what is built into them; pictures are of it, not in it. */
async function digestOfSources(): Promise<string> {
  const hash = createHash('sha256');
  for (const path of [
    join(root, 'package-lock.json'),
    ...(await filesIn(sources)).filter((path) => !path.endsWith('.png')),
  ])
    hash.update(path.slice(root.length)).update(await readFile(path));
  return hash.digest('hex');
}

async function build(digest: string): Promise<void> {
  const { build: viteBuild } = await import('vite');
  const made = `${built}-${process.pid}`;
  await viteBuild({ configFile: join(sources, 'vite.config.ts'), build: { outDir: made } });
  for (const path of await filesIn(made)) if (COMPRESSIBLE.test(path)) await compress(path);
  await writeFile(join(made, DIGEST), digest);
  await mkdir(built, { recursive: true });
  const old = `${made}-old`;
  await rename(built, old);
  // Whoever built at the same time put the same there.
  await rename(made, built).catch(() => rm(made, { recursive: true }));
  await rm(old, { recursive: true, force: true });
}

/** Beside the file, so that serving it costs nothing. */
async function compress(path: string): Promise<void> {
  await writeFile(`${path}.gz`, await promisify(gzip)(await readFile(path), { level: 9 }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await ensureConsole();
