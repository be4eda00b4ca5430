/** Invented centres around the invented resident of the tests, and the steps of a search as requests. */
import type { Test } from 'tap';
import { climbLadders, closeSearches } from '../../src/operations/climb-locate.ts';
import { fleet, zhang } from '../support/people.ts';
import { NOW, type ServiceOptions, serviceOn } from '../support/service.ts';
import { deliverAll } from './deliver.ts';

/** Nearest first from where `zhang` lives (WGS-84 116.3405, 39.9102). */
export const centres = [
  { id: 'c-yuetan', lon: 116.342, lat: 39.911 },
  { id: 'c-guangwai', lon: 116.335, lat: 39.905 },
  { id: 'c-far', lon: 116.39, lat: 39.95 },
] as const;

export const silentPress = {
  channel: 'one-key',
  device: { deviceId: 'sos-17' },
  complaint: { code: 'device-alarm', answers: { answer: 'no-answer' } },
} as const;

/** A square around a point, degrees each way. */
export const square = (lon: number, lat: number, half: number) => ({
  type: 'Polygon',
  coordinates: [
    [
      [lon - half, lat - half],
      [lon + half, lat - half],
      [lon + half, lat + half],
      [lon - half, lat + half],
      [lon - half, lat - half],
    ],
  ],
});

/** A service with centres, a fleet and a resident who lives alone; time is the test's. */
export async function searching(t: Test, databaseUrl: string, max = 10, options: ServiceOptions = {}) {
  const service = await serviceOn(t, databaseUrl, max, options);
  const { ask, deps, time } = service;
  for (const { id, lon, lat } of centres)
    await ask('admin', 'PUT', `/v1/places/${id}`, {
      placeId: id,
      kind: 'community-centre',
      name: `虚构中心 ${id}`,
      position: { lon, lat, crs: 'wgs84' },
    });
  await ask('admin', 'PUT', '/v1/places/f-1', {
    placeId: 'f-1',
    kind: 'micro-fire-station',
    name: '虚构微型消防站',
    position: { lon: 116.341, lat: 39.912, crs: 'wgs84' },
  });
  for (const unit of fleet) await ask('admin', 'PUT', `/v1/units/${unit.unitId}`, unit);
  await ask('registry', 'PUT', '/v1/residents/r-1', zhang);
  const centre = (id: string) => ({ role: 'centre' as const, subject: id });
  const call = async (over: Record<string, unknown> = silentPress) =>
    (await ask('dispatcher', 'POST', '/v1/calls', over)).body;
  const raise = (
    callId: string,
    reason = 'callback-unanswered',
    who: Parameters<typeof ask>[0] = 'dispatcher',
    headers = {},
  ) => ask(who, 'POST', `/v1/calls/${callId}/locate-requests`, { reason }, headers);
  const does = (id: string, what: string, who: Parameters<typeof ask>[0], body?: unknown) =>
    ask(who, 'POST', `/v1/locate-requests/${id}/${what}`, body);
  const read = async (id: string) => (await ask('dispatcher', 'GET', `/v1/locate-requests/${id}`)).body.locateRequest;
  /** Lets seconds pass, and the deadlines in them. */
  const wait = async (seconds: number) => {
    time.now += seconds * 1000;
    await climbLadders(deps);
    await closeSearches(deps);
  };
  const eventsOf = async (callId: string) =>
    (await ask('dispatcher', 'GET', `/v1/calls/${callId}`)).body.events.filter(({ type }: { type: string }) =>
      type.startsWith('locate.'),
    ) as { type: string; seq: number; data: Record<string, unknown> }[];
  return { ...service, centre, call, raise, does, read, wait, eventsOf, deliver: () => deliverAll(deps), NOW };
}
