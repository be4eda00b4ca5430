/** Keys: each page says which it has and what they do; the help shows exactly those, so that it is never out of date. */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

export interface Key {
  /**
   * As on the key: a letter or digit (`D`, `3`), or a name as `KeyboardEvent.key` has it (`F2`, `Escape`, `ArrowDown`,
   * `?`); `Ctrl+`, `Alt+`, `Shift+` before it. Letters are read by their place on the keyboard, so that an input method
   * for Chinese does not swallow them.
   */
  readonly key: string;
  readonly label: () => string;
  readonly run: () => void;
  /** Whether it does anything right now; shown grey otherwise. */
  readonly when?: () => boolean;
  /** Works while somebody types in a field too; letters and digits usually must not. */
  readonly whileTyping?: boolean;
  /** Held down it repeats. */
  readonly repeats?: boolean;
}

interface Group {
  readonly title: () => string;
  readonly keys: readonly Key[];
}

/** What there is, in the order of what was mounted; the last mounted is asked first. */
export const keyGroups = signal<readonly Group[]>([]);
/** Changes whenever a page that offers keys was drawn. */
export const keysDrawn = signal(0);
export const helpOpen = signal(false);
export const switchHelp = (): void => {
  helpOpen.value = !helpOpen.value;
};

/** Offers keys as long as the component is there. */
export function useKeys(title: () => string, keys: readonly Key[]): void {
  // What the keys do is looked up when they are pressed: what a component drew last is what counts.
  const latest = useRef(keys);
  latest.current = keys;
  const names = keys.map(({ key }) => key).join(' ');
  useEffect(() => {
    const group: Group = {
      title,
      get keys() {
        return latest.current;
      },
    };
    keyGroups.value = [...keyGroups.peek(), group];
    return () => {
      keyGroups.value = keyGroups.peek().filter((each) => each !== group);
    };
  }, [names]);
  // What they do and whether they do anything may have changed with whatever was just drawn.
  useEffect(() => {
    keysDrawn.value += 1;
  });
}

const FIELDS = 'input:not([type=checkbox]):not([type=radio]):not([type=button]), textarea, select, [contenteditable]';

const isTyping = ({ target }: KeyboardEvent): boolean => target instanceof HTMLElement && target.matches(FIELDS);

function isPressed(spec: string, event: KeyboardEvent): boolean {
  const parts = spec.split('+').filter(Boolean);
  const wanted = spec.endsWith('+') ? '+' : (parts.pop() ?? '');
  if (parts.includes('Ctrl') !== (event.ctrlKey || event.metaKey) || parts.includes('Alt') !== event.altKey)
    return false;
  if (/^[A-Z]$/.test(wanted)) return event.code === `Key${wanted}` && parts.includes('Shift') === event.shiftKey;
  if (/^\d$/.test(wanted))
    return [`Digit${wanted}`, `Numpad${wanted}`].includes(event.code) && parts.includes('Shift') === event.shiftKey;
  return event.key === wanted && (!parts.includes('Shift') || event.shiftKey);
}

export function startKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const typing = isTyping(event);
    // In front of a window nothing behind it is worked on; Escape closes the window itself.
    const inWindow = document.querySelector('dialog[open]') !== null;
    for (const { keys } of [...keyGroups.peek()].reverse()) {
      for (const { key, run, when, whileTyping = false, repeats = false } of keys) {
        if (inWindow && run !== switchHelp) continue;
        if ((typing && !whileTyping) || (event.repeat && !repeats)) continue;
        if (!isPressed(key, event) || when?.() === false) continue;
        event.preventDefault();
        run();
        return;
      }
    }
  });
}
