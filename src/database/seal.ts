/** Personal data at rest: sealed with AES-256-GCM, found again through a keyed blind index. */
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, randomFillSync } from 'node:crypto';

const FORMAT = 1;
const FORMAT_BYTE = Buffer.of(FORMAT);
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface Seal {
  /** Encrypts a JSON value. `context` (table and id) is authenticated, so a sealed value moved to another row does not open. */
  close(value: unknown, context: string): Buffer;
  /** The same of bytes: JSON already written, or what is no JSON, an electrocardiogram, a photograph. */
  closeBytes(value: Buffer, context: string): Buffer;
  openBytes(sealed: Buffer, context: string): Buffer;
  /** Opens what `close` made. Throws when key, context or content differ. */
  open<T>(sealed: Buffer, context: string): T;
  /**
   * Blind index token of a normalised value: the first 64 bits of HMAC-SHA256 under a key of its own, as a decimal
   * PostgreSQL bigint. Equal values give equal tokens; without the key a token says nothing. At 10^7 tokens a chance
   * collision is a 1 in 10^5 event, and a collision only adds a candidate that matching then rejects.
   */
  token(kind: string, value: string): string;
}

/** Both keys are derived from the one setting (HKDF-SHA256), so that neither can be used for the other. */
export function createSeal(identityKey: Uint8Array): Seal {
  const derive = (use: string) =>
    createSecretKey(Buffer.from(hkdfSync('sha256', identityKey, '', `precision-dispatch/${use}`, 32)));
  const sealKey = derive('seal');
  const indexKey = derive('blind-index');
  const nextNonce = nonces();
  const seal = (value: Buffer, context: string): Buffer => {
    const nonce = nextNonce();
    const cipher = createCipheriv('aes-256-gcm', sealKey, nonce);
    cipher.setAAD(Buffer.from(context));
    const body = cipher.update(value);
    cipher.final();
    return Buffer.concat([FORMAT_BYTE, nonce, body, cipher.getAuthTag()]);
  };
  const unseal = (sealed: Buffer, context: string): Buffer => {
    if (sealed[0] !== FORMAT) throw new Error('sealed value has an unknown format');
    const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', sealKey, nonce);
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    const body = decipher.update(sealed.subarray(1 + NONCE_BYTES, sealed.length - TAG_BYTES));
    decipher.final();
    return body;
  };
  return {
    close: (value, context) => seal(Buffer.from(JSON.stringify(value)), context),
    open: <T>(sealed: Buffer, context: string) => JSON.parse(unseal(sealed, context).toString('utf8')) as T,
    closeBytes: seal,
    openBytes: unseal,
    token(kind, value) {
      return createHmac('sha256', indexKey).update(`${kind}\0${value}`).digest().readBigInt64BE(0).toString();
    },
  };
}

/** Random nonces, many to a request to the system: one at a time they cost more than the sealing of a small value. */
function nonces(): () => Buffer {
  const pool = Buffer.allocUnsafe(NONCE_BYTES * 512);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const nonce = Buffer.from(pool.subarray(used, used + NONCE_BYTES));
    used += NONCE_BYTES;
    return nonce;
  };
}
