/** Whether a resource is what a search asks for: tokens, references and dates as FHIR R4 (3.1.1.4) lays them side by side. Pure. */
import type { Resource } from '@medplum/fhirtypes';

export type Kind = 'token' | 'date' | 'reference';

/** A parameter's kind and the elements it looks at. */
export interface Parameter {
  readonly type: Kind;
  readonly paths: readonly string[];
}

/** One parameter of a request; values beside one another are alternatives. */
export interface Filter {
  readonly name: string;
  readonly parameter: Parameter;
  readonly values: readonly string[];
}

/** Whether a resource is what was asked for: every parameter has to fit, by one of its values. */
export const isAskedFor = (resource: Resource, filters: readonly Filter[]): boolean =>
  filters.every(({ parameter, values }) => {
    const elements = parameter.paths.flatMap((path) => elementsAt(resource, path.split('.')));
    return values.some((value) => elements.some((element) => fits[parameter.type](element, value)));
  });

function elementsAt(from: unknown, [first, ...rest]: readonly string[]): unknown[] {
  if (from === null || from === undefined) return [];
  if (Array.isArray(from)) return from.flatMap((each) => elementsAt(each, first === undefined ? [] : [first, ...rest]));
  if (first === undefined) return [from];
  return typeof from === 'object' ? elementsAt((from as Record<string, unknown>)[first], rest) : [];
}

const fits: Readonly<Record<Kind, (element: unknown, value: string) => boolean>> = {
  token(element, value) {
    const bar = value.indexOf('|');
    const [system, code] = bar < 0 ? [null, value] : [value.slice(0, bar), value.slice(bar + 1)];
    if (typeof element !== 'object' || element === null) return String(element) === code;
    const { coding, ...one } = element as { coding?: readonly Coding[] } & Coding;
    return (coding ?? [one]).some((each) => {
      const isOfSystem = system === null || (each.system ?? '') === system;
      return isOfSystem && (code === '' || (each.code ?? each.value) === code);
    });
  },
  reference(element, value) {
    const { reference: named = '' } = element as { readonly reference?: string };
    return named === value || value.endsWith(`/${named}`) || (!value.includes('/') && named.endsWith(`/${value}`));
  },
  date(element, value) {
    const asked = rangeAsked(value);
    const [low, high] = rangeOf(element);
    if (!asked) return false;
    const isWithin = low >= asked.low && high <= asked.high;
    switch (asked.prefix) {
      case 'eq':
        return isWithin;
      case 'ne':
        return !isWithin;
      case 'lt':
        return low < asked.low;
      case 'gt':
        return high > asked.high;
      case 'le':
        return isWithin || low < asked.low;
      case 'ge':
        return isWithin || high > asked.high;
      default:
        return asked.prefix satisfies never;
    }
  },
};
interface Coding {
  readonly system?: string;
  readonly code?: string;
  readonly value?: string;
}

type Prefix = 'eq' | 'ne' | 'lt' | 'gt' | 'le' | 'ge';
/** `null` for what is no date, and for prefixes that are not looked at. */
export function rangeAsked(value: string): { prefix: Prefix; low: number; high: number } | null {
  const [, prefix = 'eq', at = ''] = /^(eq|ne|lt|gt|le|ge)?(\d.*)$/.exec(value) ?? [];
  const [low, high] = rangeOf(at);
  return Number.isNaN(low) ? null : { prefix: prefix as Prefix, low, high };
}

const DATE = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d:\d\d)(:\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;
/** First and last millisecond of a FHIR date, dateTime or Period; an open end has none. A day without a zone is a day here. */
function rangeOf(element: unknown): readonly [low: number, high: number] {
  if (typeof element === 'object' && element !== null) {
    const { start, end } = element as { readonly start?: string; readonly end?: string };
    return [start === undefined ? -Infinity : rangeOf(start)[0], end === undefined ? Infinity : rangeOf(end)[1]];
  }
  const parts = DATE.exec(String(element));
  if (!parts) return [Number.NaN, Number.NaN];
  const [, year, month, day, minute, seconds, zone = HERE] = parts as unknown as [
    string,
    string,
    ...(string | undefined)[],
  ];
  const low = Date.parse(`${year}-${month ?? '01'}-${day ?? '01'}T${minute ?? '00:00'}${seconds ?? ':00'}${zone}`);
  if (seconds !== undefined) return [low, low + (seconds.includes('.') ? 0 : 999)];
  if (minute !== undefined) return [low, low + 59_999];
  if (day !== undefined) return [low, low + DAY_MS - 1];
  const next =
    month === undefined
      ? [Number(year) + 1, 1]
      : [Number(year) + Math.floor(Number(month) / 12), (Number(month) % 12) + 1];
  return [
    low,
    Date.parse(`${String(next[0]).padStart(4, '0')}-${String(next[1]).padStart(2, '0')}-01T00:00:00${HERE}`) - 1,
  ];
}
const HERE = '+08:00';
const DAY_MS = 86_400_000;
