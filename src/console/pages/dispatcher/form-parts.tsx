/** What the fields of the intake form share. */
import type { ComponentChildren } from 'preact';
import type { Desk } from './desk.ts';

export const faultOf = (made: Desk, field: string): string | undefined =>
  Object.entries(made.faults.value).find(
    ([name]) => name === field || (field !== '' && name.startsWith(`${field}.`)),
  )?.[1];

/** Enter goes on to the next field, as Tab does. */
export const onEnter = (next: string) => (event: KeyboardEvent) => {
  if (event.key !== 'Enter' || event.isComposing || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  document.getElementById(next)?.focus();
};

export function Field({
  id,
  label,
  fault,
  children,
}: {
  readonly id: string;
  readonly label: string;
  readonly fault: string | undefined;
  readonly children: ComponentChildren;
}) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="row">{children}</div>
      {fault && <p class="fault">✕ {fault}</p>}
    </div>
  );
}

export function Choice({
  label,
  value,
  options,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onChange: (value: string) => void;
}) {
  return (
    <select aria-label={label} value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
      <option value="">{label}…</option>
      {options.map(([each, text]) => (
        <option key={each} value={each}>
          {text}
        </option>
      ))}
    </select>
  );
}
