/** The form that keeps up with the caller: phone, complaint, its questions as single keys, place, patient. */
import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { inLanguage, language, name, speak } from '../../shell/language.ts';
import { AddressField, PlaceLine } from './address.tsx';
import { callerRelations, sexes } from './choices.ts';
import { lettersOf } from './complaint-codes.ts';
import type { Desk } from './desk.ts';
import type { Fields } from './fields.ts';
import { Choice, Field, faultOf, onEnter } from './form-parts.tsx';
import { Questions } from './questions.tsx';
import { type Complaint, complaintName, complaints } from './reference.ts';
import { words } from './words.ts';

const say = speak('dispatcher', words);
const SUGGESTED = 7;

export function Intake({ made }: { readonly made: Desk }) {
  const fields = made.fields.value;
  const set = (change: Partial<Fields>) => {
    made.fields.value = { ...made.fields.peek(), ...change };
  };
  const first = useRef<HTMLInputElement>(null);
  // Whoever answers types at once, and no key may be lost to a field that is not there yet: before anything is painted.
  // Where the number came with the call the complaint is next.
  useLayoutEffect(() => {
    if (made.call.peek()) return;
    if (fields.phone || fields.deviceId) document.getElementById('complaint')?.focus();
    else first.current?.focus();
  }, [made]);
  const asked = complaints.value.get(fields.complaint);
  return (
    <form class="intake" aria-label={say('intake')} onSubmit={(event) => event.preventDefault()}>
      <Field id="phone" label={say('phone')} fault={faultOf(made, 'caller.phone')}>
        <input
          id="phone"
          ref={first}
          inputMode="tel"
          autocomplete="off"
          maxLength={32}
          value={fields.phone}
          onInput={({ currentTarget }) => set({ phone: currentTarget.value })}
          onKeyDown={onEnter('complaint')}
        />
        <Choice
          label={say('relation')}
          value={fields.relation}
          options={callerRelations.map((each) => [each, name('relation', each)])}
          onChange={(relation) => set({ relation: relation as Fields['relation'] })}
        />
      </Field>
      {fields.deviceId && <p class="quiet">{say('colon', { title: say('device'), text: fields.deviceId })}</p>}
      <ComplaintField made={made} set={set} />
      {asked && <Questions complaint={asked} answers={fields.answers} onAnswer={(answers) => set({ answers })} />}
      <AddressField made={made} set={set} />
      <PlaceLine made={made} set={set} />
      <Field id="patient-name" label={say('patientName')} fault={faultOf(made, 'patient.name')}>
        <input
          id="patient-name"
          autocomplete="off"
          maxLength={60}
          dir="auto"
          value={fields.patientName}
          onInput={({ currentTarget }) => set({ patientName: currentTarget.value })}
          onKeyDown={onEnter('age')}
        />
      </Field>
      <Field id="age" label={say('age')} fault={faultOf(made, 'patient.ageYears')}>
        <input
          id="age"
          class="short"
          inputMode="numeric"
          autocomplete="off"
          maxLength={3}
          value={fields.age}
          onInput={({ currentTarget }) => set({ age: currentTarget.value.replace(/\D/g, '') })}
          onKeyDown={onEnter('words')}
        />
        <Choice
          label={say('sex')}
          value={fields.sex}
          options={sexes.map((each) => [each, name('sex', each)])}
          onChange={(sex) => set({ sex: sex as Fields['sex'] })}
        />
      </Field>
      <Field id="words" label={say('callersWords')} fault={faultOf(made, 'complaint.text')}>
        <textarea
          id="words"
          rows={2}
          maxLength={4000}
          dir="auto"
          value={fields.text}
          onInput={({ currentTarget }) => set({ text: currentTarget.value })}
        />
      </Field>
      {faultOf(made, '') && <p class="fault">✕ {faultOf(made, '')}</p>}
    </form>
  );
}

/** Two letters name a complaint; words in either language find it too. */
function ComplaintField({ made, set }: { readonly made: Desk; readonly set: (change: Partial<Fields>) => void }) {
  const { complaint, answers } = made.fields.value;
  const typed = useSignal('');
  const chosen = useSignal(0);
  const open = useSignal(false);
  const found = open.value ? search(typed.value) : [];
  const choose = (code: string) => {
    const keep = Object.fromEntries(
      Object.entries(answers).filter(([key]) => key === 'conscious' || key === 'breathing'),
    );
    if (code !== complaint) set({ complaint: code, answers: keep });
    typed.value = '';
    open.value = false;
    // After the questions were drawn, which is before the next key is heard.
    queueMicrotask(() => document.querySelector<HTMLElement>('.questions [data-next]')?.focus());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      open.value = true;
      chosen.value = Math.max(0, Math.min(found.length - 1, chosen.value + step));
    } else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      const one = found[chosen.value];
      if (one) choose(one.code);
      else if (complaint) document.querySelector<HTMLElement>('.questions [data-next]')?.focus();
    } else if (event.key === 'Escape' && open.value) {
      event.preventDefault();
      open.value = false;
    }
  };
  return (
    <Field id="complaint" label={say('complaint')} fault={faultOf(made, 'complaint')}>
      <div class="combo">
        <input
          id="complaint"
          role="combobox"
          aria-expanded={open.value}
          aria-controls="complaint-list"
          aria-activedescendant={
            open.value && found[chosen.value] ? `complaint-${found[chosen.value]?.code}` : undefined
          }
          autocomplete="off"
          placeholder={complaint ? '' : say('complaintHint')}
          value={open.value || !complaint ? typed.value : `${lettersOf(complaint)} · ${complaintName(complaint)}`}
          onFocus={({ currentTarget }) => currentTarget.select()}
          onInput={({ currentTarget }) => {
            typed.value = currentTarget.value;
            chosen.value = 0;
            open.value = true;
          }}
          onBlur={() => {
            open.value = false;
            typed.value = '';
          }}
          onKeyDown={onKeyDown}
        />
        <div
          id="complaint-list"
          role="listbox"
          aria-label={say('complaint')}
          class="options"
          hidden={found.length === 0}
        >
          {found.map(({ code, label }, place) => (
            <div
              key={code}
              id={`complaint-${code}`}
              role="option"
              tabIndex={-1}
              aria-selected={place === chosen.value}
              onMouseDown={(event) => {
                event.preventDefault();
                choose(code);
              }}
            >
              <kbd>{lettersOf(code)}</kbd> {inLanguage(label)}
            </div>
          ))}
        </div>
      </div>
    </Field>
  );
}

/** By its letters first, then where a word begins with what was typed, then anywhere; in both languages. */
function search(typed: string): readonly Complaint[] {
  const wanted = typed.trim().toLowerCase();
  const all = [...complaints.value.values()];
  if (!wanted) return all.slice(0, SUGGESTED);
  const score = ({ code, label }: Complaint): number => {
    const texts = [label.zh, label.en.toLowerCase(), code];
    if (lettersOf(code) === wanted) return 3;
    if (texts.some((text) => text.split(/[\s、，-]/).some((word) => word.startsWith(wanted)))) return 2;
    if (lettersOf(code).startsWith(wanted)) return 2;
    return texts.some((text) => text.includes(wanted)) ? 1 : 0;
  };
  void language.value;
  return all
    .map((each) => ({ each, points: score(each) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points)
    .slice(0, SUGGESTED)
    .map(({ each }) => each);
}
