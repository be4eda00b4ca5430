/** What the board has read, and reading it. */
import { computed, signal } from '@preact/signals';
import type {
  CoverageView,
  Grouping,
  HexagonsView,
  LateCallsView,
  LegsView,
  ResponseTimesView,
} from '../../../planning/schema.ts';
import { ask } from '../../shell/api.ts';
import { serverNow } from '../../shell/clock.ts';
import { areaName, placeName, places } from '../../shell/gazetteer.ts';
import { name } from '../../shell/language.ts';

export type Group = Extract<Grouping, 'subdistrict' | 'hour' | 'station' | 'vehicleType' | 'priority'>;
export const groups: readonly Group[] = ['subdistrict', 'hour', 'station', 'vehicleType', 'priority'];
export const spans = [7, 30, 90, 365] as const;

export const days = signal<number>(30);
export const groupBy = signal<Group>('subdistrict');
/** The key of the row looked at; `undefined`: all. */
export const chosen = signal<string | null | undefined>(undefined);

export const times = signal<ResponseTimesView | null>(null);
export const legs = signal<LegsView | null>(null);
export const lateCalls = signal<LateCallsView['calls']>([]);
export const trend = signal<ResponseTimesView | null>(null);
export const hexagons = signal<HexagonsView | null>(null);

export const stations = computed(() => [...places.value.values()].filter(({ kind }) => kind === 'station'));

const DAY_MS = 86_400_000;

export const query = (given: Readonly<Record<string, string | number | boolean>>): string =>
  new URLSearchParams(Object.entries(given).map(([key, value]) => [key, String(value)])).toString();

export const spanNow = () => ({
  from: new Date(serverNow() - days.peek() * DAY_MS).toISOString(),
  to: new Date(serverNow()).toISOString(),
});

export async function readTimes(): Promise<void> {
  const grouped = { ...spanNow(), groupBy: groupBy.peek() };
  const [found, lost] = await Promise.all([
    ask<ResponseTimesView>(`/v1/response-times?${query({ ...grouped, histogram: true })}`),
    ask<LegsView>(`/v1/response-times/legs?${query(grouped)}`),
  ]);
  times.value = found;
  legs.value = lost;
  await readLate();
}

export async function readLate(): Promise<void> {
  const key = chosen.peek();
  const asked = { ...spanNow(), groupBy: groupBy.peek(), limit: 12, ...(key == null ? {} : { key }) };
  lateCalls.value = (await ask<LateCallsView>(`/v1/response-times/late-calls?${query(asked)}`)).calls;
}

export async function readTrend(): Promise<void> {
  const from = new Date(serverNow() - 365 * DAY_MS).toISOString();
  trend.value = await ask(
    `/v1/response-times?${query({ from, to: new Date(serverNow()).toISOString(), groupBy: 'week' })}`,
  );
}

export async function readHexagons(): Promise<void> {
  hexagons.value = await ask(`/v1/response-times/hexagons?${query({ ...spanNow(), resolution: 8 })}`);
}

export type Cover = CoverageView;

/** What a group's key means to a reader. */
export function keyName(by: Group, key: string | null, unknown: string): string {
  if (key === null) return unknown;
  switch (by) {
    case 'subdistrict':
      return areaName(key);
    case 'station':
      return placeName(key);
    case 'vehicleType':
      return name('vehicle', key);
    case 'priority':
      return name('priority', key);
    case 'hour':
      return `${key.padStart(2, '0')}:00`;
  }
}

/** Hands a file to the browser to keep. */
export function saveAs(content: BlobPart, type: string, file: string): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = Object.assign(document.createElement('a'), { href: address, download: file });
  link.click();
  URL.revokeObjectURL(address);
}
