/** The complaint: two letters name one; words in either language find it too. */
import { useSignal } from '@preact/signals';
import { inLanguage, language, speak } from '../../shell/language.ts';
import { lettersOf } from './complaint-codes.ts';
import type { Desk } from './desk.ts';
import type { Fields } from './fields.ts';
import { Field, faultOf } from './form-parts.tsx';
import { type Complaint, complaintName, complaints } from './reference.ts';
import { words } from './words.ts';

const say = speak('dispatcher', words);
const SUGGESTED = 7;

export function ComplaintField({
  made,
  set,
}: {
  readonly made: Desk;
  readonly set: (change: Partial<Fields>) => void;
}) {
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
