/** Many dispatchers after the same few units at the same moment: how long until each knows whether it has one. */
import pg from 'pg';
import { openPool } from '../src/database/pool.ts';
import type { UnitInput } from '../src/fleet/schema.ts';
import { putUnit } from '../src/fleet/store.ts';
import { systemClock } from '../src/system.ts';
import type { Ground } from './ground.ts';
import { tokenFor } from './load.ts';
import { median, quantile, type ResultRow, round } from './rows.ts';

export interface ClaimsSize {
  readonly dispatchers: number;
  readonly units: number;
  readonly rounds: number;
}
export const claimsSize: ClaimsSize = { dispatchers: 64, units: 8, rounds: 20 };

/** Both go to the database over as many connections as the service opens. */
const CONNECTIONS = 10;
const unitIds = ({ units }: ClaimsSize) => Array.from({ length: units }, (_, i) => `bench-unit-${i}`);

/** Milliseconds each of `size.dispatchers` waited. Throws unless every unit went to exactly one. */
type Rush = () => Promise<number[]>;

async function rush(size: ClaimsSize, claim: (dispatcher: number) => Promise<boolean>): Promise<number[]> {
  let won = 0;
  const waited = await Promise.all(
    Array.from({ length: size.dispatchers }, async (_, dispatcher) => {
      const started = performance.now();
      if (await claim(dispatcher)) won++;
      return performance.now() - started;
    }),
  );
  if (won !== size.units) throw new Error(`${won} claims of ${size.units} units succeeded`);
  return waited;
}

async function engine(ground: Ground, size: ClaimsSize): Promise<{ rush: Rush; stop(): Promise<void> }> {
  const databaseUrl = await ground.database('claims');
  const db = openPool(databaseUrl);
  for (const unitId of unitIds(size)) {
    const position = { lon: 116.36, lat: 39.91, crs: 'wgs84' } as const;
    const unit: UnitInput = {
      unitId,
      vehicleType: 'basic',
      capabilities: ['transport', 'monitoring'],
      status: 'available',
      position,
    };
    await putUnit(db, unit, systemClock.now());
  }
  const { url, stop } = await ground.serveBuild({ DATABASE_URL: databaseUrl, LOG_LEVEL: 'warn' }, 'claims');
  const token = await tokenFor('dispatcher');
  const post = async (path: string, body: unknown) => {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    // biome-ignore lint/suspicious/noExplicitAny: of an answer only the id of a call is read
    return { status: response.status, body: (await response.json()) as any };
  };
  const call = {
    channel: 'phone',
    caller: { phone: '+8617712345678', relation: 'bystander' },
    location: { position: { lon: 116.35, lat: 39.91, crs: 'wgs84' }, uncertaintyMetres: 50, source: 'network' },
    complaint: { code: 'back-pain', answers: { conscious: 'yes', breathing: 'normal' } },
  };
  return {
    stop: async () => {
      await stop();
      await db.end();
    },
    rush: async () => {
      const calls = await Promise.all(Array.from({ length: size.dispatchers }, () => post('/v1/calls', call)));
      const waited = await rush(size, async (dispatcher) => {
        const path = `/v1/calls/${calls[dispatcher]?.body.call.callId}/assignments`;
        const { status } = await post(path, {
          unitId: `bench-unit-${dispatcher % size.units}`,
          overrideReason: 'an invented reason',
        });
        if (status !== 201 && status !== 409) throw new Error(`a claim was answered ${status}`);
        return status === 201;
      });
      for (const { body } of calls) await post(`/v1/calls/${body.call.callId}/close`, { reason: 'an invented end' });
      await db.query({ text: `UPDATE units SET status = 'available', changed = pg_current_xact_id()` });
      return waited;
    },
  };
}

/** The conditional update alone, which is all that decides who has the unit. */
async function floor(ground: Ground, size: ClaimsSize): Promise<{ rush: Rush; stop(): Promise<void> }> {
  const db = new pg.Pool({ connectionString: await ground.database('claims_floor'), max: CONNECTIONS });
  await db.query('CREATE TABLE floor_units (unit_id text PRIMARY KEY, holder integer)');
  await db.query('INSERT INTO floor_units SELECT unnest($1::text[])', [unitIds(size)]);
  return {
    stop: () => db.end(),
    rush: async () => {
      const waited = await rush(size, async (dispatcher) => {
        const { rowCount } = await db.query({
          name: 'floor.claim',
          text: 'UPDATE floor_units SET holder = $2 WHERE unit_id = $1 AND holder IS NULL',
          values: [`bench-unit-${dispatcher % size.units}`, dispatcher],
        });
        return rowCount === 1;
      });
      await db.query('UPDATE floor_units SET holder = NULL');
      return waited;
    },
  };
}

export async function benchClaims(ground: Ground, size: ClaimsSize): Promise<ResultRow[]> {
  const ours = await engine(ground, size);
  const bare = await floor(ground, size);
  const rounds: { readonly ours: number[]; readonly bare: number[] }[] = [];
  for (let i = 0; i < size.rounds + 3; i++) {
    const both = { ours: await ours.rush(), bare: await bare.rush() };
    if (i >= 3) rounds.push(both); // the first warm up
  }
  await ours.stop();
  await bare.stop();
  const conditions = `${size.dispatchers} dispatchers, each on a call of its own, after ${size.units} units at once; each unit had by exactly one, the others told who else is free; median of ${size.rounds} rounds; floor: the conditional update alone over ${CONNECTIONS} connections, without HTTP, checks, events or fresh candidates; fsync on, all on one machine`;
  return [0.5, 1].map((q) => {
    const values = rounds.map((each) => quantile(each.ours, q));
    const bares = rounds.map((each) => quantile(each.bare, q));
    return {
      benchmark: 'claims',
      figure: q === 1 ? 'the last to know' : 'median to know',
      value: round(median(values)),
      unit: 'ms',
      floor: round(median(bares)),
      ratio: round(median(values.map((value, i) => value / (bares[i] as number)))),
      conditions,
    };
  });
}
