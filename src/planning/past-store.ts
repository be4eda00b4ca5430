/** Past calls brought in, in batches; a call brought in again replaces what was known of it. */
import type { Executor } from '../database/pool.ts';
import { rfc3339 } from '../domain/time.ts';
import type { FiledPastCall } from './past-call.ts';

const columns = [
  ['source_id', 'text', (c) => c.sourceId],
  ['received_at', 'timestamptz', (c) => rfc3339(c.receivedAt)],
  ['hour', 'smallint', (c) => c.hour],
  ['priority', 'smallint', (c) => c.priority],
  ['cancelled', 'boolean', (c) => c.cancelled],
  ['response_seconds', 'integer', (c) => c.responseSeconds],
  ['patient_seconds', 'integer', (c) => c.patientSeconds],
  ['travel_seconds', 'integer', (c) => c.legSeconds.travel],
  ['answer_seconds', 'integer', (c) => c.legSeconds.answer],
  ['dispatch_seconds', 'integer', (c) => c.legSeconds.dispatch],
  ['turnout_seconds', 'integer', (c) => c.legSeconds.turnout],
  ['reach_seconds', 'integer', (c) => c.legSeconds.reach],
  ['complaint', 'text', (c) => c.complaint],
  ['vehicle_type', 'text', (c) => c.vehicleType],
  ['age_years', 'smallint', (c) => c.ageYears],
  ['unit_id', 'text', (c) => c.unitId],
  ['station_id', 'text', (c) => c.stationId],
  ['lon', 'double precision', (c) => c.lon],
  ['lat', 'double precision', (c) => c.lat],
  ['cell', 'bigint', (c) => (c.cell === null ? null : BigInt(`0x${c.cell}`).toString())],
  ['subdistrict_code', 'text', (c) => c.subdistrictCode],
] as const satisfies readonly (readonly [string, string, (call: FiledPastCall) => unknown])[];

const names = columns.map(([name]) => name);
const own = names.filter((name) => name !== 'subdistrict_code');

export const sql = {
  /** An array a column. Without a sub-district, the one the place lies in; without a station, that of the unit. */
  file: {
    name: 'planning.file-past-calls',
    text: `
      INSERT INTO past_calls (${own.join(', ')}, subdistrict_code)
      SELECT ${own.map((name) => (name === 'station_id' ? 'coalesce(i.station_id, u.station_id)' : `i.${name}`)).join(', ')},
             coalesce(i.subdistrict_code, (
               SELECT a.subdistrict_code FROM areas a
               WHERE i.lon IS NOT NULL AND ST_Covers(a.outline, ST_SetSRID(ST_MakePoint(i.lon, i.lat), 4326))
               ORDER BY a.subdistrict_code LIMIT 1))
      FROM unnest(${columns.map(([, type], at) => `$${at + 1}::${type}[]`).join(', ')}) AS i (${names.join(', ')})
      LEFT JOIN units u ON u.unit_id = i.unit_id
      ON CONFLICT (source_id) DO UPDATE SET
        ${names
          .filter((name) => name !== 'source_id')
          .map((name) => `${name} = excluded.${name}`)
          .join(', ')}`,
  },
} as const;

/** Files a batch; of a call twice in it the later stands. */
export async function filePastCalls(tx: Executor, calls: readonly FiledPastCall[]): Promise<void> {
  const last = [...new Map(calls.map((call) => [call.sourceId, call])).values()];
  const sorted = last.sort((a, b) => (a.sourceId < b.sourceId ? -1 : 1)); // two imports at once do not deadlock
  await tx.query({
    ...sql.file,
    values: columns.map(([, , of]) => sorted.map(of as (call: FiledPastCall) => unknown)),
  });
}
