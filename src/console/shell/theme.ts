/** Light by day, dark by night: as the computer has it, or as chosen here. */
import { signal } from '@preact/signals';

export type Theme = 'light' | 'dark';

const CHOICE = 'precision-dispatch.theme';
const system = matchMedia('(prefers-color-scheme: dark)');

const chosenBefore = (): Theme | null => {
  const choice = localStorage.getItem(CHOICE);
  return choice === 'light' || choice === 'dark' ? choice : null;
};
const current = (): Theme => chosenBefore() ?? (system.matches ? 'dark' : 'light');

export const theme = signal<Theme>(current());

function show(): void {
  theme.value = current();
  document.documentElement.dataset.theme = theme.value;
}

export function switchTheme(): void {
  localStorage.setItem(CHOICE, theme.value === 'dark' ? 'light' : 'dark');
  show();
}

system.addEventListener('change', show);
addEventListener('storage', ({ key }) => key === CHOICE && show());
show();
