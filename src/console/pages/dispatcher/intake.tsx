/** The form that keeps up with the caller: phone, complaint, its questions as single keys, place, patient. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { name, speak } from '../../shell/language.ts';
import { AddressField, PlaceLine } from './address.tsx';
import { callerRelations, sexes } from './choices.ts';
import { ComplaintField } from './complaint-field.tsx';
import type { Desk } from './desk.ts';
import type { Fields } from './fields.ts';
import { Choice, Field, faultOf, onEnter } from './form-parts.tsx';
import { Questions } from './questions.tsx';
import { complaints } from './reference.ts';
import { words } from './words.ts';

const say = speak('dispatcher', words);

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
