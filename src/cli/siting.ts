/** `npm run siting -- FILE.json`: makes one siting plan and prints it, the same as the service answers. Ctrl-C prints its best. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSeal } from '../database/seal.ts';
import { Problem } from '../domain/errors.ts';
import { keepRoads } from '../fleet/roads/keeper.ts';
import { LiveRoads } from '../fleet/roads/live.ts';
import { createLog } from '../http/log.ts';
import { sitingPlanView } from '../http/siting-routes.ts';
import { openSitingPlans } from '../operations/siting-plans.ts';
import { openSitingThread } from '../planning/siting/thread.ts';
import { loadProtocol } from '../requirement/load.ts';
import { systemClock, systemIds } from '../system.ts';
import { fileArgument, runCommand } from './run.ts';

const file = fileArgument('npm run siting -- FILE.json');
const LOOK_EVERY_MS = 200;

let stop: () => void = () => process.exit(1);
process.on('SIGINT', () => stop());

/** A file that brings its times needs no database, and so may be solved beside a running service. */
async function solveAlone(body: Buffer): Promise<boolean> {
  const thread = openSitingThread();
  try {
    const checked = await thread.check(body);
    if (!checked.hasTimes || !checked.demand || !checked.sites) return false;
    stop = thread.stop;
    const createdAt = systemClock.now();
    const { status, result } = await thread.solve(null, checked.timeLimitSeconds, (share, best) => {
      const gap = best?.gap == null ? '' : `, gap ${(best.gap * 100).toFixed(3)} %`;
      process.stderr.write(`\r${Math.round(share * 100)} %${gap}      `);
    });
    process.stderr.write('\r\x1b[K');
    const { problem, p, standardSeconds, busyFraction, demand, sites } = checked;
    const counts = { demand: demand.length, sites: sites.length };
    const asked = {
      problem,
      p,
      standardSeconds,
      busyFraction,
      ...counts,
      demandFrom: 'request',
      travelFrom: 'request',
    };
    const row = { planId: systemIds.next(), status, progress: 1, result, places: null, createdAt } as const;
    print({ ...row, asked: asked as Parameters<typeof sitingPlanView>[0]['asked'], endedAt: systemClock.now() });
    return true;
  } finally {
    await thread.end();
  }
}

function print(row: Parameters<typeof sitingPlanView>[0]): void {
  console.log(JSON.stringify(sitingPlanView(row), null, 2));
  if (row.status === 'infeasible' || row.status === 'failed') process.exitCode = 2;
}

try {
  const body = await readFile(file);
  if (!(await solveAlone(body)))
    await runCommand(async (config, { db, url }) => {
      const log = createLog('warn');
      const roads = new LiveRoads((err) => log.error({ err }, 'the roads failed; the straight line answered'));
      const keeper = keepRoads(roads, { databaseUrl: url, dataDir: config.dataDir, log });
      await keeper.look();
      const plans = openSitingPlans({
        db,
        clock: systemClock,
        ids: systemIds,
        log,
        seal: createSeal(config.identityKey),
        protocol: loadProtocol(config.protocolDir ?? undefined),
        travel: roads,
      });
      let row = await plans.start(body, { role: 'planner', subject: 'command' }, null);
      stop = () => void plans.cancel(row.planId);
      while (row.endedAt === null) {
        await sleep(LOOK_EVERY_MS);
        row = await plans.read(row.planId);
      }
      print(row);
      await plans.close();
      await keeper.stop();
    });
} catch (error) {
  console.error(error instanceof Problem ? `${error.code}: ${error.toJSON().detail}` : (error as Error).message);
  process.exitCode = 1;
}
