/** How figures and what they are of are written on the board. */
import { minutes, speak } from '../../shell/language.ts';
import { chosen, groupBy, keyName } from './data.ts';
import { words } from './words.ts';

const say = speak('planner', words);
export const clocks = ['response', 'patient', 'travel'] as const;
export type Clock = (typeof clocks)[number];

export const clockWords = { response: 'clock.response', patient: 'clock.patient', travel: 'clock.travel' } as const;
export const groupWords = {
  subdistrict: 'by.subdistrict',
  hour: 'by.hour',
  station: 'by.station',
  vehicleType: 'by.vehicleType',
  priority: 'by.priority',
} as const;

export const clockText = (seconds: number | null): string => (seconds === null ? '–' : minutes(seconds));
export const percent = (share: number | null): string => (share === null ? '–' : `${(share * 100).toFixed(1)} %`);
export const rounded = (seconds: number | null | undefined): number | null =>
  seconds == null ? null : Math.round(seconds);

/** What the row looked at is called. */
export const chosenName = () =>
  chosen.value === undefined ? say('all') : keyName(groupBy.value, chosen.value, say('unknown'));
