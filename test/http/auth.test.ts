/** Tokens: only those the local key or the issuer signed, with the algorithm agreed, for one of the roles, and not expired. */
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import t from 'tap';
import { readAuthKey } from '../../src/auth-key.ts';
import { Problem } from '../../src/domain/errors.ts';
import { createAuthenticator, issueToken } from '../../src/http/auth.ts';
import { NOW, SECRET } from './support.ts';

const clock = { now: () => NOW };
const local = readAuthKey(SECRET);
const actor = { role: 'dispatcher', subject: 'desk-3' } as const;
const seconds = Math.floor(NOW / 1000);
const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** A token made by hand, as an attacker would. */
function handMade(header: object, claims: object, secret?: string | Buffer): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  const signature = secret === undefined ? '' : createHmac('sha256', secret).update(signed).digest('base64url');
  return `${signed}.${signature}`;
}
const goodClaims = { role: 'dispatcher', sub: 'desk-3', exp: seconds + 60 };
const hs256 = { alg: 'HS256', typ: 'JWT' };
const refused = { name: 'Problem', code: 'unauthenticated' };

t.test('a token of the local key names role and subject, and is known from then on', async (t) => {
  const auth = createAuthenticator({ local, oidc: null }, clock);
  const token = await issueToken(local, { ...actor, ttlSeconds: 60 }, clock);
  t.equal(auth.known(token), null);
  t.same(await auth.verify(token), actor);
  t.same(auth.known(token), actor);
  t.same(await auth.verify(handMade(hs256, goodClaims, SECRET)), actor, 'a token made elsewhere with the same secret');
});

t.test('a known token ends with its expiry', async (t) => {
  const time = { now: NOW };
  const auth = createAuthenticator({ local, oidc: null }, { now: () => time.now });
  const token = await issueToken(local, { ...actor, ttlSeconds: 60 }, clock);
  await auth.verify(token);
  time.now = NOW + 59_999;
  t.same(auth.known(token), actor);
  time.now = NOW + 60_000;
  t.equal(auth.known(token), null);
  await t.rejects(auth.verify(token), refused);
});

t.test('what must not get in', async (t) => {
  const auth = createAuthenticator({ local, oidc: null }, clock);
  const good = handMade(hs256, goodClaims, SECRET);
  const [header, , signature] = good.split('.');
  const cases: Record<string, string> = {
    'alg none': handMade({ alg: 'none', typ: 'JWT' }, goodClaims),
    'alg None with a signature': handMade({ alg: 'None' }, goodClaims, SECRET),
    'another algorithm': handMade({ alg: 'HS512' }, goodClaims, SECRET),
    'another secret': handMade(hs256, goodClaims, `${SECRET}.`),
    'claims exchanged': `${header}.${encode({ ...goodClaims, role: 'admin' })}.${signature}`,
    expired: handMade(hs256, { ...goodClaims, exp: seconds }, SECRET),
    'not yet valid': handMade(hs256, { ...goodClaims, nbf: seconds + 10 }, SECRET),
    'without expiry': handMade(hs256, { role: 'dispatcher', sub: 'desk-3' }, SECRET),
    'without subject': handMade(hs256, { ...goodClaims, sub: undefined }, SECRET),
    'an endless subject': handMade(hs256, { ...goodClaims, sub: 'x'.repeat(129) }, SECRET),
    'a role unknown here': handMade(hs256, { ...goodClaims, role: 'root' }, SECRET),
    'without role': handMade(hs256, { ...goodClaims, role: undefined }, SECRET),
    'several roles': handMade(hs256, { ...goodClaims, role: ['dispatcher', 'admin'] }, SECRET),
    'another issuer': handMade(hs256, { ...goodClaims, iss: 'https://else.example' }, SECRET),
    'no token at all': 'a.b.c',
  };
  for (const [name, token] of Object.entries(cases)) {
    await t.rejects(auth.verify(token), refused, name);
    t.equal(auth.known(token), null, `${name}: and not remembered`);
  }
});

t.test('Ed25519: PEM and JWK, private and public half', async (t) => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const key = readAuthKey(pem.replaceAll('\n', '\\n'));
  const token = await issueToken(key, { ...actor, ttlSeconds: 60 }, clock);
  for (const given of [pem, publicPem, JSON.stringify(privateKey.export({ format: 'jwk' }))]) {
    t.same(await createAuthenticator({ local: readAuthKey(given), oidc: null }, clock).verify(token), actor);
  }
  const publicOnly = createAuthenticator({ local: readAuthKey(publicPem), oidc: null }, clock);
  await t.rejects(
    publicOnly.verify(handMade(hs256, goodClaims, publicPem)),
    refused,
    'the public key taken for a shared secret',
  );
  t.throws(() => issueToken(readAuthKey(publicPem), { ...actor, ttlSeconds: 60 }, clock), /public key/);
});

t.test('an OpenID Connect issuer', async (t) => {
  const rsa = await generateKeyPair('RS256', { extractable: true });
  const stranger = await generateKeyPair('RS256', { extractable: true });
  const state = { up: true };
  const server = createServer(async (request, response) => {
    if (!state.up) return response.writeHead(500).end();
    const body = request.url?.startsWith('/.well-known/')
      ? { issuer, jwks_uri: `${issuer}/keys` }
      : { keys: [{ ...(await exportJWK(rsa.publicKey)), kid: 'k1', alg: 'RS256' }] };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const oidc = { issuer, audience: 'dispatch', roleClaim: 'realm_access.roles' };
  const time = { now: NOW };
  const open = () => createAuthenticator({ local, oidc }, { now: () => time.now });
  const signed = (claims: object, key = rsa.privateKey, kid = 'k1') =>
    new SignJWT({ realm_access: { roles: ['offline_access', 'planner'] }, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid })
      .setSubject('p-9')
      .setIssuer(issuer)
      .setExpirationTime(seconds + 7200)
      .sign(key);
  const good = await signed({ aud: 'dispatch' });

  const auth = open();
  t.same(await auth.verify(good), { role: 'planner', subject: 'p-9' });
  t.same(
    await auth.verify(await issueToken(local, { ...actor, ttlSeconds: 60 }, clock)),
    actor,
    'beside the local key',
  );

  await t.rejects(auth.verify(await signed({ aud: 'shop' })), refused, 'for another audience');
  await t.rejects(auth.verify(await signed({})), refused, 'for no audience');
  await t.rejects(auth.verify(await signed({ aud: 'dispatch' }, stranger.privateKey)), refused, 'signed by a stranger');
  await t.rejects(
    auth.verify(await signed({ aud: 'dispatch' }, stranger.privateKey, 'k2')),
    refused,
    'with an unknown key',
  );
  await t.rejects(
    auth.verify(await signed({ aud: 'dispatch', realm_access: { roles: ['planner', 'admin'] } })),
    refused,
    'with two roles',
  );
  const forged = { ...goodClaims, iss: issuer, aud: 'dispatch', realm_access: { roles: ['admin'] } };
  await t.rejects(
    auth.verify(handMade(hs256, forged, await exportSPKI(rsa.publicKey))),
    refused,
    "the issuer's public key taken for a shared secret",
  );
  await t.rejects(auth.verify(handMade(hs256, forged, SECRET)), refused, 'the local key in the name of the issuer');

  state.up = false;
  time.now = NOW + 11 * 60_000;
  t.same(
    await auth.verify(await signed({ aud: 'dispatch', jti: '2' })),
    { role: 'planner', subject: 'p-9' },
    'keys outlive an outage',
  );
  await t.rejects(open().verify(good), { name: 'Problem', code: 'identity-provider-unavailable' }, 'nothing known yet');
});

t.test('the issuer that discovery names has to be the one asked', async (t) => {
  const server = createServer((_request, response) => {
    response.end(JSON.stringify({ issuer: 'https://else.example', jwks_uri: 'https://else.example/keys' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const auth = createAuthenticator({ local: null, oidc: { issuer, audience: 'a', roleClaim: 'role' } }, clock);
  const error = await auth.verify(handMade(hs256, { ...goodClaims, iss: issuer }, SECRET)).catch((e: unknown) => e);
  t.ok(error instanceof Problem);
  t.equal((error as Problem).code, 'identity-provider-unavailable');
});
