/** The family doctor's list: which of my residents called, what happened, what is due, and what was found. */
import { useSignal } from '@preact/signals';
import type { ResidentCall } from '../../../operations/read-follow-ups.ts';
import { useCatchUp, useEvents } from '../../shell/hooks.ts';
import { useKeys } from '../../shell/keys.ts';
import { dayTime, inLanguage, name } from '../../shell/language.ts';
import {
  calls,
  complaint,
  complete,
  isCompleting,
  isOpen,
  open,
  openId,
  ordered,
  others,
  personText,
  read,
  say,
  tasks,
  type Word,
} from './list.ts';
import '../../shell/list-and-detail.css';
import './style.css';

export default function DoctorPage() {
  useCatchUp(read, 'essential');
  useEvents(({ type }) => {
    if (/^(?:resident|record|follow-up)\./.test(type)) void read().catch(() => {});
  });
  const call = open.value;
  const step = (by: number) => {
    const at = call === null ? -1 : ordered.value.indexOf(call);
    openId.value = ordered.value[Math.max(0, Math.min(ordered.value.length - 1, at + by))]?.callId ?? null;
  };
  useKeys(
    () => say('keys'),
    [
      { key: 'J', label: () => say('next'), run: () => step(1), repeats: true },
      { key: 'K', label: () => say('previous'), run: () => step(-1), repeats: true },
      {
        key: 'E',
        label: () => say('toForm'),
        run: () => document.querySelector<HTMLTextAreaElement>('.task textarea')?.focus(),
        when: () => open.value?.followUps.some(isOpen) ?? false,
      },
    ],
  );
  return (
    <div class="list-and-detail">
      <aside>
        <h2>{say('tasks')}</h2>
        {tasks.value.length === 0 && <p class="quiet">{say('noTasks')}</p>}
        <List shown={tasks.value} chosen={call} />
        <h2>{say('called')}</h2>
        {calls.value.length === 0 && <p class="quiet">{say('noCalls')}</p>}
        <List shown={others.value} chosen={call} />
      </aside>
      {call && <Open key={call.callId} call={call} />}
    </div>
  );
}

function List({ shown, chosen }: { readonly shown: readonly ResidentCall[]; readonly chosen: ResidentCall | null }) {
  return (
    <ul>
      {shown.map((call) => {
        const task = call.followUps.find(isOpen);
        return (
          <li key={call.callId}>
            <button
              type="button"
              aria-current={call === chosen}
              onClick={() => {
                openId.value = call.callId;
              }}
            >
              <b>{personText(call)}</b>
              <span>{complaint(call.complaint)}</span>
              {task ? (
                <span class={task.status === 'overdue' ? 'late' : 'soon'}>
                  {say('dueBy', { time: dayTime(task.dueAt) })}
                </span>
              ) : (
                <span class="quiet">{dayTime(call.receivedAt)}</span>
              )}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function Open({ call }: { readonly call: ResidentCall }) {
  const { resident, encounter, learned, followUps } = call;
  return (
    <section class="opened">
      <div class="card">
        <h2>
          {personText(call)} {resident.livesAlone && <span class="tag">{say('alone')}</span>}
        </h2>
        <p>{resident.phones.join(' · ')}</p>
        <p>{resident.address}</p>
      </div>
      <div class="card">
        <h3>{say('happened')}</h3>
        <p>
          {say('call', { number: call.callNumber })} · {dayTime(call.receivedAt)} · {complaint(call.complaint)}
        </p>
        {!encounter && <p class="quiet">{say('noOutcome')}</p>}
        {encounter && (
          <dl>
            {encounter.disposition && (
              <Row title={say('disposition')} text={name('disposition', encounter.disposition)} />
            )}
            {encounter.arrivedAt && <Row title={say('arrived')} text={dayTime(encounter.arrivedAt)} />}
            {encounter.dischargedAt && <Row title={say('dischargedAt')} text={dayTime(encounter.dischargedAt)} />}
            {(['conditions', 'procedures', 'medications', 'allergies'] as const).map((list) => {
              const said = learned.filter((each) => each.list === list);
              return (
                said.length > 0 && (
                  <Row
                    key={list}
                    title={say(list)}
                    text={said.map(({ code, display }) => display ?? code).join(' · ')}
                  />
                )
              );
            })}
            {encounter.advice.length > 0 && <Row title={say('advice')} text={encounter.advice.join(' · ')} />}
          </dl>
        )}
      </div>
      {followUps.map((task) => (
        <Task key={task.followUpId} call={call} task={task} />
      ))}
    </section>
  );
}

const Row = ({ title, text }: { readonly title: string; readonly text: string }) => (
  <div>
    <dt>{title}</dt>
    <dd>{text}</dd>
  </div>
);

const contacts: readonly (readonly [value: string, word: Word])[] = [
  ['home-visit', 'homeVisit'],
  ['clinic', 'clinic'],
  ['phone', 'phone'],
  ['video', 'video'],
];

function Task({ call, task }: { readonly call: ResidentCall; readonly task: ResidentCall['followUps'][number] }) {
  const contact = useSignal(contacts.some(([value]) => value === task.kind) ? task.kind : 'home-visit');
  const findings = useSignal('');
  const condition = useSignal('');
  const allergy = useSignal('');
  const coded = (text: string) => (text.trim() ? [{ system: 'text', code: text.trim() }] : undefined);
  const send = () =>
    complete(call, task, {
      contact: contact.value,
      ...(findings.value.trim() ? { findings: findings.value.trim() } : {}),
      ...(coded(condition.value) ? { conditions: coded(condition.value) } : {}),
      ...(coded(allergy.value) ? { allergies: coded(allergy.value) } : {}),
    });
  return (
    <form
      class={`card task ${isCompleting(task) ? 'under-way' : ''}`}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void send();
      }}
    >
      <h3>{inLanguage(task.label)}</h3>
      <p class={task.status === 'overdue' ? 'late' : 'quiet'}>
        {say('dueBy', { time: dayTime(task.dueAt) })}
        {task.status === 'overdue' && <> · {say('overdue')}</>}
        {task.status === 'done' && task.endedAt && <> · {say('done', { time: dayTime(task.endedAt) })}</>}
        {task.status === 'cancelled' && <> · {say('cancelled')}</>}
      </p>
      {task.result?.findings && <p>{task.result.findings}</p>}
      {isOpen(task) && (
        <>
          <label>
            {say('contact')}
            <select
              value={contact.value}
              onChange={(event) => (contact.value = event.currentTarget.value as typeof contact.value)}
            >
              {contacts.map(([value, word]) => (
                <option key={value} value={value}>
                  {say(word)}
                </option>
              ))}
            </select>
          </label>
          <label>
            {say('findings')}
            <textarea
              rows={3}
              maxLength={4000}
              value={findings.value}
              onInput={(event) => (findings.value = event.currentTarget.value)}
            />
          </label>
          <label>
            {say('newCondition')}
            <input
              maxLength={200}
              value={condition.value}
              onInput={(event) => (condition.value = event.currentTarget.value)}
            />
          </label>
          <label>
            {say('newAllergy')}
            <input
              maxLength={200}
              value={allergy.value}
              onInput={(event) => (allergy.value = event.currentTarget.value)}
            />
          </label>
          <button type="submit" disabled={isCompleting(task)}>
            {say('complete')}
          </button>
        </>
      )}
    </form>
  );
}
