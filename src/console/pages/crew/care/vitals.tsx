/** Vital signs: tap a sign, type or step the figure; what was measured before stands beside it. */

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { clockTime, name } from '../../../shell/language.ts';
import { type CareForm, filled } from './form.ts';
import { asFigure, Choice, type Figure, Pad, say } from './parts.tsx';
import { oddOf, standing } from './record.ts';

/** In the order a monitor is read; units as printed on it. Steps begin at what is common in a grown-up at rest. */
export const signs = [
  { field: 'heartRate', unit: '/min', step: 1, from: 80 },
  { field: 'systolicMmHg', unit: 'mmHg', step: 5, from: 120 },
  { field: 'diastolicMmHg', unit: 'mmHg', step: 5, from: 80 },
  { field: 'oxygenSaturationPercent', unit: '%', step: 1, from: 98 },
  { field: 'respiratoryRate', unit: '/min', step: 1, from: 16 },
  { field: 'temperatureCelsius', unit: '°C', step: 0.1, from: 36.5 },
  { field: 'glucoseMmolPerLitre', unit: 'mmol/L', step: 0.1, from: 5.5 },
  { field: 'endTidalCo2MmHg', unit: 'mmHg', step: 1, from: 38 },
] as const;
type Field = (typeof signs)[number]['field'];

type Values = Partial<Record<Field, string>> & { readonly onOxygen?: 'yes' | 'no' | null };

const figuresOf = (values: Values) =>
  Object.fromEntries(
    signs.flatMap(({ field }) => {
      const value = Number.parseFloat(values[field] ?? '');
      return Number.isNaN(value) ? [] : [[field, value]];
    }),
  );

/** Measured last, of each sign. */
const lastOf = (field: Field) =>
  standing.value.find(({ list, entry }) => list === 'vitals' && typeof entry[field] === 'number');

function Body({ values, change }: { readonly values: Values; readonly change: (change: Partial<Values>) => void }) {
  const chosen = useSignal<Field>('heartRate');
  const form = useRef<HTMLDivElement>(null);
  const odd = new Set(oddOf(figuresOf(values)).map((flag) => flag.split(':')[1] ?? 'diastolicMmHg'));
  const sign = signs.find(({ field }) => field === chosen.value) ?? signs[0];
  const last = lastOf(sign.field);
  const figure: Figure = { step: sign.step, from: Number(last?.entry[sign.field] ?? sign.from) };
  const choose = (field: Field) => {
    chosen.value = field;
    form.current?.querySelector<HTMLInputElement>(`#sign-${field}`)?.focus();
  };
  // A keyboard types at once; the pad's own place is beside it, and no other keyboard opens.
  useEffect(() => choose('heartRate'), []);
  const next = () => choose(signs[(signs.indexOf(sign) + 1) % signs.length]?.field ?? 'heartRate');
  return (
    <div class="vitals" ref={form}>
      <div class="signs">
        {signs.map(({ field, unit }) => {
          const before = lastOf(field);
          return (
            <label key={field} class={`sign ${field === chosen.value ? 'chosen' : ''} ${odd.has(field) ? 'odd' : ''}`}>
              <span>{name('sign', field)}</span>
              <input
                id={`sign-${field}`}
                class="figure"
                inputMode="none"
                autocomplete="off"
                value={values[field] ?? ''}
                onFocus={() => {
                  chosen.value = field;
                }}
                onInput={(event) => change({ [field]: asFigure(event.currentTarget.value) })}
              />
              <span class="quiet">
                {unit}
                {before && ` · ${String(before.entry[field])} (${clockTime(before.at).slice(0, 5)})`}
              </span>
              {odd.has(field) && <strong class="late">⚠ {say('unlikely')}</strong>}
            </label>
          );
        })}
        <Choice
          label={say('onOxygen')}
          options={[
            { value: 'yes' as const, text: say('yes') },
            { value: 'no' as const, text: say('no') },
          ]}
          chosen={values.onOxygen}
          onChoose={(onOxygen) => change({ onOxygen })}
        />
        {odd.size > 0 && <p class="flag late">⚠ {say('unlikelyKept')}</p>}
      </div>
      <div class="beside">
        <h3>
          {name('sign', sign.field)} <span class="figure">{values[sign.field] || '—'}</span> {sign.unit}
        </h3>
        <Pad
          value={values[sign.field] ?? ''}
          figure={figure}
          onChange={(value) => change({ [sign.field]: value })}
          onNext={next}
        />
      </div>
    </div>
  );
}

export const vitals: CareForm<Values> = {
  list: 'vitals',
  blank: () => ({}),
  read: (entry) => ({
    ...Object.fromEntries(
      signs.flatMap(({ field }) => (typeof entry[field] === 'number' ? [[field, String(entry[field])]] : [])),
    ),
    onOxygen: typeof entry.onOxygen === 'boolean' ? (entry.onOxygen ? 'yes' : 'no') : null,
  }),
  fields: (values) =>
    filled({ ...figuresOf(values), ...(values.onOxygen ? { onOxygen: values.onOxygen === 'yes' } : {}) }),
  Body,
};

const SHOWN = 6;

/** The signs one under the other as they changed: what a hospital asks first. */
export function Series() {
  const sets = standing.value
    .filter(({ list }) => list === 'vitals')
    .slice(0, SHOWN)
    .reverse();
  if (sets.length === 0) return null;
  const rows = signs.filter(({ field }) => sets.some(({ entry }) => entry[field] !== undefined));
  return (
    <table class="series">
      <caption>{say('series')}</caption>
      <thead>
        <tr>
          <th scope="col">{say('time')}</th>
          {sets.map(({ entry, at }) => (
            <th key={entry.entryId} scope="col" class="figure">
              {clockTime(at).slice(0, 5)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ field, unit }) => (
          <tr key={field}>
            <th scope="row">
              {name('sign', field)} <span class="quiet">{unit}</span>
            </th>
            {sets.map(({ entry, flags }) => (
              <td key={entry.entryId} class="figure">
                {entry[field] === undefined ? '' : String(entry[field])}
                {flags.includes(`outside-life:${field}`) && (
                  <strong class="late" title={say('unlikely')}>
                    {' '}
                    ⚠
                  </strong>
                )}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
