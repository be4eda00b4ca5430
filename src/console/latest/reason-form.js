/** Asks why, in the place where something is done that needs a reason; Escape takes it back. */
import { el } from './dom.js';
import { say } from './language.js';

/**
 * @param {HTMLElement} into
 * @param {string} question
 * @param {(reason: string) => void} onGiven
 */
export function askReason(into, question, onGiven) {
  into.querySelector('form.reason')?.remove();
  const field = el('input', { required: '', maxlength: '500', autocomplete: 'off' });
  const back = el('button', { type: 'button' }, say('takeBack'));
  const form = el(
    'form',
    { class: 'reason' },
    el('label', {}, `${question} `, field),
    el('button', { type: 'submit' }, say('doIt')),
    back,
  );
  back.addEventListener('click', () => form.remove());
  form.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    form.remove();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const reason = field.value.trim();
    if (!reason) return;
    form.remove();
    onGiven(reason);
  });
  into.append(form);
  field.focus();
}
