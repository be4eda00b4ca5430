/** Schema checks: bodies, imported lines and data files are refused by the same rules, and never repaired. */
import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import type { TSchema } from 'typebox';
import type { FieldProblem } from './errors.ts';

const FIELDS_NAMED_AT_MOST = 20;
const LONGEST_NAME = 64;

/** Nobody concerned was born, and nothing was filed, before; PostgreSQL has no year 0 either. */
const EARLIEST_YEAR = 1800;
/** From here on `toISOString` writes a year no one else reads; a time of year 9999 west of Greenwich lies beyond. */
const FIVE_DIGIT_YEARS = Date.UTC(10_000, 0, 1);

/** Ajv as the whole product uses it: nothing coerced, nothing removed, every offending field found. */
export function createAjv(options: Options = {}): Ajv {
  const ajv = new Ajv({
    allErrors: true, // linear in the input, and inputs are bounded: 256 kB for a body
    coerceTypes: false,
    removeAdditional: false,
    strictTypes: false,
    ...options,
  });
  formats.default(ajv);
  const isDay = ajv.formats.date as { validate(text: string): boolean };
  ajv.addFormat('date', (text: string) => isDay.validate(text) && Number(text.slice(0, 4)) >= EARLIEST_YEAR);
  ajv.addFormat('date-time', (text: string) => {
    const [, day, rest] = RFC3339.exec(text) ?? [];
    return day !== undefined && rest !== undefined && isDay.validate(day) && inRange(text, day);
  });
  return ajv;
}

/**
 * RFC 3339 with offset. A leap second is refused: neither Date nor the clocks of a call know one. So is an offset of 16
 * hours or more, which no zone has and PostgreSQL does not read.
 */
const RFC3339 = /^(\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-5]):[0-5]\d))$/;

const inRange = (text: string, day: string) =>
  Number(day.slice(0, 4)) >= EARLIEST_YEAR && Date.parse(text) < FIVE_DIGIT_YEARS;

const shared = createAjv();

/** By the one Ajv of the process, which compiles a schema once wherever it is asked for. */
export function compileSchema(schema: TSchema & { readonly $id?: string }): ValidateFunction {
  return (schema.$id ? shared.getSchema(schema.$id) : undefined) ?? shared.compile(schema);
}

/** The check returns what is wrong, an empty list where nothing is. */
export function compileCheck(schema: TSchema): (value: unknown) => readonly FieldProblem[] {
  const validate = compileSchema(schema);
  return (value) => {
    if (!validate(value)) return fieldProblems(validate.errors ?? []);
    const field = findUnstorable(value);
    return field === null ? [] : [{ field: field || 'body', detail: UNSTORABLE_DETAIL }];
  };
}

export const UNSTORABLE_DETAIL = 'holds a character no text may hold';
const UNSTORABLE = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** Path of the first text or key with NUL or half a surrogate pair, which PostgreSQL stores neither of; null where all is well. */
export function findUnstorable(value: unknown, path = ''): string | null {
  if (typeof value === 'string') return UNSTORABLE.test(value) ? path : null;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    if (UNSTORABLE.test(key)) return path;
    const at = findUnstorable(inner, Array.isArray(value) ? `${path}[${key}]` : path ? `${path}.${key}` : key);
    if (at !== null) return at;
  }
  return null;
}

/** Names each offending field once, by its path (`home.position.lat`, `phones[0]`), without its value. */
export function fieldProblems(found: readonly Partial<ErrorObject>[], whole = 'body'): FieldProblem[] {
  const details = new Map<string, Set<string>>();
  for (const error of found) {
    if (error.keyword === 'anyOf' || error.keyword === 'oneOf' || error.keyword === 'if') continue; // its branches say more
    const field = pathOf(error) || whole;
    details.set(field, (details.get(field) ?? new Set()).add(detailOf(error)));
    if (details.size === FIELDS_NAMED_AT_MOST) break;
  }
  if (!details.size)
    details.set(found.length ? pathOf(found[0] ?? {}) || whole : whole, new Set(['is not acceptable']));
  return [...details].map(([field, why]) => ({ field, detail: [...why].join(' or ') }));
}

function pathOf({ instancePath = '', params = {} }: Partial<ErrorObject>): string {
  const steps = instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const named = params.missingProperty ?? params.additionalProperty ?? params.unevaluatedProperty;
  if (typeof named === 'string') steps.push(named);
  return steps
    .map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step.slice(0, LONGEST_NAME)}`))
    .join('')
    .replace(/^\./, '');
}

function detailOf({ keyword, params = {}, message }: Partial<ErrorObject>): string {
  switch (keyword) {
    case 'required':
      return 'is missing';
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return 'is not a field known here';
    case 'enum':
      return `must be one of ${(params.allowedValues as readonly unknown[]).join(', ')}`;
    case 'format':
      return `must be a valid ${String(params.format)}`;
    default:
      return message ?? 'is not acceptable';
  }
}
