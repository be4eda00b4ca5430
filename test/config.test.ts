/** Settings: all wrong ones at once, by name, without their values; the keys of an embedded installation kept. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { ConfigError, readConfig } from '../src/config.ts';
import { keepLocalKeys } from '../src/local-keys.ts';

const IDENTITY_KEY = Buffer.alloc(32, 1).toString('base64');
const AUTH_KEY = 'a secret that is long enough for a test';
const production = { DATABASE_URL: 'postgres://db/x', REDIS_URL: 'redis://r:6379', AUTH_KEY, IDENTITY_KEY };
const never = () => {
  throw new Error('no keys are to be made here');
};
const refusal = (env: Record<string, string>): string => {
  try {
    readConfig(env, never);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'accepted';
};

t.test('nothing set: embedded, on loopback, with the demonstration', async (t) => {
  const config = readConfig({}, () => ({ authKey: AUTH_KEY, identityKey: IDENTITY_KEY }));
  t.match(config, {
    host: '127.0.0.1',
    port: 8120,
    databaseUrl: null,
    redisUrl: null,
    dataDir: './data',
    logLevel: 'info',
    responseTargets: { 1: 480, 2: 480, 3: 480, 4: 480 },
    serviceArea: { west: 115.4, south: 39.4, east: 117.6, north: 41.1 },
    demo: { district: true, openPage: true },
    auth: { local: { algorithm: 'HS256' }, oidc: null },
  });
  t.equal(config.identityKey.length, 32);
});

t.test('a production service needs its keys and Redis, and gets nothing of the demonstration', async (t) => {
  t.match(readConfig(production, never), { demo: { district: false, openPage: false }, redisUrl: 'redis://r:6379' });
  const message = refusal({ DATABASE_URL: 'postgres://db/x' });
  for (const name of ['REDIS_URL', 'AUTH_KEY', 'IDENTITY_KEY']) t.match(message, name);
  t.notMatch(message, '\n');
  t.match(refusal({ ...production, DEMO: 'on' }), /^DEMO /);
  const { AUTH_KEY: _, ...withoutKey } = production;
  const oidc = { OIDC_ISSUER: 'https://id.example/realm', OIDC_AUDIENCE: 'dispatch' };
  t.match(readConfig({ ...withoutKey, ...oidc }, never).auth, {
    local: null,
    oidc: { issuer: 'https://id.example/realm', audience: 'dispatch', roleClaim: 'role' },
  });
  t.match(refusal({ ...withoutKey, OIDC_ISSUER: 'https://id.example' }), /^OIDC_AUDIENCE /);
});

t.test('a page open to any role is served on loopback only', async (t) => {
  for (const HOST of ['127.0.0.1', '127.8.8.8', 'localhost', '::1']) {
    t.equal(readConfig({ AUTH_KEY, IDENTITY_KEY, HOST }, never).demo.openPage, true, HOST);
  }
  for (const HOST of ['0.0.0.0', '::', '10.0.0.1', 'dispatch.example', '127.example.com']) {
    t.equal(readConfig({ AUTH_KEY, IDENTITY_KEY, HOST, DEMO: 'on' }, never).demo.openPage, false, HOST);
  }
  t.same(readConfig({ AUTH_KEY, IDENTITY_KEY, DEMO: 'off' }, never).demo, { district: false, openPage: false });
});

t.test('each wrong setting is named, its value is not shown', async (t) => {
  const wrong: Record<string, string[]> = {
    HOST: ['not a host', 'http://x'],
    PORT: ['-1', '65536', '80a', '1e3', '0x50'],
    DATABASE_URL: ['mysql://u:hidden@h/d', 'hidden'],
    REDIS_URL: ['http://:hidden@h', 'hidden'],
    LOG_LEVEL: ['hidden'],
    AUTH_KEY: ['hidden', 'base64:aGlkZGVu', '-----BEGIN PRIVATE KEY-----\nhidden', '{"kty":"hidden"}', '{hidden'],
    IDENTITY_KEY: ['hidden', Buffer.alloc(31).toString('base64'), Buffer.alloc(33).toString('base64')],
    OIDC_ISSUER: ['hidden', 'http://id.example', 'ftp://127.0.0.1'],
    RESPONSE_TARGET_SECONDS: ['0', '480.5', 'hidden'],
    SERVICE_AREA: ['1,2,3', '117,39,115,41', '115,39,117,95', 'a,b,c,d', '1,2,3,4,5'],
    MAP_TILES_URL: [
      'hidden',
      'https://hidden/{z}/{x}.png',
      'https://u:hidden@tiles.example/{z}/{x}/{y}',
      'https://{s}.hidden.example/{z}/{x}/{y}',
      'https://{z}.hidden.example/{x}/{y}',
      'file:///hidden/{z}/{x}/{y}',
      'https://webrd01.is.autonavi.com/hidden?x={x}&y={y}&z={z}',
    ],
    REQUESTS_PER_MINUTE: ['0', 'hidden'],
    TRUST_PROXY: ['hidden', '10.0.0.0/8,hidden'],
    DEMO: ['hidden'],
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      const message = refusal({ ...production, OIDC_AUDIENCE: 'a', [name]: value });
      t.match(message, new RegExp(`(^|; )${name} `), `${name}=${value}`);
      t.notMatch(message, 'hidden');
    }
  }
  const several = refusal({ ...production, PORT: 'x', LOG_LEVEL: 'y' });
  t.match(several, /PORT .*; LOG_LEVEL /);
});

t.test('a command asks for nothing but the database and the key people are sealed with', async (t) => {
  const { DATABASE_URL, IDENTITY_KEY } = production;
  t.match(readConfig({ DATABASE_URL, IDENTITY_KEY }, never, 'command'), { redisUrl: null, auth: { local: null } });
  t.throws(() => readConfig({ DATABASE_URL, IDENTITY_KEY }, never), /REDIS_URL .*AUTH_KEY /);
});

t.test('the keys of an embedded installation are made once, for their owner only', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const dataDir = join(folder, 'data');
  const made = keepLocalKeys(dataDir);
  t.same(keepLocalKeys(dataDir), made);
  t.equal(statSync(join(dataDir, 'keys.json')).mode & 0o777, 0o600);
  const config = readConfig({ DATA_DIR: dataDir });
  t.equal(Buffer.from(config.identityKey).toString('base64'), made.identityKey);
});
