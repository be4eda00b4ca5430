/** What the desk of a centre knows: its requests, which one is open, who sits here, and when to ring. */
import { computed, signal } from '@preact/signals';
import { named } from '../../locate/names.ts';
import type { Search } from '../../locate/types.ts';
import { attempt } from '../../shell/actions.ts';
import { raise, withdraw } from '../../shell/alarms.ts';
import { ask, pathOf } from '../../shell/api.ts';
import { speak } from '../../shell/language.ts';
import { session } from '../../shell/session.ts';
import { words } from './words.ts';

export const say = speak('centre', words);

const WHO = 'precision-dispatch.desk-person';
const CALLING = ['requested', 'escalated'];

export const requests = signal<readonly Search[]>([]);
export const openId = signal<string | null>(null);
/** Who sits here; kept on this computer. */
export const person = signal(localStorage.getItem(WHO) ?? '');
export const setPerson = (given: string): void => {
  person.value = given;
  localStorage.setItem(WHO, given);
};

export const open = computed(
  () => requests.value.find(({ locateRequestId }) => locateRequestId === openId.value) ?? requests.value[0] ?? null,
);
const own = () => session.value?.subject ?? '';
export const isMine = ({ holder }: Search): boolean =>
  holder?.centreId === own() && (holder.person ?? '') === person.value.trim();
export const isOurs = ({ holder }: Search): boolean => holder?.centreId === own();
/** It asks for somebody, and this desk has not said no. */
export const calls = (request: Search): boolean =>
  CALLING.includes(request.status) &&
  !isOurs(request) &&
  !request.asked.some(({ target, declinedAt }) => target === own() && declinedAt !== null);

export async function read(): Promise<void> {
  const before = new Map(requests.peek().map((each) => [each.locateRequestId, each.status]));
  const { locateRequests } = await ask<{ locateRequests: Search[] }>('/v1/locate-requests');
  requests.value = locateRequests;
  for (const request of locateRequests) ring(request, before.get(request.locateRequestId));
}

function ring(request: Search, was: string | undefined): void {
  const { locateRequestId: id, callNumber: number, reason, status } = request;
  const show = () => {
    openId.value = id;
  };
  if (calls(request))
    raise({
      key: `locate ${id}`,
      level: 'urgent',
      text: () => say('ringText', { number, reason: named(reason) }),
      open: show,
    });
  else withdraw(`locate ${id}`);
  if (status === 'closed' && was !== undefined && was !== 'closed')
    raise({ key: `over ${id}`, level: 'notice', text: () => say('overText', { number }), open: show });
}

const who = () => (person.peek().trim() ? { person: person.peek().trim() } : {});
const post = (request: Search, what: string, body: object) =>
  ask(pathOf('v1', 'locate-requests', request.locateRequestId, what), { body: { ...who(), ...body } });

export const accept = (request: Search, takeOver = false) =>
  attempt(
    `hold ${request.locateRequestId}`,
    () => say('accepting'),
    async () => {
      await post(request, 'accept', takeOver ? { takeOver } : {}).finally(read);
      openId.value = request.locateRequestId;
    },
  );

export const decline = (request: Search) =>
  attempt(
    `hold ${request.locateRequestId}`,
    () => say('declining'),
    async () => {
      await post(request, 'decline', {}).finally(read);
    },
  );

/** Throws what the service refused, so that the form can ask again about a place far away. */
export async function answer(request: Search, body: object): Promise<void> {
  await post(request, 'answer', body);
  await read();
}
