/** The keys of an embedded installation: made once, kept beside its database, readable by their owner only. */
import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface LocalKeys {
  /** As the setting AUTH_KEY. */
  readonly authKey: string;
  /** As the setting IDENTITY_KEY: 32 bytes in base64. */
  readonly identityKey: string;
}

/**
 * Reads `keys.json` of the data folder, or makes it. Losing the file makes every resident filed beside it unreadable.
 * The finished file is linked into place, so that of two processes starting at once both end up with the same keys.
 */
export function keepLocalKeys(dataDir: string): LocalKeys {
  const path = join(dataDir, 'keys.json');
  const kept = readKeys(path);
  if (kept) return kept;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const made: LocalKeys = {
    authKey: `base64:${randomBytes(32).toString('base64')}`,
    identityKey: randomBytes(32).toString('base64'),
  };
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
  try {
    linkSync(draft, path);
    return made;
  } catch (error) {
    const others = readKeys(path);
    if (others) return others;
    throw error;
  } finally {
    rmSync(draft);
  }
}

function readKeys(path: string): LocalKeys | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as LocalKeys;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`${path} cannot be read; it holds the keys of the embedded database`, { cause: error });
  }
}
