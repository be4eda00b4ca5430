/** `npm run --silent token -- ROLE [SUBJECT]`: prints a bearer token of the local key, good for one shift. */
import { readConfig } from '../config.ts';
import { roles } from '../domain/vocabulary.ts';
import { issueToken } from '../http/auth.ts';
import { systemClock } from '../system.ts';

const SHIFT_SECONDS = 12 * 3600;

const [role, subject] = process.argv.slice(2);
const known = roles.find((each) => each === role);
if (!known) stop(`usage: npm run --silent token -- ROLE [SUBJECT]   ROLE: ${roles.join(' ')}`);

try {
  const key = readConfig(process.env).auth.local;
  if (!key) stop('AUTH_KEY is not set: tokens come from OIDC_ISSUER');
  console.log(
    await issueToken(key, { role: known, subject: subject ?? known, ttlSeconds: SHIFT_SECONDS }, systemClock),
  );
} catch (error) {
  stop((error as Error).message);
}

function stop(message: string): never {
  console.error(message);
  process.exit(1);
}
