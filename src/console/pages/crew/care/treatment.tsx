/** What was given and what was done: one tap on the list, then how much, which way, and how it went. */
import { useSignal } from '@preact/signals';
import type { Coded } from '../../../../domain/coded.ts';
import { inLanguage, name } from '../../../shell/language.ts';
import { type BodyProps, type CareForm, type EntryOf, filled } from './form.ts';
import { asFigure, Choice, Pad, say, When, Words } from './parts.tsx';
import { kit, recordOf } from './record.ts';

const units = ['mg', 'µg', 'g', 'ml', 'IU', 'mmol', 'l/min', 'ml/h', 'µg/min'];
const allRoutes = [
  'oral',
  'sublingual',
  'buccal',
  'inhaled',
  'nebulised',
  'intranasal',
  'intravenous',
  'intraosseous',
  'intramuscular',
  'subcutaneous',
  'rectal',
];

const sameCode = (a: Coded, b: Coded) => a.system === b.system && a.code === b.code;
const medicationOf = (coded: Coded) => kit.value?.medications.find((each) => sameCode(each.coded, coded));
const procedureOf = (coded: Coded) => kit.value?.procedures.find((each) => sameCode(each.coded, coded));
/** As the list calls it; else as it came. */
export function codedText(list: 'medications' | 'procedures', coded: Coded | null | undefined): string {
  const known = coded && (list === 'medications' ? medicationOf : procedureOf)(coded);
  return known ? inLanguage(known.label) : (coded?.display ?? coded?.code ?? '');
}

/** A list to tap on, narrowed by typing; what is not on it goes in words. */
function Pick({
  list,
  onPick,
}: {
  readonly list: 'medications' | 'procedures';
  readonly onPick: (coded: Coded) => void;
}) {
  const typed = useSignal('');
  const wanted = typed.value.trim().toLowerCase();
  const items = (kit.value?.[list] ?? []).filter(
    ({ label }) => !wanted || label.zh.includes(wanted) || label.en.toLowerCase().includes(wanted),
  );
  return (
    <div class="pick">
      <div class="items">
        {items.map(({ coded, label }) => (
          <button key={coded.code} type="button" onClick={() => onPick(coded)}>
            {inLanguage(label)}
          </button>
        ))}
        {wanted && items.length === 0 && (
          <button type="button" onClick={() => onPick({ system: 'text', code: typed.value.trim() })}>
            {say('other', { name: typed.value.trim() })}
          </button>
        )}
      </div>
      <Words
        label={say('notListed')}
        value={typed.value}
        most={200}
        onChange={(value) => {
          typed.value = value;
        }}
      />
      {kit.value && <p class="quiet">{inLanguage(kit.value.notice)}</p>}
    </div>
  );
}

function Chosen({ text, onBack }: { readonly text: string; readonly onBack: () => void }) {
  return (
    <p class="chosen-item">
      <strong>{text}</strong>{' '}
      <button type="button" onClick={onBack}>
        {say('another')}
      </button>
    </p>
  );
}

interface Given {
  readonly medication?: Coded | null;
  readonly dose?: string;
  readonly unit?: string | null;
  readonly route?: string | null;
}

function GivenBody({ values, change }: BodyProps<Given>) {
  const cautions = recordOf.value?.cautions ?? [];
  const warned = cautions.length > 0 && (
    <ul class="crew-cautions">
      {cautions.map(({ code, text }) => (
        <li key={code}>⚠ {inLanguage(text)}</li>
      ))}
    </ul>
  );
  const { medication } = values;
  if (!medication)
    return (
      <>
        {warned}
        <Pick
          list="medications"
          onPick={(coded) => {
            const known = medicationOf(coded);
            change({ medication: coded, unit: known?.unit ?? 'mg', route: known?.routes[0] ?? null });
          }}
        />
      </>
    );
  const known = medicationOf(medication);
  const usual = known?.routes ?? allRoutes;
  const routes = values.route && !usual.some((each) => each === values.route) ? [...usual, values.route] : usual;
  return (
    <>
      {warned}
      <Chosen
        text={codedText('medications', medication)}
        onBack={() => change({ medication: null, dose: '', unit: null, route: null })}
      />
      <div class="vitals">
        <div class="signs one">
          {known?.amounts && (
            <Choice
              label={say('usual')}
              options={known.amounts.map((amount) => ({ value: String(amount), text: `${amount} ${known.unit}` }))}
              chosen={values.unit === known.unit ? values.dose : null}
              onChoose={(dose) => change({ dose: dose ?? '', unit: known.unit })}
            />
          )}
          <Choice
            label={say('route')}
            options={routes.map((route) => ({ value: route, text: name('route', route) }))}
            chosen={values.route}
            onChoose={(route) => change({ route })}
          />
          <Choice
            label={say('unit')}
            options={[...new Set([...(known ? [known.unit] : []), ...units])].map((unit) => ({
              value: unit,
              text: unit,
            }))}
            chosen={values.unit}
            onChoose={(unit) => change({ unit })}
          />
        </div>
        <div class="beside">
          <label class="words dose">
            <span>{say('amount')}</span>
            <input
              class="figure"
              inputMode="none"
              autocomplete="off"
              value={values.dose ?? ''}
              onInput={(event) => change({ dose: asFigure(event.currentTarget.value) })}
            />
            <span>{values.unit ?? ''}</span>
          </label>
          <Pad
            value={values.dose ?? ''}
            figure={{ step: known?.amounts?.[0] ?? 1, from: known?.amounts?.[0] ?? 1 }}
            onChange={(dose) => change({ dose })}
          />
          {!Number.parseFloat(values.dose ?? '') && <p class="flag soon">⚠ {say('noAmount')}</p>}
        </div>
      </div>
    </>
  );
}

export const medication: CareForm<Given> = {
  list: 'medications',
  blank: () => ({}),
  read: (entry) => {
    const { medication: coded, dose, unit, route } = entry as unknown as EntryOf<'medications'>;
    return {
      medication: coded ?? null,
      dose: dose === undefined ? '' : String(dose),
      unit: unit ?? null,
      route: route ?? null,
    };
  },
  fields: ({ medication: coded, dose, unit, route }) => {
    const amount = Number.parseFloat(dose ?? '');
    return coded ? filled({ medication: coded, route, ...(amount > 0 ? { dose: amount, unit } : {}) }) : null;
  },
  lacks: ({ medication: coded }) => (coded ? null : say('chooseFirst')),
  Body: GivenBody,
};

interface Done {
  readonly procedure?: Coded | null;
  readonly success?: 'yes' | 'no' | null;
  readonly attempts?: number | null;
  readonly endedAt?: string | null;
  readonly text?: string;
}

function DoneBody({ values, change }: BodyProps<Done>) {
  const { procedure: coded } = values;
  if (!coded) return <Pick list="procedures" onPick={(procedure) => change({ procedure })} />;
  const known = procedureOf(coded);
  return (
    <>
      <Chosen
        text={codedText('procedures', coded)}
        onBack={() => change({ procedure: null, success: null, attempts: null, endedAt: null })}
      />
      {(known?.tried || !known) && (
        <>
          <Choice
            label={say('success')}
            options={[
              { value: 'yes' as const, text: say('succeeded') },
              { value: 'no' as const, text: say('failed') },
            ]}
            chosen={values.success}
            onChoose={(success) => change({ success })}
          />
          <Choice
            label={say('attempts')}
            options={[1, 2, 3, 4, 5].map((value) => ({ value, text: String(value) }))}
            chosen={values.attempts}
            onChoose={(attempts) => change({ attempts })}
          />
        </>
      )}
      {(known?.lasts || values.endedAt) && (
        <When
          label={say('ended')}
          at={values.endedAt ?? null}
          onChange={(endedAt) => change({ endedAt })}
          steps={[5, 1, 0]}
          none={say('goesOn')}
        />
      )}
      <Words
        label={say('remark')}
        value={values.text ?? ''}
        most={1000}
        rows={2}
        onChange={(text) => change({ text })}
      />
    </>
  );
}

export const procedure: CareForm<Done> = {
  list: 'procedures',
  blank: () => ({}),
  read: (entry) => {
    const { procedure: coded, success, attempts, endedAt, text } = entry as unknown as EntryOf<'procedures'>;
    return {
      procedure: coded ?? null,
      success: success === undefined ? null : success ? 'yes' : 'no',
      attempts: attempts ?? null,
      endedAt: endedAt ?? null,
      text: text ?? '',
    };
  },
  fields: ({ procedure: coded, success, attempts, endedAt, text }) =>
    coded
      ? filled({
          procedure: coded,
          attempts,
          endedAt,
          text: text?.trim(),
          ...(success ? { success: success === 'yes' } : {}),
        })
      : null,
  lacks: ({ procedure: coded }) => (coded ? null : say('chooseFirst')),
  Body: DoneBody,
};

/** Whether a procedure goes on and its end is worth a tap. */
export function goesOn(entry: { readonly [field: string]: unknown }): boolean {
  const coded = entry.procedure as Coded | undefined;
  return coded !== undefined && entry.endedAt === undefined && procedureOf(coded)?.lasts === true;
}
