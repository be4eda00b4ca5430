/** An entry in words, in the language of the moment. */
import type { Entry } from '../../../../care/record.ts';
import type { EntryList } from '../../../../care/schema.ts';
import type { Coded } from '../../../../domain/coded.ts';
import { clockTime, name, speak } from '../../../shell/language.ts';
import { glasgowTotal } from './assessment.tsx';
import { hospitalName } from './record.ts';
import { codedText } from './treatment.tsx';
import { signs } from './vitals.tsx';
import { words } from './words.ts';

const say = speak('crew-care', words);

const text = (value: unknown): string[] => (typeof value === 'string' && value ? [value] : []);

/** What it says, part by part. A withdrawal says nothing but why. */
export function describe(list: EntryList, entry: Entry): string[] {
  if (entry.withdrawn) return [say('withdrawn')];
  switch (list) {
    case 'vitals':
      return [
        ...signs.flatMap(({ field, unit }) =>
          entry[field] === undefined ? [] : [`${name('sign', field)} ${String(entry[field])} ${unit}`],
        ),
        ...(typeof entry.onOxygen === 'boolean' ? [say(entry.onOxygen ? 'withOxygen' : 'withoutOxygen')] : []),
      ];
    case 'assessments':
      return assessed(entry);
    case 'medications': {
      const { dose, unit, route } = entry;
      return [
        [codedText('medications', entry.medication as Coded), dose, unit].filter(Boolean).join(' '),
        ...(typeof route === 'string' ? [name('route', route)] : []),
      ];
    }
    case 'procedures':
      return [
        codedText('procedures', entry.procedure as Coded),
        ...(typeof entry.success === 'boolean' ? [say(entry.success ? 'succeeded' : 'failed')] : []),
        ...(typeof entry.attempts === 'number' ? [say('attemptsCount', { count: entry.attempts })] : []),
        ...(typeof entry.endedAt === 'string' ? [say('until', { time: clockTime(entry.endedAt) })] : []),
        ...text(entry.text),
      ];
    case 'history': {
      const coded = entry.coded as Coded | undefined;
      return [name('told', String(entry.list)), coded?.display ?? coded?.code ?? ''];
    }
    case 'identities': {
      const seen = (entry.patient ?? {}) as Readonly<Record<string, unknown>>;
      return Object.entries(seen).map(([field, value]) =>
        field === 'sex'
          ? name('sex', String(value))
          : field === 'ageYears'
            ? say('years', { age: String(value) })
            : String(value),
      );
    }
    case 'destinations':
      return [say('headingTo', { hospital: hospitalName(entry.hospitalId) })];
    case 'handovers':
      return [
        ...(entry.hospitalId ? [hospitalName(entry.hospitalId)] : []),
        ...text(entry.to),
        ...(entry.signatureAttachmentId ? [say('signed')] : []),
        ...text(entry.text),
      ];
    case 'notes':
      return text(entry.text);
    default:
      return list satisfies never;
  }
}

function assessed(entry: Entry): string[] {
  const parts = entry.glasgow as Readonly<Record<'eye' | 'verbal' | 'motor', number>> | undefined;
  const fast = (entry.fast ?? {}) as Readonly<Record<string, string>>;
  const { lastKnownWellAt, ...seen } = fast;
  return [
    ...(parts
      ? [
          say('glasgowIs', {
            total: glasgowTotal(parts) ?? '',
            eye: parts.eye,
            verbal: parts.verbal,
            motor: parts.motor,
          }),
        ]
      : []),
    ...Object.entries(seen).map(([sign, how]) => `${name('fast', sign)} ${name('seen', how)}`),
    ...(lastKnownWellAt ? [say('wellAt', { time: clockTime(lastKnownWellAt) })] : []),
    ...(typeof entry.pain === 'number' ? [say('painIs', { level: entry.pain })] : []),
    ...(entry.ecgAttachmentId ? [say('ecgTaken')] : []),
    ...text(entry.text),
  ];
}
