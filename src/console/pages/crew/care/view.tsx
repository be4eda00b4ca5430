/** The care record on the tablet: what to write, the form in front, the signs as they changed, and what was written. */
import { useEffect, useRef } from 'preact/hooks';
import { tell } from '../../../shell/actions.ts';
import { useKeys } from '../../../shell/keys.ts';
import { name } from '../../../shell/language.ts';
import {
  changeDraft,
  closeForm,
  draft,
  dropDraft,
  type FormKind,
  formKinds,
  isBegun,
  openForm,
  shown,
} from './drafts.ts';
import { forms } from './forms.ts';
import { say, When, Words } from './parts.tsx';
import { attach, lines, recordOf, write } from './record.ts';
import { Timeline } from './timeline.tsx';
import { Series } from './vitals.tsx';
import './style.css';

/** By the word's own letter in English. */
const keys: Readonly<Record<FormKind, string>> = {
  vitals: 'V',
  assessment: 'A',
  picture: 'E',
  medication: 'M',
  procedure: 'P',
  handover: 'H',
  told: 'T',
  patient: 'I',
  note: 'N',
};

export function CareRecord() {
  useKeys(
    () => say('write'),
    [
      ...formKinds.map((kind) => ({
        key: keys[kind],
        label: () => name('careForm', kind),
        run: () => openForm(kind),
      })),
      {
        key: 'Ctrl+Enter',
        label: () => say('save'),
        run: save,
        when: () => shown.value !== null,
        whileTyping: true,
      },
      { key: 'Escape', label: () => say('close'), run: closeForm, when: () => shown.value !== null, whileTyping: true },
    ],
  );
  const open = shown.value;
  return (
    <div class={`care ${open ? 'writing' : ''}`}>
      <nav class="care-kinds" aria-label={say('write')}>
        {formKinds.map((kind) => (
          <button
            key={kind}
            type="button"
            aria-current={open?.kind === kind ? 'true' : undefined}
            onClick={() => openForm(kind)}
          >
            {name('careForm', kind)}
            {isBegun(kind) && <span class="begun"> ({say('begun')})</span>}
          </button>
        ))}
      </nav>
      {open && <Form key={`${open.kind} ${open.slot}`} />}
      <div class="written">
        <Series />
        <Timeline />
      </div>
    </div>
  );
}

/** What the form in front says goes into the record; null where it says nothing, or not enough. */
function save(): void {
  const open = shown.peek();
  if (!open) return;
  const { at, values: begun, amends, reason } = draft(open.slot);
  const form = forms[open.kind];
  const values = begun ?? form.blank();
  const lacks = form.lacks?.(values);
  const fields = form.fields(values);
  const taken = form.taken?.(values) ?? [];
  if (lacks || (!fields && taken.length === 0)) {
    tell('refused', () => lacks ?? say('saysNothing'));
    return;
  }
  for (const { picture, kind } of taken) attach(picture, kind, at);
  if (fields) {
    const why = reason.trim();
    write(
      form.list,
      { ...fields, ...(amends ? { amends: amends.entry.entryId, ...(why ? { reason: why } : {}) } : {}) },
      { at },
    );
  }
  dropDraft(open.slot);
  shown.value = null;
  document.getElementById('care-top')?.scrollIntoView({ block: 'nearest' });
}

function Form() {
  const top = useRef<HTMLElement>(null);
  useEffect(() => top.current?.scrollIntoView({ block: 'start' }), []);
  const open = shown.value;
  if (!open) return null;
  const form = forms[open.kind];
  const { at, values: begun, amends, reason } = draft(open.slot);
  const values = begun ?? form.blank();
  const change = (changed: object) =>
    changeDraft(open.slot, { values: { ...(draft(open.slot).values ?? form.blank()), ...changed } });
  const lacks = begun || form.lacks === undefined ? form.lacks?.(values) : null;
  // Somebody else may have corrected it while this was being written.
  const overtaken =
    amends && (lines.value.find(({ entry }) => entry.entryId === amends.entry.entryId)?.amendedBy.length ?? 0) > 0;
  return (
    <section class="card care-form" aria-labelledby="care-form-head" ref={top}>
      <h2 id="care-form-head">
        {amends ? say('correcting', { what: name('careForm', open.kind) }) : name('careForm', open.kind)}
        <span class="quiet"> · {say('ofCall', { number: recordOf.value?.number ?? '' })}</span>
      </h2>
      {overtaken && <p class="flag late">⚠ {say('overtaken')}</p>}
      <form.Body values={values} change={change} />
      {amends && (
        <Words
          label={say('reason')}
          value={reason}
          most={300}
          onChange={(why) => changeDraft(open.slot, { reason: why })}
        />
      )}
      <div class="save">
        <When label={say('when')} at={at} onChange={(moved) => changeDraft(open.slot, { at: moved })} />
        {lacks && <p class="flag soon">⚠ {lacks}</p>}
        <div class="row">
          <button type="button" class="big primary" onClick={save}>
            {say(amends ? 'saveCorrection' : 'save')}
          </button>
          <button type="button" class="big" onClick={closeForm}>
            {say(isBegun(open.slot) && !amends ? 'putAside' : 'close')}
          </button>
          {isBegun(open.slot) && !amends && (
            <button
              type="button"
              class="big"
              onClick={() => {
                dropDraft(open.slot);
                shown.value = null;
              }}
            >
              {say('throwAway')}
            </button>
          )}
        </div>
      </div>
    </section>
  );
}
