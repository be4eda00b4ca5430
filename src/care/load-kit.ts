/** Reads what a crew chooses from: the list shipped, or a centre's own. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CareKit, KitError, parseKit } from './kit.ts';

const shipped = fileURLToPath(new URL('./kit/care-kit.yaml', import.meta.url));

/** Throws `KitError`, one line `file:line:column: what is wrong` a problem. */
export function loadKit(path: string = shipped): CareKit {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
  } catch {
    throw new KitError('the care kit cannot be read');
  }
  return parseKit(basename(path), text);
}
