/** Calls taken here, day by day: packed columns of days gone by, and call by call what has not ended or changed since. */
import { setImmediate as takeTurns } from 'node:timers/promises';
import type pg from 'pg';
import { type Executor, inSnapshot } from '../database/pool.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import { DAY_MS, dayOf, float32, int16, int32, quarters, startOf } from './columns.ts';
import { counted, ended, foreseen, isFresh, notified, type PackSpan, packCallDays } from './pack-call-days.ts';
import { type Leg, legs } from './past-call.ts';
import type { NamedBy, PastDay } from './past-days.ts';
import { type ClockName, clocks } from './schema.ts';

const stations = `
  (SELECT array_agg(u.station_id ORDER BY place)
   FROM unnest(d.units) WITH ORDINALITY n (unit_id, place) LEFT JOIN units u USING (unit_id))`;

/** Packed days from $1 to $2 that hold, with names by $3. */
const read = (columns: readonly string[]) => `
  SELECT day::text, calls, received, priority, ${columns.join(', ')},
         CASE $3::text WHEN 'subdistrict' THEN subdistricts WHEN 'station' THEN ${stations}
                       WHEN 'vehicleType' THEN vehicle_types WHEN 'cell' THEN cells END AS names,
         CASE $3::text WHEN 'subdistrict' THEN subdistrict WHEN 'station' THEN unit
                       WHEN 'vehicleType' THEN vehicle_type WHEN 'cell' THEN cell END AS name
  FROM call_days d WHERE day BETWEEN $1::date AND $2::date AND ${isFresh} ORDER BY day DESC`;

export const sql = {
  /** For this transaction: to compile the statements takes longer than to run them. */
  settings: { name: 'call-days.settings', text: "SELECT set_config('jit', 'off', true)" },
  /** Which days from $1 to $2 are packed and hold. */
  fresh: {
    name: 'call-days.fresh',
    text: `SELECT day::text FROM call_days d WHERE day BETWEEN $1::date AND $2::date AND ${isFresh}`,
  },
  clocks: { name: 'call-days.clocks', text: read([...clocks, 'drive_call', 'drive_error']) },
  legs: { name: 'call-days.legs', text: read(['response', ...legs]) },
  response: { name: 'call-days.response', text: read(['response']) },
  late: {
    name: 'call-days.late',
    text: read([
      'response',
      ...legs,
      `subdistricts, subdistrict, ${stations} AS stations, unit, vehicle_types, vehicle_type`,
    ]),
  },
  /** Calls of $1 to $2 that have not ended, and all that have of the spans $3 to $4. */
  single: {
    name: 'call-days.single',
    text: `
      SELECT floor(1000 * extract(epoch FROM received_at))::float8 AS at, day::text, priority, subdistrict_code,
             u.station_id, s.vehicle_type, cell, response, patient, travel, answer, dispatch, turnout, reach,
             (SELECT array_agg(r.actual_seconds - r.predicted_seconds) FROM road_runs r
              WHERE r.call_id = s.call_id AND ${foreseen}) AS drives
      FROM (
        SELECT ${counted} FROM calls c ${notified}
        WHERE c.received_at >= $1 AND c.received_at < $2 AND c.status NOT IN ('closed', 'cancelled')
        UNION ALL
        SELECT ${counted}
        FROM unnest($3::timestamptz[], $4::timestamptz[]) AS span (since, until)
        JOIN calls c ON c.received_at >= span.since AND c.received_at < span.until AND c.${ended} ${notified}
      ) s LEFT JOIN units u ON u.unit_id = s.first_unit_id
      ORDER BY s.received_at`,
  },
} as const;

/** A packed day as it comes, or one made of single calls: what was not asked for is empty. */
export interface OwnDay extends PastDay<ClockName | Leg> {
  /** Drives that were foreseen: the place of their call, and actual less foreseen seconds. */
  readonly drives: { readonly call: Int32Array; readonly error: Float32Array };
  /** Of each call, for lists of calls. */
  readonly labels: Readonly<Record<'subdistrict' | 'station' | 'vehicleType', (call: number) => string | null>>;
}

export interface OwnSpan extends PackSpan {
  readonly groupBy: NamedBy;
}

/** What of a call is wanted. */
export type Wanted = 'clocks' | 'legs' | 'response' | 'late';

/**
 * Shows every day of the span that has calls, all as of one moment: first what has to be read call by call, then packed
 * days, the latest first, until `take` answers that it has seen enough. A call of such a day may lie outside of the span.
 */
export async function eachOwnDay(
  db: pg.Pool,
  wanted: Wanted,
  span: OwnSpan,
  take: (day: OwnDay) => 'enough' | undefined,
): Promise<void> {
  await packCallDays(db, span);
  await inSnapshot(db, async (tx) => {
    await tx.query(sql.settings);
    const { rows } = await tx.query<{ day: string }>({ ...sql.fresh, values: [dayOf(span.from), dayOf(span.to - 1)] });
    for (const day of await readSingle(tx, span, new Set(rows.map(({ day }) => day)))) take(day);
    for (const [first, last] of quarters(span.from, span.to).reverse()) {
      const packed = await tx.query<PackedRow>({ ...sql[wanted], values: [first, last, span.groupBy] });
      for (const row of packed.rows) if (row.calls > 0 && take(unpacked(row)) === 'enough') return;
      await takeTurns();
    }
  });
}

type PackedRow = {
  day: string;
  calls: number;
  names: (string | null)[] | null;
  name: Buffer | null;
  priority: Buffer | null;
  received: Buffer | null;
  drive_call?: Buffer | null;
  drive_error?: Buffer | null;
  subdistricts?: (string | null)[];
  stations?: (string | null)[];
  vehicle_types?: (string | null)[];
  subdistrict?: Buffer;
  unit?: Buffer;
  vehicle_type?: Buffer;
} & Partial<Record<ClockName | Leg, Buffer | null>>;

const columns = [...clocks, ...legs] as const;

function unpacked(row: PackedRow): OwnDay {
  const label = (names: readonly (string | null)[] = [], place: Buffer | null = null) => {
    const of = int16(place);
    return (call: number) => names[of[call] as number] ?? null;
  };
  return {
    start: startOf(row.day),
    calls: row.calls,
    names: row.names ?? [],
    name: int16(row.name),
    priority: int16(row.priority),
    received: int32(row.received),
    seconds: Object.fromEntries(columns.map((each) => [each, int32(row[each] ?? null)])) as OwnDay['seconds'],
    drives: { call: int32(row.drive_call ?? null), error: float32(row.drive_error ?? null) },
    labels: {
      subdistrict: label(row.subdistricts, row.subdistrict),
      station: label(row.stations, row.unit),
      vehicleType: label(row.vehicle_types, row.vehicle_type),
    },
  };
}

type SingleRow = {
  at: number;
  day: string;
  priority: number;
  subdistrict_code: string | null;
  station_id: string | null;
  vehicle_type: string;
  cell: string | null;
  drives: number[] | null;
} & Record<ClockName | Leg, number>;

async function readSingle(tx: Executor, { from, to, groupBy }: OwnSpan, packed: ReadonlySet<string>) {
  const spans = daysNotIn(packed, from, to);
  const values = [rfc3339(from), rfc3339(to), spans.map(([since]) => since), spans.map(([, until]) => until)];
  const { rows } = await tx.query<SingleRow>({ ...sql.single, values });
  const days = new Map<string, SingleRow[]>();
  for (const row of rows) {
    const day = days.get(row.day);
    if (day) day.push(row);
    else days.set(row.day, [row]);
  }
  return [...days].map(([day, own]) => dayOfSingle(startOf(day), own, groupBy));
}

/** Spans of time that make up the days which are not packed. */
function daysNotIn(packed: ReadonlySet<string>, from: Instant, to: Instant): [since: string, until: string][] {
  const spans: [Instant, Instant][] = [];
  for (let start = startOf(dayOf(from)); start < to; start += DAY_MS) {
    if (packed.has(dayOf(start))) continue;
    const span: [Instant, Instant] = [Math.max(start, from), Math.min(start + DAY_MS, to)];
    const before = spans.at(-1);
    if (before && before[1] === span[0]) before[1] = span[1];
    else spans.push(span);
  }
  return spans.map(([since, until]) => [rfc3339(since), rfc3339(until)]);
}

const nameBy: Readonly<Partial<Record<NamedBy, (row: SingleRow) => string | null>>> = {
  subdistrict: (row) => row.subdistrict_code,
  station: (row) => row.station_id,
  vehicleType: (row) => row.vehicle_type,
  cell: (row) => row.cell,
};

function dayOfSingle(start: Instant, rows: readonly SingleRow[], groupBy: NamedBy): OwnDay {
  const nameOf = nameBy[groupBy] ?? (() => null);
  const names = [...new Set(rows.map(nameOf))];
  const drives = rows.flatMap((row, call) => (row.drives ?? []).map((error) => ({ call, error })));
  const label = (of: (row: SingleRow) => string | null) => (call: number) => of(rows[call] as SingleRow);
  return {
    start,
    calls: rows.length,
    names,
    name: Int16Array.from(rows, (row) => names.indexOf(nameOf(row))),
    priority: Int16Array.from(rows, ({ priority }) => priority),
    received: Int32Array.from(rows, ({ at }) => at - start),
    seconds: Object.fromEntries(
      columns.map((each) => [each, Int32Array.from(rows, (row) => row[each])]),
    ) as OwnDay['seconds'],
    drives: {
      call: Int32Array.from(drives, ({ call }) => call),
      error: Float32Array.from(drives, ({ error }) => error),
    },
    labels: {
      subdistrict: label((row) => row.subdistrict_code),
      station: label((row) => row.station_id),
      vehicleType: label((row) => row.vehicle_type),
    },
  };
}
