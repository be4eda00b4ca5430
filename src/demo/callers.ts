/** Invented callers: residents of the demonstration and strangers, with plausible complaints, from plausible places. Pure. */
import commonjs from 'gcoord';
import type { CallInput } from '../calls/schema.ts';
import type { Position, PositionInput } from '../domain/position.ts';
import { ageInYears, type Instant } from '../domain/time.ts';
import type { ComplaintCode } from '../domain/vocabulary.ts';
import { chinaHour } from '../fleet/travel.ts';
import type { FiledResident } from '../residents/file.ts';
import { placeInside, shortNameOf, subdistricts } from './geography.ts';
import type { Random } from './random.ts';
import { estates } from './words.ts';

/** Calls by the hour of the day in China, mean 1: quiet before dawn, busy in the morning and early evening. A round guess. */
export const HOUR_SHAPE = [
  0.7, 0.6, 0.5, 0.45, 0.45, 0.55, 0.8, 1.05, 1.3, 1.4, 1.4, 1.3, 1.2, 1.15, 1.15, 1.15, 1.15, 1.2, 1.25, 1.25, 1.15,
  1.05, 0.95, 0.85,
] as const;

/** Milliseconds to the next call of a Poisson stream; Infinity without calls. */
export function gapToNextCall(random: Random, callsPerHour: number, factor: number, now: Instant): number {
  const perHour = callsPerHour * factor * (HOUR_SHAPE[chinaHour(now)] ?? 1);
  return perHour > 0 ? (-Math.log(1 - random.next()) * 3_600_000) / perHour : Infinity;
}

export interface InventedCall {
  /** Seconds after the one before. */
  readonly afterSeconds: number;
  readonly call: CallInput;
}

interface Scenario {
  readonly code: ComplaintCode;
  readonly weight: number;
  readonly text: string;
  /** One of each is given, drawn evenly; what is more likely stands there more often. */
  readonly answers: Readonly<Record<string, readonly string[]>>;
}

const awake = { conscious: ['yes'], breathing: ['normal'] };
const mostly = ['no', 'no', 'no', 'yes'];

export const atHome: readonly Scenario[] = [
  {
    code: 'chest-pain',
    weight: 12,
    text: '胸口闷痛（示范）',
    answers: { ...awake, severity: ['mild', 'severe'], 'sweating-or-pale': mostly, spreading: mostly },
  },
  {
    code: 'breathing-difficulty',
    weight: 9,
    text: '喘不上气（示范）',
    answers: { conscious: ['yes'], breathing: ['abnormal'], speech: ['sentences', 'words'], 'blue-lips': mostly },
  },
  {
    code: 'fall',
    weight: 16,
    text: '在家跌倒（示范）',
    answers: {
      ...awake,
      height: ['standing'],
      'head-struck': mostly,
      'cannot-get-up': ['gets-up', 'cannot', 'cannot', 'long-on-floor'],
    },
  },
  {
    code: 'stroke-symptoms',
    weight: 8,
    text: '半边身子无力，说话不清（示范）',
    answers: { ...awake, onset: ['over-a-day', 'within-a-day', 'within-six-hours'] },
  },
  {
    code: 'fainting',
    weight: 8,
    text: '头晕，刚才晕倒（示范）',
    answers: { ...awake, recovered: ['fully', 'fully', 'partly'] },
  },
  {
    code: 'abdominal-pain',
    weight: 8,
    text: '肚子疼（示范）',
    answers: { ...awake, severity: ['mild', 'severe'], 'faint-or-pale': mostly },
  },
  {
    code: 'palpitations',
    weight: 5,
    text: '心慌（示范）',
    answers: { ...awake, 'chest-pain': mostly, 'near-fainting': mostly },
  },
  {
    code: 'diabetic-problem',
    weight: 4,
    text: '血糖低，出冷汗（示范）',
    answers: { ...awake, alertness: ['alert', 'confused'] },
  },
  { code: 'fever', weight: 5, text: '高烧不退（示范）', answers: { ...awake, 'very-ill': mostly, contagion: mostly } },
  { code: 'vomiting', weight: 4, text: '一直吐（示范）', answers: { ...awake, blood: mostly } },
  {
    code: 'seizure',
    weight: 3,
    text: '抽搐（示范）',
    answers: {
      conscious: ['no', 'unknown'],
      breathing: ['normal', 'abnormal'],
      'still-seizing': ['stopped', 'drowsy', 'seizing'],
    },
  },
  {
    code: 'unconscious',
    weight: 5,
    text: '叫不醒（示范）',
    answers: { conscious: ['no'], breathing: ['normal', 'abnormal'] },
  },
  {
    code: 'cardiac-arrest',
    weight: 2,
    text: '没有呼吸了（示范）',
    answers: { conscious: ['no'], breathing: ['absent'], cpr: ['being-done', 'not-done'] },
  },
  { code: 'headache', weight: 3, text: '头疼得厉害（示范）', answers: { ...awake, 'sudden-severe': mostly } },
  {
    code: 'mental-health-crisis',
    weight: 2,
    text: '情绪激动（示范）',
    answers: { ...awake, 'self-harm': ['none', 'none', 'thoughts'] },
  },
  {
    code: 'unknown-problem',
    weight: 6,
    text: '人不舒服（示范）',
    answers: { ...awake, looks: ['well', 'ill', 'very-ill'] },
  },
];

export const inTheStreet: readonly Scenario[] = [
  {
    code: 'fall',
    weight: 10,
    text: '有人摔倒了（示范）',
    answers: { ...awake, height: ['standing', 'above-one-metre'], 'head-struck': mostly },
  },
  {
    code: 'fainting',
    weight: 8,
    text: '有人晕倒在路边（示范）',
    answers: { conscious: ['yes', 'unknown'], breathing: ['normal', 'unknown'], recovered: ['fully', 'partly'] },
  },
  { code: 'chest-pain', weight: 6, text: '路人说胸口疼（示范）', answers: { ...awake, severity: ['mild', 'severe'] } },
  {
    code: 'unconscious',
    weight: 5,
    text: '路边有人不动（示范）',
    answers: { conscious: ['no', 'unknown'], breathing: ['unknown', 'normal'] },
  },
  {
    code: 'bleeding',
    weight: 3,
    text: '手割破了，一直流血（示范）',
    answers: { ...awake, amount: ['oozing', 'steady'] },
  },
  {
    code: 'fracture',
    weight: 4,
    text: '脚崴了，不能走（示范）',
    answers: { ...awake, part: ['hand-or-foot', 'hip-or-thigh'] },
  },
  { code: 'burns', weight: 2, text: '烫伤（示范）', answers: { ...awake, area: ['small', 'small', 'over-a-tenth'] } },
  {
    code: 'allergic-reaction',
    weight: 2,
    text: '吃了东西身上起疹子（示范）',
    answers: { ...awake, 'throat-or-breathing': mostly },
  },
  { code: 'overdose', weight: 2, text: '喝多了（示范）', answers: { ...awake, drowsy: ['no', 'yes'] } },
  {
    code: 'child-unwell',
    weight: 3,
    text: '孩子发烧（示范）',
    answers: { ...awake, responsiveness: ['lively', 'quiet'] },
  },
];

/** Seen by more than one: two people ring about it. */
export const accident: Scenario = {
  code: 'traffic-accident',
  weight: 1,
  text: '路口两车相撞（示范）',
  answers: { ...awake, mechanism: ['minor', 'struck'], several: mostly },
};

/** A press mostly means nothing, seldom everything. */
export const pressed: Scenario = {
  code: 'device-alarm',
  weight: 1,
  text: '一键呼救（示范）',
  answers: {
    conscious: ['yes', 'yes', 'unknown'],
    breathing: ['normal', 'normal', 'unknown'],
    answer: ['wants-no-help', 'needs-help', 'no-answer'],
    alarm: ['pressed', 'pressed', 'fall'],
  },
};

const CALLS_OF_RESIDENTS = 0.7;
/** Of those who have a device. */
const PRESSES = 0.4;
const ACCIDENTS = 0.12;
const CALLS_FOR_THEMSELVES = 0.5;

/** Who calls next: the number of a resident of the demonstration, from 1 to `residents`, or a stranger (null). */
export const whoCalls = (random: Random, residents: number): number | null =>
  random.chance(CALLS_OF_RESIDENTS) ? random.whole(1, residents) : null;

/** What is said on the telephone: one call, or two about the same accident. */
export function inventCalls(random: Random, caller: FiledResident | null, now: Instant): InventedCall[] {
  if (caller?.home?.position) return [{ afterSeconds: 0, call: fromHome(random, caller, caller.home.position, now) }];
  const subdistrict = random.pick(subdistricts);
  const place = placeInside(random, subdistrict);
  const address = `${shortNameOf(subdistrict)}示范${random.pick(estates)}${random.whole(1, 60)}号附近`;
  if (!random.chance(ACCIDENTS)) {
    return [{ afterSeconds: 0, call: fromStreet(random, drawn(random, inTheStreet), place, address) }];
  }
  const complaint = said(random, accident);
  return [0, random.whole(20, 90)].map((afterSeconds) => ({
    afterSeconds,
    call: { ...fromStreet(random, accident, place, address), complaint },
  }));
}

function fromHome(random: Random, resident: FiledResident, home: Position, now: Instant): CallInput {
  const device = resident.devices?.[0];
  if (device && random.chance(PRESSES)) {
    return { channel: 'one-key', device: { deviceId: device.deviceId }, complaint: said(random, pressed) };
  }
  const forSelf = random.chance(CALLS_FOR_THEMSELVES);
  const [phone] = resident.phones;
  return {
    channel: 'phone',
    caller: { ...(phone ? { phone } : {}), relation: forSelf ? 'self' : 'family' },
    patient: {
      ageYears: ageInYears(resident.birthDate, now),
      sex: resident.sex,
      ...(random.chance(0.4) ? { name: resident.name } : {}),
    },
    location: {
      position: inSomeSystem(random, near(random, home, 40)),
      uncertaintyMetres: random.whole(10, 60),
      source: random.pick(['network', 'aml', 'device'] as const),
      ...(random.chance(0.7) && resident.home?.address ? { address: resident.home.address } : {}),
    },
    complaint: said(random, drawn(random, atHome)),
  };
}

function fromStreet(random: Random, scenario: Scenario, place: Position, address: string): CallInput {
  return {
    channel: 'phone',
    // +86 138 9xxx xxxx: no resident of the demonstration has such a number.
    caller: { phone: `+86${13_890_000_000 + random.whole(0, 9_999_999)}`, relation: 'bystander' },
    ...(random.chance(0.5)
      ? { patient: { ageYears: random.whole(5, 90), sex: random.pick(['female', 'male'] as const) } }
      : {}),
    location: {
      position: inSomeSystem(random, near(random, place, 30)),
      uncertaintyMetres: random.whole(10, 120),
      source: random.pick(['network', 'aml'] as const),
      address,
    },
    complaint: said(random, scenario),
  };
}

const drawn = (random: Random, from: readonly Scenario[]): Scenario =>
  from[random.weighted(from.map(({ weight }) => weight))] as Scenario;

const said = (random: Random, { code, text, answers }: Scenario): CallInput['complaint'] => ({
  code,
  text,
  answers: Object.fromEntries(Object.entries(answers).map(([question, options]) => [question, random.pick(options)])),
});

const METRES_PER_DEGREE = 111_195;

function near(random: Random, { lon, lat }: Position, metres: number): Position {
  const off = () => ((random.next() * 2 - 1) * metres) / METRES_PER_DEGREE;
  return { lon: round(lon + off()), lat: round(lat + off()), crs: 'wgs84' };
}

const round = (degrees: number) => Math.round(degrees * 1e6) / 1e6;

// gcoord's typings describe its ES build; Node loads the CommonJS one, whose exports are the default itself.
const gcoord = commonjs as unknown as typeof commonjs.default;
const systems = { wgs84: gcoord.WGS84, gcj02: gcoord.GCJ02, bd09: gcoord.BD09 } as const;

/** As phones, networks and maps in China hand positions out: each in a system of its own. */
function inSomeSystem(random: Random, { lon, lat }: Position): PositionInput {
  const crs = random.pick(['wgs84', 'gcj02', 'bd09'] as const);
  const [x, y] = gcoord.transform([lon, lat], gcoord.WGS84, systems[crs]);
  return { lon: round(x), lat: round(y), crs };
}
