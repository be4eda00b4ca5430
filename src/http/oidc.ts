/** The keys of an OpenID Connect issuer: discovered on first use, refreshed beside the traffic, kept through an outage. */
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, type RemoteJWKSet } from 'jose';
import { Problem } from '../domain/errors.ts';
import type { Clock, Instant } from '../domain/time.ts';

const TIMEOUT_MS = 5_000;
const REFRESH_AFTER_MS = 10 * 60_000;

export interface Issuer {
  /** @throws Problem `identity-provider-unavailable` until discovery has succeeded once */
  keys(): Promise<JWTVerifyGetKey>;
}

/** @param issuer the issuer's URL, exactly as its tokens carry it */
export function openIssuer(issuer: string, clock: Clock): Issuer {
  let discovery: Promise<RemoteJWKSet> | null = null;
  let refreshedAt: Instant = clock.now();

  const discovered = (): Promise<RemoteJWKSet> => {
    discovery ??= discover(issuer).catch((error: unknown) => {
      discovery = null; // the next token tries again
      throw unavailable(error);
    });
    return discovery;
  };

  return {
    async keys() {
      const set = await discovered();
      // The keys known go on serving while an issuer is away: a dispatcher must not be locked out of a running shift.
      if (clock.now() - refreshedAt > REFRESH_AFTER_MS) {
        refreshedAt = clock.now();
        set.reload().catch(() => {});
      }
      return async (header, token) => {
        try {
          return await set(header, token);
        } catch (error) {
          throw isAboutTheToken(error) ? error : unavailable(error);
        }
      };
    },
  };
}

/** OpenID Connect Discovery 1.0 §4. */
async function discover(issuer: string): Promise<RemoteJWKSet> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' });
  if (!response.ok) throw new Error(`discovery answered ${response.status}`);
  const found = (await response.json()) as { readonly issuer?: unknown; readonly jwks_uri?: unknown };
  // §4.3: an issuer that names another one may be an attacker in its place.
  if (found.issuer !== issuer || typeof found.jwks_uri !== 'string') throw new Error('discovery names another issuer');
  return createRemoteJWKSet(new URL(found.jwks_uri), {
    timeoutDuration: TIMEOUT_MS,
    cacheMaxAge: Number.POSITIVE_INFINITY,
  });
}

/** No key of the issuer fits, or the token is broken; everything else is the issuer's or the network's failure. */
const isAboutTheToken = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported;

const unavailable = (cause: unknown) => new Problem('identity-provider-unavailable', [], { cause });
