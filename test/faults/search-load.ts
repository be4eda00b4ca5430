/** Searches under faults: raised by dispatchers, fought over by centres, answered, left to climb; each asks until it is answered. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../bench/random.ts';
import type { Answer, Client, Who } from './client.ts';
import { type Asked, asked, type History } from './history.ts';

export const centres = [
  { id: 'c-1', lon: 116.34, lat: 39.91 },
  { id: 'c-2', lon: 116.35, lat: 39.905 },
  { id: 'c-3', lon: 116.36, lat: 39.9 },
] as const;

/** Steps of seconds, so that they come due while things are broken. */
export const searchSettings = {
  LOCATE_LADDER: 'centre:3,next-centre:2,next-centre:2,fire-and-police:0',
  LOCATE_ANSWER_SECONDS: '3',
} as const;

export async function furnishSearches(client: Client, admin: Who): Promise<void> {
  for (const { id, lon, lat } of centres)
    await client.ask(admin, 'PUT', `/v1/places/${id}`, {
      placeId: id,
      kind: 'community-centre',
      name: `invented centre ${id}`,
      position: { lon, lat, crs: 'wgs84' },
    });
}

/** One search of a call: what becomes of it is drawn. */
export async function tellSearch(
  client: Client,
  history: History,
  who: Who,
  callId: string,
  key: string,
  random: Random,
): Promise<void> {
  const note = (operation: History['operations'][number]) => history.operations.push(operation);
  const raised = await client.ask(
    who,
    'POST',
    `/v1/calls/${callId}/locate-requests`,
    { reason: 'callback-unanswered' },
    { headers: { 'idempotency-key': key } },
  );
  const id: string | null = raised.body?.locateRequest?.locateRequestId ?? null;
  note({ kind: 'search', callId, key, searchId: id, ...told(raised) });
  if (id === null || random.chance(0.25)) return; // nobody comes forward: it climbs
  await sleep(random.below(6_000));
  // Those who were asked, at the same moment, through either instance.
  const rivals = await Promise.all(
    centres.map(async ({ id: subject }, i) => {
      const answer = await client.ask(
        { role: 'centre', subject },
        'POST',
        `/v1/locate-requests/${id}/accept`,
        { person: `p-${i}` },
        { first: i % 2 },
      );
      note({ kind: 'hold', callId, searchId: id, centreId: subject, ...told(answer) });
      return answer.status === 200 ? { subject, person: `p-${i}` } : null;
    }),
  );
  const winner = rivals.find((each) => each !== null);
  if (!winner || random.chance(0.2)) return; // one that goes dark
  await sleep(random.below(4_000));
  const answer = await client.ask(
    { role: 'centre', subject: winner.subject },
    'POST',
    `/v1/locate-requests/${id}/answer`,
    { found: true, room: '501', person: winner.person, position: { lon: 116.341, lat: 39.912, crs: 'wgs84' } },
  );
  note({ kind: 'find', callId, searchId: id, centreId: winner.subject, ...told(answer) });
}

/** No single event is named in these answers. */
const told = (answer: Answer): Asked => ({ ...asked(answer), seq: null });
