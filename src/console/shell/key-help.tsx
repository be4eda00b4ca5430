/** What the keys do: the ones at hand along the bottom edge, all of them in a window. */
import { useEffect, useRef } from 'preact/hooks';
import { helpOpen, keyGroups, keysDrawn } from './keys.ts';
import { speak } from './language.ts';
import { words } from './words.ts';

const say = speak('shell', words);

/** As printed on the key. */
const capOf = (key: string): string => key.replace('Escape', 'Esc').replace('ArrowDown', '↓').replace('ArrowUp', '↑');

const closeHelp = (): void => {
  helpOpen.value = false;
};

export function KeyBar() {
  void keysDrawn.value;
  const all = keyGroups.value.flatMap(({ keys }) => keys);
  const shown = all.filter(
    ({ key, when, label }, place) =>
      key !== 'F1' && when?.() !== false && label() && all.findIndex((each) => each.key === key) === place,
  );
  return (
    <footer class="keys">
      {shown.map(({ key, label }) => (
        <span key={key}>
          <kbd>{capOf(key)}</kbd> {label()}
        </span>
      ))}
    </footer>
  );
}

export function KeyHelp() {
  const dialog = useRef<HTMLDialogElement>(null);
  const open = helpOpen.value;
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog ref={dialog} class="help" aria-label={say('help')} onClose={closeHelp}>
      {open && (
        <>
          <h2>{say('help')}</h2>
          {keyGroups.value
            .filter(({ keys }) => keys.length > 0)
            .map(({ title, keys }) => (
              <section key={title()}>
                <h3>{title()}</h3>
                <dl>
                  {keys
                    .filter(({ label }) => label())
                    .map(({ key, label, when }) => (
                      <div key={key} class={when?.() === false ? 'quiet' : ''}>
                        <dt>
                          <kbd>{capOf(key)}</kbd>
                        </dt>
                        <dd>{label()}</dd>
                      </div>
                    ))}
                </dl>
              </section>
            ))}
          <button type="button" onClick={closeHelp}>
            {say('closeHelp')}
          </button>
        </>
      )}
    </dialog>
  );
}
