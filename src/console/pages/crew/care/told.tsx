/** What goes in words: what the family told of the history, who the patient is, and anything else. */
import { name } from '../../../shell/language.ts';
import { type BodyProps, type CareForm, type EntryOf, filled } from './form.ts';
import { asFigure, Choice, say, Words } from './parts.tsx';

const historyLists = ['allergies', 'conditions', 'medications'] as const;
const sexes = ['female', 'male'] as const;

interface Told {
  readonly list?: (typeof historyLists)[number] | null;
  readonly text?: string;
}

export const told: CareForm<Told> = {
  list: 'history',
  blank: () => ({}),
  read: (entry) => {
    const { list, coded } = entry as unknown as EntryOf<'history'>;
    return { list: list ?? null, text: coded?.display ?? coded?.code ?? '' };
  },
  fields: ({ list, text }) =>
    text?.trim() ? { list: list ?? 'allergies', coded: { system: 'text', code: text.trim() } } : null,
  lacks: ({ text }) => (text?.trim() ? null : say('wordsFirst')),
  Body: ({ values, change }: BodyProps<Told>) => (
    <>
      <Choice
        label={say('what')}
        options={historyLists.map((value) => ({ value, text: name('told', value) }))}
        chosen={values.list ?? 'allergies'}
        onChoose={(list) => change({ list })}
      />
      <Words label={say('toldWords')} value={values.text ?? ''} most={200} onChange={(text) => change({ text })} />
      <p class="quiet">{say('toldHint')}</p>
    </>
  ),
};

interface Seen {
  readonly name?: string;
  readonly sex?: (typeof sexes)[number] | null;
  readonly ageYears?: string;
  readonly idNumber?: string;
  readonly phone?: string;
}
const OLDEST_YEARS = 130;

export const patient: CareForm<Seen> = {
  list: 'identities',
  blank: () => ({}),
  read: (entry) => {
    const seen = (entry as unknown as EntryOf<'identities'>).patient ?? {};
    const { name: who, sex, ageYears, idNumber, phone } = seen;
    return {
      name: who ?? '',
      sex: sex === 'female' || sex === 'male' ? sex : null,
      ageYears: ageYears === undefined ? '' : String(ageYears),
      idNumber: idNumber ?? '',
      phone: phone ?? '',
    };
  },
  fields: (values) => {
    const ageYears = Number.parseInt(values.ageYears ?? '', 10);
    const said = filled({
      name: values.name?.trim(),
      sex: values.sex,
      ageYears: ageYears >= 0 && ageYears <= OLDEST_YEARS ? ageYears : null,
      idNumber: values.idNumber?.trim(),
      phone: values.phone?.trim(),
    });
    return said && { patient: said };
  },
  lacks: ({ ageYears }) =>
    Number.parseInt(ageYears ?? '', 10) > OLDEST_YEARS ? say('tooOld', { most: OLDEST_YEARS }) : null,
  Body: ({ values, change }: BodyProps<Seen>) => (
    <>
      <Words label={say('patientName')} value={values.name ?? ''} most={60} onChange={(who) => change({ name: who })} />
      <Choice
        label={say('sex')}
        options={sexes.map((value) => ({ value, text: name('sex', value) }))}
        chosen={values.sex}
        onChoose={(sex) => change({ sex })}
      />
      <Words
        label={say('age')}
        value={values.ageYears ?? ''}
        most={3}
        onChange={(age) => change({ ageYears: asFigure(age) })}
      />
      <Words
        label={say('idNumber')}
        value={values.idNumber ?? ''}
        most={32}
        onChange={(idNumber) => change({ idNumber })}
      />
      <Words label={say('phone')} value={values.phone ?? ''} most={32} onChange={(phone) => change({ phone })} />
    </>
  ),
};

interface Noted {
  readonly text?: string;
}

export const note: CareForm<Noted> = {
  list: 'notes',
  blank: () => ({}),
  read: (entry) => ({ text: typeof entry.text === 'string' ? entry.text : '' }),
  fields: ({ text }) => filled({ text: text?.trim() }),
  Body: ({ values, change }: BodyProps<Noted>) => (
    <Words label={say('note')} value={values.text ?? ''} most={4000} rows={6} onChange={(text) => change({ text })} />
  ),
};
