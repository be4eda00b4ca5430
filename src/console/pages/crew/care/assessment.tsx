/** Assessment: Glasgow by three taps, face–arm–speech, pain from 0 to 10. */
import { name } from '../../../shell/language.ts';
import { type BodyProps, type CareForm, type EntryOf, filled } from './form.ts';
import { Choice, say, When, Words } from './parts.tsx';

const glasgow = [
  ['eye', 4],
  ['verbal', 5],
  ['motor', 6],
] as const;
const fastSigns = ['face', 'arm', 'speech'] as const;
const seen = ['normal', 'abnormal', 'untestable'] as const;
const painLevels = Array.from({ length: 11 }, (_, level) => level);

interface Values {
  readonly eye?: number | null;
  readonly verbal?: number | null;
  readonly motor?: number | null;
  readonly face?: (typeof seen)[number] | null;
  readonly arm?: (typeof seen)[number] | null;
  readonly speech?: (typeof seen)[number] | null;
  readonly lastKnownWellAt?: string | null;
  readonly pain?: number | null;
  readonly text?: string;
  /** Of the entry that is corrected. */
  readonly ecgAttachmentId?: string | undefined;
}

export const glasgowTotal = (parts: { readonly eye?: unknown; readonly verbal?: unknown; readonly motor?: unknown }) =>
  glasgow.every(([part]) => typeof parts[part] === 'number')
    ? glasgow.reduce((sum, [part]) => sum + Number(parts[part]), 0)
    : null;
const glasgowBegun = (values: Values) => glasgow.some(([part]) => values[part] != null);

function Body({ values, change }: BodyProps<Values>) {
  const total = glasgowTotal(values);
  return (
    <div class="assessment">
      <section>
        <h3>
          {say('glasgow')} <strong class="figure total">{total ?? (glasgowBegun(values) ? '…' : '—')}</strong>
        </h3>
        {glasgow.map(([part, most]) => (
          <Choice
            key={part}
            label={name('glasgow', part)}
            wide
            options={Array.from({ length: most }, (_, i) => most - i).map((score) => ({
              value: score,
              text: `${score} ${name('glasgow', `${part}${score}`)}`,
            }))}
            chosen={values[part]}
            onChoose={(score) => change({ [part]: score })}
          />
        ))}
      </section>
      <section>
        <h3>{say('fast')}</h3>
        {fastSigns.map((sign) => (
          <Choice
            key={sign}
            label={name('fast', sign)}
            options={seen.map((value) => ({ value, text: name('seen', value) }))}
            chosen={values[sign]}
            onChoose={(value) => change({ [sign]: value })}
          />
        ))}
        {fastSigns.some((sign) => values[sign] === 'abnormal') && (
          <When
            label={say('lastWell')}
            at={values.lastKnownWellAt ?? null}
            onChange={(lastKnownWellAt) => change({ lastKnownWellAt })}
            steps={[60, 15, 5]}
            none={say('notKnown')}
          />
        )}
      </section>
      <section>
        <Choice
          label={say('pain')}
          options={painLevels.map((value) => ({ value, text: String(value) }))}
          chosen={values.pain}
          onChoose={(pain) => change({ pain })}
        />
        <Words
          label={say('remark')}
          value={values.text ?? ''}
          most={2000}
          rows={2}
          onChange={(text) => change({ text })}
        />
      </section>
    </div>
  );
}

export const assessment: CareForm<Values> = {
  list: 'assessments',
  blank: () => ({}),
  read: (entry) => {
    const { glasgow: parts, fast, pain, text, ecgAttachmentId } = entry as unknown as EntryOf<'assessments'>;
    return { ...parts, ...fast, pain: pain ?? null, text: text ?? '', ecgAttachmentId };
  },
  fields: (values) => {
    const { eye, verbal, motor, face, arm, speech, lastKnownWellAt, pain, text, ecgAttachmentId } = values;
    return filled({
      glasgow: glasgowTotal(values) === null ? null : { eye, verbal, motor },
      fast: filled({ face, arm, speech, lastKnownWellAt }),
      pain,
      text: text?.trim(),
      ecgAttachmentId,
    });
  },
  lacks: (values) => (glasgowBegun(values) && glasgowTotal(values) === null ? say('glasgowLacks') : null),
  Body,
};
