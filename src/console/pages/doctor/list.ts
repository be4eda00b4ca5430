/** What the family doctor's page knows: the calls of their residents with what is due, read anew after every event of the loop. */
import { computed, signal } from '@preact/signals';
import type { FollowUpView, ResidentCall } from '../../../operations/read-follow-ups.ts';
import { attempt, underWay } from '../../shell/actions.ts';
import { ask, pathOf } from '../../shell/api.ts';
import { inLanguage, name, speak } from '../../shell/language.ts';
import { words } from './words.ts';

export const say = speak('doctor', words);
export type Word = keyof typeof words;

export const calls = signal<readonly ResidentCall[]>([]);
export const openId = signal<string | null>(null);
const complaints = signal<Readonly<Record<string, { readonly zh: string; readonly en: string }>>>({});

export const isOpen = ({ status }: FollowUpView): boolean => status === 'due' || status === 'overdue';
const nextDue = ({ followUps }: ResidentCall): string => followUps.find(isOpen)?.dueAt ?? '';
/** What has to be done soonest first, then what happened last. */
export const tasks = computed(() =>
  calls.value.filter((call) => call.followUps.some(isOpen)).sort((a, b) => (nextDue(a) < nextDue(b) ? -1 : 1)),
);
export const others = computed(() => calls.value.filter((call) => !call.followUps.some(isOpen)));
export const ordered = computed(() => [...tasks.value, ...others.value]);
export const open = computed(
  () => ordered.value.find((call) => call.callId === openId.value) ?? ordered.value[0] ?? null,
);

export const complaint = (code: string): string => {
  const label = complaints.value[code];
  return label ? inLanguage(label) : code;
};
export const personText = ({ resident }: ResidentCall): string =>
  say('person', { name: resident.name, sex: name('sex', resident.sex), age: resident.ageYears });

interface Complaints {
  readonly complaints: readonly {
    readonly code: string;
    readonly label: { readonly zh: string; readonly en: string };
  }[];
}

export async function read(): Promise<void> {
  if (Object.keys(complaints.peek()).length === 0) {
    const answer = await ask<Complaints>('/v1/complaints');
    complaints.value = Object.fromEntries(answer.complaints.map(({ code, label }) => [code, label]));
  }
  calls.value = (await ask<{ calls: ResidentCall[] }>('/v1/resident-calls?limit=100')).calls;
}

/** `true` once the service has it. */
export async function complete(call: ResidentCall, task: FollowUpView, body: object): Promise<boolean> {
  const done = await attempt(
    `complete ${task.followUpId}`,
    () => say('completing', { number: call.callNumber }),
    () => ask(pathOf('v1', 'follow-ups', task.followUpId, 'complete'), { body }),
  );
  if (done) await read();
  return done !== null;
}
export const isCompleting = ({ followUpId }: FollowUpView): boolean => underWay.value.has(`complete ${followUpId}`);
