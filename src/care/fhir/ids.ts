/** FHIR ids for ours and back: letters, digits, hyphens and dots, 64 at most. Pure. */
import { createHash } from 'node:crypto';

export const FHIR_ID = /^[A-Za-z0-9.-]{1,64}$/;
const ESCAPED = 'x.';
const escapes: Readonly<Record<string, string>> = { '.': '.d', _: '.u', ':': '.c' };

/**
 * A resident's id may hold `_` and `:`, which FHIR's may not: such an id is written escaped, after `x.`. One that gets
 * too long on the way is hashed: others can refer to it, but it cannot be asked for here by it.
 */
export function fhirIdOf(residentId: string): string {
  const plain = FHIR_ID.test(residentId) && !residentId.startsWith(ESCAPED);
  const id = plain ? residentId : ESCAPED + residentId.replace(/[._:]/g, (sign) => escapes[sign] as string);
  return id.length <= 64 ? id : `h.${hashOf(residentId, 32)}`;
}

/** The resident an id stands for; it need not be filed. */
export function residentIdOf(fhirId: string): string {
  if (!fhirId.startsWith(ESCAPED)) return fhirId;
  return fhirId.slice(ESCAPED.length).replace(/\.[duc]/g, (sign) => ({ '.d': '.', '.u': '_' })[sign] ?? ':');
}

/** First hexadecimal digits of SHA-256. */
export const hashOf = (text: string, digits: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, digits);

const PART_DIGITS = 12;

/** Id of something that belongs to a resident or a call: it names its owner, so that it can be found again. */
export function partId(ownerId: string, part: string): string {
  const suffix = `.${hashOf(part, PART_DIGITS)}`;
  const owner = fhirIdOf(ownerId);
  return owner.length + suffix.length <= 64 ? owner + suffix : `h.${hashOf(owner + suffix, 32)}`;
}

/** The owner named in the id of a part; the id itself where it is none. */
export const ownerOf = (fhirId: string): string => residentIdOf(fhirId.replace(/\.[0-9a-f]{12}$/, ''));
