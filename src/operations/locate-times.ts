/** How long searches took, by centre and by reason: until accepted, answered, and until somebody was at the patient. Pure. */
import type { LocateTimesView } from '../locate/schema.ts';
import type { DurationRow } from '../locate/view-store.ts';
import { Seconds, states } from '../planning/clock-tally.ts';
import { figuresOf } from '../planning/response-times.ts';

const durations = ['accept', 'answer', 'atPatient'] as const;
type Durations = LocateTimesView['total'];

export function locateTimes(rows: readonly DurationRow[]): LocateTimesView {
  return {
    byCentre: grouped(rows, ({ centre }) => centre),
    byReason: grouped(rows, ({ reason }) => reason),
    total: durationsOf(rows),
  };
}

function grouped(
  rows: readonly DurationRow[],
  keyOf: (row: DurationRow) => string | null,
): LocateTimesView['byCentre'] {
  const keys = [...new Set(rows.map(keyOf))].sort((a, b) => (a === null ? 1 : b === null ? -1 : a < b ? -1 : 1));
  return keys.map((key) => ({ key, durations: durationsOf(rows.filter((row) => keyOf(row) === key)) }));
}

function durationsOf(rows: readonly DurationRow[]): Durations {
  const figures = (name: (typeof durations)[number]) => {
    const tallied = Seconds.from(rows.map((row) => ({ seconds: row[name] ?? states.missing, calls: row.requests })));
    const { count, missing, meanSeconds, medianSeconds, p90Seconds } = figuresOf(tallied);
    return { count, missing, meanSeconds, medianSeconds, p90Seconds };
  };
  return { accept: figures('accept'), answer: figures('answer'), atPatient: figures('atPatient') };
}
