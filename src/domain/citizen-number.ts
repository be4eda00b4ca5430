/** Citizen identification numbers: GB 11643-1999, 18 characters, check digit by ISO 7064 MOD 11-2. */

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;
const checkDigits = '10X98765432';

/** The check character for the first 17 digits. */
export function checkDigit(first17: string): string {
  let sum = 0;
  for (let i = 0; i < 17; i++) sum += (first17.charCodeAt(i) - 48) * (weights[i] as number);
  return checkDigits.charAt(sum % 11);
}

/** Upper-cases and trims; `null` where format, calendar date or check digit is wrong. */
export function parseCitizenNumber(
  given: string,
): { number: string; birthDate: string; sex: 'female' | 'male' } | null {
  const number = given.trim().toUpperCase();
  if (!/^[1-9]\d{5}(18|19|20)\d{9}[\dX]$/.test(number)) return null;
  const birthDate = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
  const time = Date.parse(`${birthDate}T00:00:00Z`);
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== birthDate) return null;
  if (checkDigit(number) !== number.charAt(17)) return null;
  return { number, birthDate, sex: Number(number.charAt(16)) % 2 === 1 ? 'male' : 'female' };
}
