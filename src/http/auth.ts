/** Bearer tokens: who is asking, and in which role. */
import { decodeJwt, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import type { LocalKey } from '../auth-key.ts';
import type { OidcSettings } from '../config.ts';
import { Problem } from '../domain/errors.ts';
import type { Clock, Instant } from '../domain/time.ts';
import { type Role, roles } from '../domain/vocabulary.ts';
import { openIssuer } from './oidc.ts';

export interface Actor {
  readonly role: Role;
  /** The person, or the centre, unit, hospital or doctor the role stands for. */
  readonly subject: string;
}

export interface Authenticator {
  /** The bearer of a token verified before and not expired since; no I/O, so that intake does not pay for a signature. */
  known(token: string): Actor | null;
  /**
   * Verifies signature, algorithm, issuer, audience, expiry and role.
   * @throws Problem `unauthenticated`, or `identity-provider-unavailable` where its keys cannot be had
   */
  verify(token: string): Promise<Actor>;
}

export interface AuthSettings {
  readonly local: LocalKey | null;
  readonly oidc: OidcSettings | null;
}

const LOCAL_ISSUER = 'precision-dispatch';
const REMEMBERED_TOKENS = 10_000;
const LONGEST_SUBJECT = 128;
/** Asymmetric only: a public key must never be taken for a shared secret. */
const OIDC_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

export function createAuthenticator({ local, oidc }: AuthSettings, clock: Clock): Authenticator {
  const remembered = new LRUCache<string, { readonly actor: Actor; readonly expiresAt: Instant }>({
    max: REMEMBERED_TOKENS,
  });
  const issuer = oidc && openIssuer(oidc.issuer, clock);

  async function verified(token: string): Promise<{ claims: JWTPayload; roleClaim: string }> {
    const common: JWTVerifyOptions = { currentDate: new Date(clock.now()), requiredClaims: ['exp', 'sub'] };
    if (oidc && issuer && decodeJwt(token).iss === oidc.issuer) {
      const expected = { issuer: oidc.issuer, audience: oidc.audience, algorithms: OIDC_ALGORITHMS };
      const { payload } = await jwtVerify(token, await issuer.keys(), { ...common, ...expected });
      return { claims: payload, roleClaim: oidc.roleClaim };
    }
    if (!local) throw new errors.JWTInvalid('issued elsewhere');
    const { payload } = await jwtVerify(token, local.verify, { ...common, algorithms: [local.algorithm] });
    if (payload.iss !== undefined && payload.iss !== LOCAL_ISSUER) throw new errors.JWTInvalid('issued elsewhere');
    return { claims: payload, roleClaim: 'role' };
  }

  return {
    known(token) {
      const entry = remembered.get(token);
      return entry && entry.expiresAt > clock.now() ? entry.actor : null;
    },
    async verify(token) {
      try {
        const { claims, roleClaim } = await verified(token);
        const actor = actorIn(claims, roleClaim);
        remembered.set(token, { actor, expiresAt: (claims.exp ?? 0) * 1000 });
        return actor;
      } catch (error) {
        throw error instanceof Problem ? error : new Problem('unauthenticated', [], { cause: error });
      }
    },
  };
}

function actorIn(claims: JWTPayload, roleClaim: string): Actor {
  const role = roleIn(claims, roleClaim);
  const subject = claims.sub;
  if (!role || !subject || subject.length > LONGEST_SUBJECT) throw new errors.JWTInvalid('no role or subject of ours');
  return { role, subject };
}

/** A claim by its name or by a path; of a list exactly one entry has to be a role of ours, else nobody can tell which is meant. */
function roleIn(claims: JWTPayload, claim: string): Role | null {
  const value = claims[claim] ?? claim.split('.').reduce<unknown>(property, claims);
  const named = roles.filter((role) => (Array.isArray(value) ? value.includes(role) : value === role));
  return named.length === 1 ? (named[0] ?? null) : null;
}

const property = (of: unknown, name: string): unknown =>
  typeof of === 'object' && of !== null && Object.hasOwn(of, name) ? (of as Record<string, unknown>)[name] : undefined;

export interface TokenRequest extends Actor {
  readonly ttlSeconds: number;
}

/**
 * Signs a token with the local key.
 * @throws Error where only the public half of the key is known
 */
export function issueToken(key: LocalKey, { role, subject, ttlSeconds }: TokenRequest, clock: Clock): Promise<string> {
  if (!key.sign) throw new Error('AUTH_KEY is a public key: tokens are made where its private half is');
  const issuedAt = Math.floor(clock.now() / 1000);
  return new SignJWT({ role })
    .setProtectedHeader({ alg: key.algorithm, typ: 'JWT' })
    .setIssuer(LOCAL_ISSUER)
    .setSubject(subject)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + ttlSeconds)
    .sign(key.sign);
}
