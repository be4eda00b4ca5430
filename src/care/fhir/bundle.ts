/** A Bundle as it comes in: its entries, what each asks for, and what its references point to. Pure. */
import type { FieldProblem } from '../../domain/errors.ts';
import { FHIR_ID } from './ids.ts';
import { r4Types } from './resource-types.ts';

export type Json = Readonly<Record<string, unknown>>;

/** A Bundle of this many entries is the largest taken; a lifetime of one patient stays far below. */
export const ENTRIES_AT_MOST = 10_000;
const DEEPEST = 64;

/** Notes what is wrong, by its place in the Bundle. */
export type Refuse = (field: string, detail: string) => void;

export interface Entry {
  readonly index: number;
  readonly fullUrl: string | null;
  readonly method: 'POST' | 'PUT';
  /** The id a PUT asks for. */
  readonly id: string | null;
  /** What a conditional create or update looks for: `identifier=system|value`. */
  readonly condition: string | null;
  readonly resource: Json & { readonly resourceType: string };
  /** FHIRPath of the resource: `Bundle.entry[3].resource`. */
  readonly at: string;
}

export interface ReadBundle {
  readonly type: 'transaction' | 'batch';
  /** What was wrong stands at its index; such entries are not among the read ones. */
  readonly entries: readonly Entry[];
  readonly size: number;
  readonly problems: readonly IndexedProblem[];
}

/** `index` null: the Bundle as a whole. */
export interface IndexedProblem extends FieldProblem {
  readonly index: number | null;
}

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const arrayOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Reads the frame; the resources' own contents are judged by who files them. */
export function readBundle(body: unknown): ReadBundle {
  const problems: IndexedProblem[] = [];
  const whole = (field: string, detail: string) => void problems.push({ index: null, field, detail });
  const empty = { type: 'transaction', entries: [], size: 0, problems } as const;
  if (!isObject(body) || body.resourceType !== 'Bundle') {
    whole('Bundle', 'the body has to be a Bundle');
    return empty;
  }
  if (body.implicitRules !== undefined) whole('Bundle.implicitRules', 'rules not known here cannot be followed');
  const { type, entry } = body;
  if (type !== 'transaction' && type !== 'batch') {
    whole('Bundle.type', 'has to be transaction or batch');
    return empty;
  }
  if (!Array.isArray(entry) || entry.length === 0) {
    whole('Bundle.entry', 'has no entry');
    return empty;
  }
  if (entry.length > ENTRIES_AT_MOST) {
    whole('Bundle.entry', `has more than ${ENTRIES_AT_MOST} entries`);
    return empty;
  }
  const entries: Entry[] = [];
  const urls = new Map<string, number>();
  for (const [index, given] of entry.entries()) {
    const before = problems.length;
    const refuse: Refuse = (field, detail) => void problems.push({ index, field, detail });
    const read = readEntry(given, index, refuse);
    if (!read || problems.length > before) continue;
    if (read.fullUrl !== null && urls.has(read.fullUrl))
      refuse(`Bundle.entry[${index}].fullUrl`, `is the same as that of entry[${urls.get(read.fullUrl)}]`);
    else entries.push(read);
    if (read.fullUrl !== null) urls.set(read.fullUrl, index);
  }
  return { type, entries, size: entry.length, problems };
}

function readEntry(given: unknown, index: number, refuse: Refuse): Entry | null {
  const place = `Bundle.entry[${index}]`;
  const at = `${place}.resource`;
  if (!isObject(given)) {
    refuse(place, 'is not an entry');
    return null;
  }
  const { request, resource, fullUrl } = given;
  if (!isObject(request)) {
    refuse(`${place}.request`, 'is missing');
    return null;
  }
  const { method, url } = request;
  if (method !== 'POST' && method !== 'PUT') {
    refuse(`${place}.request.method`, 'only POST and PUT are taken here');
    return null;
  }
  if (!isObject(resource) || typeof resource.resourceType !== 'string') {
    refuse(at, 'is missing');
    return null;
  }
  const { resourceType } = resource;
  if (!r4Types.has(resourceType)) refuse(`${at}.resourceType`, 'is no resource type of FHIR R4');
  if (depthBeyond(resource, DEEPEST)) {
    refuse(at, `is nested deeper than ${DEEPEST}`);
    return null;
  }
  if (fullUrl !== undefined && typeof fullUrl !== 'string') refuse(`${place}.fullUrl`, 'is not a URL');
  if (resource.implicitRules !== undefined) refuse(`${at}.implicitRules`, 'rules not known here cannot be followed');
  if (arrayOf(resource.modifierExtension).length > 0)
    refuse(`${at}.modifierExtension`, 'may change what the resource means, and is not known here');
  const asked = askedFor(method, url, request.ifNoneExist, resourceType);
  if (!asked) {
    refuse(`${place}.request.url`, 'does not fit method and resource');
    return null;
  }
  return {
    index,
    fullUrl: typeof fullUrl === 'string' ? fullUrl : null,
    method,
    ...asked,
    resource: resource as Entry['resource'],
    at,
  };
}

function askedFor(method: 'POST' | 'PUT', url: unknown, ifNoneExist: unknown, type: string) {
  if (typeof url !== 'string') return null;
  if (method === 'POST')
    return url === type ? { id: null, condition: typeof ifNoneExist === 'string' ? ifNoneExist : null } : null;
  const [path = '', query] = url.split('?', 2);
  if (path === type && query) return { id: null, condition: query };
  const id = path.startsWith(`${type}/`) ? path.slice(type.length + 1) : '';
  return FHIR_ID.test(id) && query === undefined ? { id, condition: null } : null;
}

/** Without recursion: what is measured here may be nested a million deep. */
function depthBeyond(value: unknown, most: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > most) return true;
    level = level.flatMap((each) =>
      typeof each === 'object' && each !== null
        ? Object.values(each).filter((inner) => typeof inner === 'object' && inner !== null)
        : [],
    );
  }
  return false;
}

/** What a reference points to. */
export type Target =
  | { readonly in: 'bundle'; readonly entry: Entry }
  | { readonly in: 'contained'; readonly resource: Json }
  | { readonly in: 'server'; readonly type: string; readonly id: string }
  | { readonly in: 'search'; readonly type: string; readonly query: string }
  | { readonly in: 'nowhere' };

export type Resolve = (reference: string, from: Entry) => Target;

/** Resolves by FHIR R4, 2.36.4: fullUrl first, then the id a resource of the Bundle carries, then what is on this server. */
export function resolverOf(entries: readonly Entry[]): Resolve {
  const byUrl = new Map<string, Entry>();
  const byId = new Map<string, Entry>();
  for (const entry of entries) {
    const { resourceType, id } = entry.resource;
    if (entry.fullUrl !== null) byUrl.set(entry.fullUrl, entry);
    const named = entry.id ?? (typeof id === 'string' ? id : null);
    if (named !== null && !byId.has(`${resourceType}/${named}`)) byId.set(`${resourceType}/${named}`, entry);
  }
  return (reference, from) => {
    if (reference.startsWith('#')) {
      const resource = arrayOf(from.resource.contained).find((each) => isObject(each) && `#${each.id}` === reference);
      return resource ? { in: 'contained', resource: resource as Json } : { in: 'nowhere' };
    }
    const entry = byUrl.get(reference) ?? byId.get(reference);
    if (entry) return { in: 'bundle', entry };
    const search = /^([A-Za-z]+)\?(.+)$/.exec(reference);
    if (search) return { in: 'search', type: search[1] as string, query: search[2] as string };
    const literal = /^([A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/.exec(reference);
    return literal && r4Types.has(literal[1] as string)
      ? { in: 'server', type: literal[1] as string, id: literal[2] as string }
      : { in: 'nowhere' };
  };
}

/** `identifier=system|value` of a conditional request or reference; null for any other search. */
export function identifierSearch(query: string): { readonly system: string; readonly value: string } | null {
  const parameters = [...new URLSearchParams(query)];
  const [name, token = ''] = parameters[0] ?? [];
  const bar = token.indexOf('|');
  if (parameters.length !== 1 || name !== 'identifier' || bar < 1 || bar === token.length - 1) return null;
  return { system: token.slice(0, bar), value: token.slice(bar + 1) };
}

/** Every reference of a resource that points nowhere, by its place. */
export function danglingReferences(entry: Entry, resolve: Resolve): readonly FieldProblem[] {
  const found: FieldProblem[] = [];
  const waiting: [value: unknown, at: string][] = [[entry.resource, entry.at]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [value, at] = next;
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      const field = Array.isArray(value) ? `${at}[${key}]` : `${at}.${key}`;
      if (key === 'reference' && typeof inner === 'string' && !Array.isArray(value)) {
        // A URL of another server is its own business; a temporary id or a fragment has to be here.
        const mustBeHere = /^(?:urn:|#)/.test(inner) || !inner.includes('://');
        if (mustBeHere && resolve(inner, entry).in === 'nowhere') found.push({ field, detail: 'points to nothing' });
      } else waiting.push([inner, field]);
    }
  }
  return found;
}
