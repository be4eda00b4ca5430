/** Environment → typed settings, all checked at once; a wrong one is named, its value never shown. */
import { isIP } from 'node:net';
import { type LocalKey, readAuthKey } from './auth-key.ts';
import type { PlatformSettings } from './care/fhir/platform.ts';
import { type Priority, priorities } from './domain/vocabulary.ts';
import { type MapBackground, readTileUrl } from './fleet/map-background.ts';
import { keepLocalKeys, type LocalKeys } from './local-keys.ts';
import { defaultLadder, type LadderStep, parseLadder } from './locate/ladder.ts';

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export interface OidcSettings {
  /** Exactly as the `iss` claim carries it. */
  readonly issuer: string;
  readonly audience: string;
  /** Claim that carries the role: a name, or a path such as `realm_access.roles`. */
  readonly roleClaim: string;
}

/** WGS-84 degrees. */
export interface ServiceArea {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

export interface Config {
  readonly host: string;
  readonly port: number;
  /** Null: the embedded database in `dataDir`. */
  readonly databaseUrl: string | null;
  /** Null only where `databaseUrl` is null too, or for a command. */
  readonly redisUrl: string | null;
  readonly dataDir: string;
  readonly logLevel: (typeof logLevels)[number];
  readonly auth: { readonly local: LocalKey | null; readonly oidc: OidcSettings | null };
  /** 32 bytes; encryption at rest and the blind index are derived from it (HKDF). */
  readonly identityKey: Uint8Array;
  readonly protocolDir: string | null;
  /** A router asked first for each call; null: the roads in this process. */
  readonly osrmUrl: string | null;
  /** A centre's own follow-up plan; null: the one shipped. */
  readonly followUpPlan: string | null;
  /** A file: what crews choose from when they write a care record, instead of the list shipped. */
  readonly careKit: string | null;
  /** The external record platform; null where there is none. */
  readonly platform: PlatformSettings | null;
  /** Call received → first qualifying ambulance on scene, by priority 1 to 4. */
  readonly responseTargets: Readonly<Record<Priority, number>>;
  /** A call outside is accepted and flagged. */
  readonly serviceArea: ServiceArea;
  readonly demo: {
    /** Load the demonstration district into an empty embedded database. */
    readonly district: boolean;
    /** The page may take a role of one's choice: embedded, and on a loopback address only. */
    readonly openPage: boolean;
  };
  readonly locate: LocateSettings;
  /** How long a first responder has to answer an alert before the next nearest is alerted. */
  readonly responderAnswerSeconds: number;
  /** Pictures from outside beneath what maps show; null: no page asks another host for anything. */
  readonly mapBackground: MapBackground | null;
  /** Requests a minute and subject (or address, without a token); intake is never limited. */
  readonly requestsPerMinute: number;
  /** Addresses of the balancers whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
}

/** Where nobody answers: who is asked in which order, and how the world outside is told. */
export interface LocateSettings {
  readonly ladder: readonly LadderStep[];
  /** How long whoever accepted may take before the next are asked as well. */
  readonly answerSeconds: number;
  /** Shown to the dispatcher at the ladder's end, where the sub-district has no number of its own. */
  readonly policePhone: string;
  /** Webhooks may point at addresses of private networks. */
  readonly privateWebhooks: boolean;
  /** Without these, no e-mail and no short message. */
  readonly smtpUrl: string | null;
  readonly mailFrom: string;
  readonly smsGatewayUrl: string | null;
  readonly smsGatewayToken: string | null;
  /** How people outside reach the desk page; part of messages. */
  readonly publicUrl: string | null;
}

/** Wrong settings: `message` is one line and names each variable, without its value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * @param env as `process.env`; an empty value counts as not set
 * @param keep where the keys of an embedded installation come from
 * @param use a command works on the database alone: nobody signs in to it, and it has no queues
 * @throws ConfigError naming every wrong setting
 */
export function readConfig(
  env: Env,
  keep: (dataDir: string) => LocalKeys = keepLocalKeys,
  use: 'service' | 'command' = 'service',
): Config {
  const wrong: string[] = [];
  /** One setting: its text through `parse`, or what stands for it when absent; a parse error is noted under its name. */
  const setting = <T>(name: string, absent: () => T, parse: (text: string) => T): T => {
    const text = env[name]?.trim();
    try {
      return text ? parse(text) : absent();
    } catch (error) {
      wrong.push(`${name} ${(error as Error).message}`);
      return undefined as T; // never seen: a non-empty `wrong` throws below
    }
  };
  const text = (given: string) => given;
  const none = () => null;
  const missing = (why: string) => (): never => refuse(`is missing: ${why}`);

  const host = setting('HOST', () => '127.0.0.1', hostName);
  const dataDir = setting('DATA_DIR', () => './data', text);
  const databaseUrl = setting('DATABASE_URL', none, (url) => urlOf(url, ['postgres:', 'postgresql:']));
  const embedded = !env.DATABASE_URL?.trim();
  const oidcIssuer = setting('OIDC_ISSUER', none, secureUrl);
  const oidcAudience = setting(
    'OIDC_AUDIENCE',
    env.OIDC_ISSUER?.trim()
      ? missing('OIDC_ISSUER is set, and tokens for other services must not open this one')
      : none,
    text,
  );
  const roleClaim = setting('OIDC_ROLE_CLAIM', () => 'role', text);
  const withDatabase = 'with DATABASE_URL it has to be set';
  const mayLack = embedded || use === 'command';
  const redisUrl = setting('REDIS_URL', mayLack ? none : missing(withDatabase), (url) =>
    urlOf(url, ['redis:', 'rediss:']),
  );

  const keys = embedded && !(env.AUTH_KEY?.trim() && env.IDENTITY_KEY?.trim()) ? keep(dataDir) : null;
  const local = setting(
    'AUTH_KEY',
    () => {
      if (keys) return readAuthKey(keys.authKey);
      return env.OIDC_ISSUER?.trim() || mayLack ? null : refuse(`is missing: ${withDatabase}, or OIDC_ISSUER instead`);
    },
    readAuthKey,
  );
  const identityKey = setting(
    'IDENTITY_KEY',
    () => (keys ? key32(keys.identityKey) : refuse(`is missing: ${withDatabase} (32 bytes in base64)`)),
    key32,
  );
  const platformUrl = setting('FHIR_BASE_URL', none, (url) => secureUrl(url).replace(/\/+$/, ''));
  const tileUrl = setting('MAP_TILES_URL', none, readTileUrl);
  const demo = setting('DEMO', () => embedded, onOff);
  if (demo && !embedded) wrong.push('DEMO cannot be on with DATABASE_URL: a real registry takes no invented residents');

  const config: Config = {
    host,
    port: setting('PORT', () => 8120, integer(0, 65_535)),
    databaseUrl,
    redisUrl: embedded ? null : redisUrl,
    dataDir,
    logLevel: setting('LOG_LEVEL', () => 'info' as const, oneWordOf(logLevels)),
    auth: {
      local,
      oidc: oidcIssuer && oidcAudience ? { issuer: oidcIssuer, audience: oidcAudience, roleClaim } : null,
    },
    identityKey,
    protocolDir: setting('PROTOCOL_DIR', none, text),
    osrmUrl: setting('OSRM_URL', none, (url) => urlOf(url, ['http:', 'https:']).replace(/\/+$/, '')),
    followUpPlan: setting('FOLLOW_UP_PLAN', none, text),
    careKit: setting('CARE_KIT', none, text),
    platform:
      platformUrl === null
        ? null
        : {
            baseUrl: platformUrl,
            token: setting('FHIR_TOKEN', none, text),
            answerSeconds: setting('FHIR_ANSWER_SECONDS', () => 60, integer(1, 600)),
          },
    responseTargets: setting('RESPONSE_TARGET_SECONDS', () => targets('480'), targets),
    serviceArea: setting('SERVICE_AREA', () => beijing, area),
    demo: { district: demo, openPage: demo && isLoopback(host) },
    locate: {
      ladder: setting('LOCATE_LADDER', () => defaultLadder, parseLadder),
      answerSeconds: setting('LOCATE_ANSWER_SECONDS', () => 180, integer(1, 3_600)),
      policePhone: setting('POLICE_PHONE', () => '110', phoneText),
      privateWebhooks: setting('WEBHOOK_PRIVATE_ADDRESSES', () => false, onOff),
      smtpUrl: setting('SMTP_URL', none, (url) => urlOf(url, ['smtp:', 'smtps:'])),
      mailFrom: setting(
        'MAIL_FROM',
        env.SMTP_URL?.trim() ? missing('with SMTP_URL it has to be set') : () => '',
        mailAddress,
      ),
      smsGatewayUrl: setting('SMS_GATEWAY_URL', none, (url) => urlOf(url, ['https:', 'http:'])),
      smsGatewayToken: setting('SMS_GATEWAY_TOKEN', none, text),
      publicUrl: setting('PUBLIC_URL', none, (url) => urlOf(url, ['https:', 'http:']).replace(/\/+$/, '')),
    },
    responderAnswerSeconds: setting('RESPONDER_ANSWER_SECONDS', () => 60, integer(10, 3_600)),
    mapBackground: tileUrl
      ? {
          url: tileUrl,
          attribution: setting('MAP_TILES_ATTRIBUTION', missing('whose the pictures of MAP_TILES_URL are'), text),
        }
      : null,
    requestsPerMinute: setting('REQUESTS_PER_MINUTE', () => 1200, integer(1, 1_000_000)),
    trustedProxies: setting('TRUST_PROXY', () => [], addresses),
  };
  if (wrong.length) throw new ConfigError(wrong.join('; '));
  return config;
}

/** Whether a service bound to this host can be reached from this machine only. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

/** Bounds of the municipality, rounded outwards. */
const beijing: ServiceArea = { west: 115.4, south: 39.4, east: 117.6, north: 41.1 };

function refuse(message: string): never {
  throw new Error(message);
}

function hostName(given: string): string {
  return isIP(given) || /^[A-Za-z0-9.-]{1,253}$/.test(given) ? given : refuse('is not a host name or address');
}

function urlOf(given: string, protocols: readonly string[]): string {
  const url = URL.canParse(given) ? new URL(given) : null;
  return url && protocols.includes(url.protocol) ? given : refuse(`is not a ${protocols[0]}// URL`);
}

/** What goes over plain HTTP can be read and swapped on the way; only this machine's own loopback may do without TLS. */
function secureUrl(given: string): string {
  const { protocol, hostname } = new URL(urlOf(given, ['https:', 'http:']));
  return protocol === 'https:' || isLoopback(hostname.replace(/^\[|\]$/g, ''))
    ? given
    : refuse('has to be an https:// URL');
}

function integer(least: number, most: number) {
  return (given: string): number => {
    const value = Number(given);
    return /^\d+$/.test(given) && value >= least && value <= most
      ? value
      : refuse(`is not a whole number from ${least} to ${most}`);
  };
}

function oneWordOf<const T extends readonly string[]>(words: T) {
  return (given: string): T[number] => words.find((word) => word === given) ?? refuse(`is none of ${words.join(', ')}`);
}

function onOff(given: string): boolean {
  if (/^(on|true|1|yes)$/i.test(given)) return true;
  return /^(off|false|0|no)$/i.test(given) ? false : refuse('is neither on nor off');
}

function key32(given: string): Uint8Array {
  const bytes = Buffer.from(given, 'base64');
  if (bytes.length !== 32 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(given)) refuse('is not 32 bytes in base64');
  return bytes;
}

function area(given: string): ServiceArea {
  const [west, south, east, north] = given.split(',').map(Number) as [number, number, number, number];
  const right =
    given.split(',').length === 4 &&
    west >= -180 &&
    east <= 180 &&
    west < east &&
    south >= -90 &&
    north <= 90 &&
    south < north;
  return right ? { west, south, east, north } : refuse('is not west,south,east,north in WGS-84 degrees');
}

const phoneText = (given: string): string =>
  /^[+0-9 -]{3,32}$/.test(given) ? given : refuse('is not a telephone number');

const mailAddress = (given: string): string =>
  /^[^\s<>@]+@[^\s<>@]+$/.test(given) ? given : refuse('is not a mail address');

function addresses(given: string): string[] {
  const list = given.split(',').map((each) => each.trim());
  return list.every((each) => isIP(each.replace(/\/\d{1,3}$/, '')))
    ? list
    : refuse('is not a list of addresses or CIDR ranges');
}

/** One target for all calls, or one for each priority: `480` or `480,480,900,1800`. */
function targets(text: string): Record<Priority, number> {
  const seconds = text.split(',').map((each) => integer(1, 86_400)(each.trim()));
  if (seconds.length !== 1 && seconds.length !== priorities.length) refuse('has to be one number of seconds, or four');
  const of = (priority: Priority) => seconds[priority - 1] ?? (seconds[0] as number);
  return { 1: of(1), 2: of(2), 3: of(3), 4: of(4) };
}
