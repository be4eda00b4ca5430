/**
 * Parallel arrays as PostgreSQL reads them. The driver looks for what to escape in every element of an array, twice;
 * most of what goes together in a statement are identifiers, numbers and words of a vocabulary, with nothing to escape.
 */

/** Numbers and booleans, and tokens that are digits. */
export const plainArray = (values: readonly (string | number | boolean | null | undefined)[]): string => {
  let literal = '{';
  for (let i = 0; i < values.length; i++) literal += `${i === 0 ? '' : ','}${values[i] ?? 'NULL'}`;
  return `${literal}}`;
};

/** Any text. */
export const textArray = (values: readonly (string | null | undefined)[]): string => {
  let literal = '{';
  for (let i = 0; i < values.length; i++) {
    if (i > 0) literal += ',';
    const value = values[i];
    if (value === null || value === undefined) literal += 'NULL';
    else literal += `"${SPECIAL.test(value) ? value.replace(EACH_SPECIAL, '\\$&') : value}"`;
  }
  return `${literal}}`;
};

const SPECIAL = /["\\]/;
const EACH_SPECIAL = /["\\]/g;
