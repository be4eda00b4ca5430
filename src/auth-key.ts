/** The local signing key: a shared secret (HS256) or an Ed25519 key (EdDSA), from one setting. */
import { createPrivateKey, createPublicKey, createSecretKey, type JsonWebKey, type KeyObject } from 'node:crypto';

export interface LocalKey {
  /** The only algorithm a token of this key may name. */
  readonly algorithm: 'HS256' | 'EdDSA';
  readonly verify: KeyObject;
  /** Null where only the public half is known: tokens are then made elsewhere. */
  readonly sign: KeyObject | null;
}

const LEAST_SECRET_BYTES = 32; // RFC 7518 §3.2: at least as long as the hash

/**
 * Takes a PEM (PKCS#8 private or SPKI public), a JWK, `base64:…` for raw bytes, or a plain secret whose UTF-8 bytes are the key.
 * @throws Error whose message says what is wrong without any part of the key
 */
export function readAuthKey(given: string): LocalKey {
  if (given.startsWith('-----BEGIN')) return pair(given.replaceAll('\\n', '\n'));
  if (given.startsWith('{')) return fromJwk(given);
  const bytes = given.startsWith('base64:') ? Buffer.from(given.slice(7), 'base64') : Buffer.from(given, 'utf8');
  return shared(bytes);
}

function shared(bytes: Buffer): LocalKey {
  if (bytes.length < LEAST_SECRET_BYTES) throw new Error(`is shorter than ${LEAST_SECRET_BYTES} bytes`);
  const secret = createSecretKey(bytes);
  return { algorithm: 'HS256', verify: secret, sign: secret };
}

function pair(pem: string): LocalKey {
  return attempt(() =>
    pem.includes('PRIVATE KEY') ? withPrivate(createPrivateKey(pem)) : withPublic(createPublicKey(pem)),
  );
}

function fromJwk(text: string): LocalKey {
  const key = attempt(() => JSON.parse(text) as JsonWebKey);
  if (key.kty === 'oct') return shared(Buffer.from(key.k ?? '', 'base64url'));
  return attempt(() =>
    key.d ? withPrivate(createPrivateKey({ key, format: 'jwk' })) : withPublic(createPublicKey({ key, format: 'jwk' })),
  );
}

function withPrivate(sign: KeyObject): LocalKey {
  return { ...withPublic(createPublicKey(sign)), sign };
}

function withPublic(verify: KeyObject): LocalKey {
  if (verify.asymmetricKeyType !== 'ed25519') throw new Error('another kind');
  return { algorithm: 'EdDSA', verify, sign: null };
}

/** Parser messages may quote the key, so none is passed on. */
function attempt<T>(read: () => T): T {
  try {
    return read();
  } catch {
    throw new Error('is not a secret, nor an Ed25519 key as PEM or JWK');
  }
}
