/** Where the keyboard is on the board. */

/** The row the keyboard is on, or null. */
export const focusedCall = (): string | null =>
  document.activeElement?.closest<HTMLElement>('[data-call]')?.dataset.call ?? null;

/** One row up or down; from elsewhere to the first. */
export function moveFocus(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('.board [data-call] .open')];
  const here = rows.indexOf(document.activeElement as HTMLElement);
  const next = rows[here < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, here + step))];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}
