/** Names and Chinese addresses brought to one spelling, for comparison and for the blind keys of the store. */

/** NFKC, lower-case, without spaces, dots between names, hyphens or apostrophes. Traditional characters stay as they came. */
export function normaliseName(given: string): string {
  return given
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s·•‧∙・･.,'’\-_]+/gu, '');
}

/**
 * An address taken apart. `area` is the street, lane or compound by name; `number` its street number (号, 号院).
 * Letters are lower-case, numbers have no leading zeros; what was not said is null.
 */
export interface AddressParts {
  readonly area: string;
  readonly number: string | null;
  readonly building: string | null;
  readonly unit: string | null;
  readonly room: string | null;
}

const digitOf: Readonly<Record<string, number>> = {
  零: 0,
  〇: 0,
  一: 1,
  二: 2,
  两: 2,
  三: 3,
  四: 4,
  五: 5,
  六: 6,
  七: 7,
  八: 8,
  九: 9,
};

/** 十二 → 12, 一百零三 → 103, 五〇一 → 501 (said digit by digit). */
function chineseNumber(given: string): string {
  if (!/[十百]/u.test(given)) return [...given].map((c) => digitOf[c] ?? '').join('');
  let total = 0;
  let digit = -1;
  for (const c of given) {
    if (c === '百' || c === '十') {
      total += (digit < 0 ? 1 : digit) * (c === '百' ? 100 : 10);
      digit = -1;
    } else digit = digitOf[c] ?? 0;
  }
  return String(total + Math.max(0, digit));
}

/** Only before a word that numbers something, so that 三里河 and 百万庄 keep their names. */
const spelledNumber = /[零〇一二两三四五六七八九十百]+(?=[号栋幢座楼门层室户房区条巷院#-]|单元)/gu;
const noise = /[\s,，、。;；:：·"“”'’_]+|\([^)]*\)/gu;
/** The service area's own names say nothing between two of its addresses; 大街道… is a street, not a sub-district. */
const prefix =
  /^(?:中国)?(?:北京市?|京)?(?:市辖区)?(?:西城区)?(?:[^\d区号院]{2,5}(?<!大)街道(?:办事处)?)?(?:[^\d区号院路]{2,8}(?:社区|居委会))?/u;
/** A number and the word that says what it numbers; the end of the text numbers a room. */
const token = /([甲乙丙丁]?\d+[a-z]?|[a-z]\d?|[甲乙丙丁])(?:(号楼|#楼|号院|单元|[号#栋幢座楼院门层室户房区条巷-])|$)/gu;

const isAsciiOrDigitLed = (text: string, at: number) => at >= text.length || text.charCodeAt(at) < 128;

/** Takes a Chinese address apart; never throws. 三里河一区5号楼2单元501室, …5栋2门501 and …5-2-501 give the same parts. */
export function addressParts(given: string): AddressParts {
  const text = given
    .normalize('NFKC')
    .toLowerCase()
    .replace(noise, '')
    .replace(spelledNumber, chineseNumber)
    .replace(prefix, '');
  let number: string | null = null;
  let building: string | null = null;
  let unit: string | null = null;
  let room: string | null = null;
  let storey: string | null = null;
  const bare: string[] = [];
  let areaEnd = text.length;
  token.lastIndex = 0; // exec rather than matchAll: this runs for each of 64 candidates of every call
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const value = (match[1] as string).replace(/^0+(?=\d)/, '');
    const word = match[2] ?? '';
    const after = match.index + match[0].length;
    if (word === '区' || word === '条' || word === '巷') continue;
    if (word === '门' && !isAsciiOrDigitLed(text, after)) continue;
    if (match.index < areaEnd) areaEnd = match.index;
    if (word === '' || word === '-') bare.push(value);
    else if (word === '单元' || word === '门') unit ??= value;
    else if (word === '室' || word === '户' || word === '房') room ??= value;
    else if (word === '号院' || word === '院') number ??= value;
    else if (word === '层') continue;
    else if (word === '号' || word === '#') {
      if (building !== null || unit !== null) room ??= value;
      else number ??= value;
    } else if (word === '楼') {
      if (building === null) building = storey = value;
    } else if (building === null) building = value;
    else if (word === '座' && storey === null) building += value;
  }
  // 5-2-501, 5号楼2-501, 5-501: the last is the room, the one before it the unit only where a building is known.
  if (bare.length > 0) {
    if (room === null && (bare.length > 1 || building !== null || unit !== null || number !== null)) {
      room = bare.pop() as string;
    }
    if (bare.length > 0 && unit === null && (building !== null || bare.length > 1)) unit = bare.pop() as string;
    if (bare.length > 0 && building === null && room !== null) building = bare.pop() as string;
    if (bare.length > 0 && room === null) number ??= bare.pop() as string;
  }
  // 5号2单元501: the number is the building's. 19号5楼501: the storey is not a building.
  if (unit !== null && building === null && number !== null) [building, number] = [number, null];
  if (storey !== null && building === storey && unit === null && room?.length === storey.length + 2) {
    if (room.startsWith(storey) && number !== null) building = null;
  }
  return { area: text.slice(0, areaEnd), number, building, unit, room };
}

const spell = ({ area, number, building, unit, room }: AddressParts) =>
  area +
  (number === null ? '' : `${number}号`) +
  (building === null ? '' : `${building}栋`) +
  (unit === null ? '' : `${unit}单元`) +
  (room === null ? '' : `${room}室`);

/** One spelling for all ways of writing an address: 三里河1区5栋2单元501室. Floors are left out, the room says them. */
export const normaliseAddress = (given: string): string => spell(addressParts(given));

/**
 * What an address is looked up by, or null where it names no single door: a key on a whole street would
 * fetch the street. A house with a number and no buildings inside (a courtyard) counts as a door.
 */
export const addressKey = (given: string): string | null => doorKey(addressParts(given));

export function doorKey(parts: AddressParts): string | null {
  if (parts.area === '') return null;
  const door = parts.room !== null || (parts.number !== null && parts.building === null && parts.unit === null);
  return door ? spell(parts) : null;
}
