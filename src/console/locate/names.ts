/** What the service calls things of a search, in the reader's language. */

import { distance, listed, minutes, speak } from '../shell/language.ts';
import type { Answer, LikelyPlaces, Search } from './types.ts';
import { words } from './words.ts';

export const say = speak('locate', words);
type Key = keyof typeof words;

const table: Readonly<Record<string, Key>> = {
  'no-answer-at-door': 'reasonDoor',
  'address-not-found': 'reasonAddress',
  'callback-unanswered': 'reasonCallback',
  requested: 'statusRequested',
  accepted: 'statusAccepted',
  escalated: 'statusEscalated',
  answered: 'statusAnswered',
  closed: 'statusClosed',
  centre: 'stepCentre',
  'next-centre': 'stepNext',
  'subdistrict-duty': 'stepDuty',
  'fire-and-police': 'stepFire',
  'catchment-gap': 'flagGap',
  'overlapping-catchments': 'flagOverlap',
  'place-unknown': 'flagPlace',
  'no-centre': 'flagNoCentre',
  'nobody-at-desk': 'flagDesk',
  'evidence.device': 'evidenceDevice',
  'evidence.network': 'evidenceNetwork',
  'evidence.aml': 'evidenceAml',
  'evidence.caller': 'evidenceCaller',
  'evidence.confirmed': 'evidenceConfirmed',
  'evidence.registered-home': 'evidenceHome',
  'evidence.registered-device': 'evidenceDeviceHome',
  'evidence.caller-words': 'evidenceWords',
  'evidence.past-place': 'evidencePast',
  'door.home': 'kindHome',
  'door.past-place': 'kindPast',
  'door.neighbouring': 'kindNear',
  'door.as-said': 'kindSaid',
};

/** The word for a code, or the code where a newer service uses one this page does not know. */
export const named = (code: string): string => {
  const key = table[code];
  return key ? say(key) : code;
};

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** `3 d`-like ages in words; below a day in minutes and seconds. */
export const ageText = (seconds: number): string =>
  say('age', { time: seconds < 86_400 ? minutes(seconds) : say('days', { days: Math.floor(seconds / 86_400) }) });

export const radiusText = (metres: number): string => say('radius', { metres: distance(metres) });

/** Building, unit, floor and room, one after the other. */
export function doorText({
  building,
  unit,
  floor,
  room,
}: Pick<Answer, 'building' | 'unit' | 'floor' | 'room'>): string {
  return listed(
    [
      numbered('buildingNo', building),
      numbered('unitNo', unit),
      floor === null ? null : say('floorNo', { floor }),
      numbered('roomNo', room),
    ].filter((part) => part !== null),
  );
}

/** A bare number says what it numbers; anything else stands as it was said. */
const numbered = (key: 'buildingNo' | 'unitNo' | 'roomNo', said: string | null): string | null =>
  said !== null && /^\d+[a-zA-Z]?$/.test(said) ? say(key, { no: said }) : said;

/** Doors worth going to: a handful, and none that nearly certainly is not it. */
export const worthGoing = (places: LikelyPlaces['places']): LikelyPlaces['places'] =>
  places.filter(({ confidence }, i) => i === 0 || (i < 5 && confidence >= 0.005));

/** The answer that stands, if there is one. */
export const standing = ({ answers }: Pick<Search, 'answers'>): Answer | null =>
  answers.filter(({ stands }) => stands).at(-1) ?? null;
