/** Phone numbers, as dialled in China or abroad, brought to E.164. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** E.164 (`+8613…`), or null if the number cannot exist. Short codes such as 120 are no one's number. */
export function normalisePhone(given: string): string | null {
  const parsed = parsePhoneNumberFromString(given, 'CN');
  return parsed?.isValid() ? parsed.number : null;
}
