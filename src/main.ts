/** `npm start`: settings, service, one line when it is ready; a signal ends it cleanly. */
import { ConfigError, readConfig } from './config.ts';
import { createLog } from './http/log.ts';
import { startService } from './service.ts';

try {
  // Run from the sources, the page is built from them; a production build has it already.
  if (import.meta.url.endsWith('.ts')) await (await import('./cli/build-console.ts')).ensureConsole();
  const config = readConfig(process.env);
  const service = await startService(config, createLog(config.logLevel));
  console.log(`precision-dispatch ready on ${service.url}`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    // Once: a second signal ends the process at once.
    process.once(signal, () => void service.stop().then(() => process.exit(0)));
  }
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : `not started: ${(error as Error).message}`);
  process.exit(1);
}
