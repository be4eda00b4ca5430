/** Where it is: the address as it is said, doors of the map it may be, and the position there is. */
import { useSignal } from '@preact/signals';
import { areaName } from '../../shell/gazetteer.ts';
import { name, speak } from '../../shell/language.ts';
import type { Desk, Shown } from './desk.ts';
import type { Fields } from './fields.ts';
import { Field, faultOf } from './form-parts.tsx';
import { words } from './words.ts';

const say = speak('dispatcher', words);

interface Props {
  readonly made: Desk;
  readonly set: (change: Partial<Fields>) => void;
}

/** Doors are offered as one types: arrow keys choose, Enter takes it; Enter without a choice goes on, as everywhere. */
export function AddressField({ made, set }: Props) {
  const { address, position } = made.fields.value;
  const chosen = useSignal(-1);
  const open = useSignal(false);
  const found = open.value && !position ? (made.shown.value?.addresses ?? []) : [];
  const take = (one: Shown['addresses'][number]) => {
    // What was typed stays: it may say floor and room, which the map does not.
    set({ position: one.position, source: 'caller', uncertaintyMetres: null });
    chosen.value = -1;
    document.getElementById('patient-name')?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length > 0) {
      event.preventDefault();
      chosen.value = Math.max(-1, Math.min(found.length - 1, chosen.value + step));
    } else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      const one = found[chosen.value];
      if (one) take(one);
      else document.getElementById('patient-name')?.focus();
    }
  };
  return (
    <Field id="address" label={say('address')} fault={faultOf(made, 'location.address')}>
      <div class="combo">
        <input
          id="address"
          role="combobox"
          aria-expanded={found.length > 0}
          aria-controls="address-list"
          aria-activedescendant={found[chosen.value] ? `address-${chosen.value}` : undefined}
          autocomplete="off"
          maxLength={300}
          dir="auto"
          value={address}
          onFocus={() => {
            open.value = true;
          }}
          onBlur={() => {
            open.value = false;
          }}
          onInput={({ currentTarget }) => {
            chosen.value = -1;
            set({ address: currentTarget.value });
          }}
          onKeyDown={onKeyDown}
        />
        <div
          id="address-list"
          role="listbox"
          aria-label={say('addressesFound')}
          class="options"
          hidden={found.length === 0}
        >
          {found.map((one, place) => (
            <div
              key={`${one.position.lon} ${one.position.lat} ${one.address}`}
              id={`address-${place}`}
              role="option"
              tabIndex={-1}
              aria-selected={place === chosen.value}
              onMouseDown={(event) => {
                event.preventDefault();
                take(one);
              }}
            >
              {one.address} <span class="quiet">{one.subdistrictCode && areaName(one.subdistrictCode)}</span>
            </div>
          ))}
        </div>
      </div>
    </Field>
  );
}

/** What is known of the place, and the way to take it back. */
export function PlaceLine({ made, set }: Props) {
  const { position, source, uncertaintyMetres } = made.fields.value;
  const found = made.shown.value?.location;
  const at = position ?? found?.position;
  return (
    <p class="quiet place-line">
      {at ? (
        <>
          <span class="figure">
            {at.lat.toFixed(5)}, {at.lon.toFixed(5)}
          </span>{' '}
          {name('source', source ?? found?.source ?? 'network')}
          {(uncertaintyMetres ?? found?.uncertaintyMetres) !== null && (
            <> ± {Math.round(uncertaintyMetres ?? found?.uncertaintyMetres ?? 0)} m</>
          )}{' '}
        </>
      ) : (
        <>{say('placeByMap')} </>
      )}
      {position && !made.call.value && (
        <button type="button" onClick={() => set({ position: null, source: null, uncertaintyMetres: null })}>
          {say('forgetPlace')}
        </button>
      )}
    </p>
  );
}
