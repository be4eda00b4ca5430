/** The protocol's YAML files: read, checked each against its schema, every entry's place kept for refusals. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import {
  type ComplaintEntry,
  cautionsFile,
  complaintsFile,
  type GroupEntry,
  groupsFile,
  type Label,
  protocolFile,
  type RuleEntry,
  rulesFile,
  type Source,
  sourcesFile,
  vehiclesFile,
} from './schema.ts';

export type Path = readonly (string | number)[];

/** What is wrong in a protocol, each with `file:line:column` where there is one. */
export class ProtocolError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ProtocolError';
    this.problems = problems;
  }
}

/** An entry and where it stands, so that a cross-check can say which line is wrong. */
export interface Placed<T> {
  readonly value: T;
  readonly at: (path?: Path) => string;
}

export interface ProtocolFiles {
  readonly head: Placed<Static<typeof protocolFile>>;
  readonly vehicles: Placed<Static<typeof vehiclesFile>>;
  readonly sources: readonly (readonly [id: string, Placed<Source>])[];
  readonly cautions: readonly (readonly [id: string, Placed<Static<typeof Label>>])[];
  readonly groups: readonly (readonly [id: string, Placed<GroupEntry>])[];
  readonly complaints: readonly (readonly [code: string, Placed<ComplaintEntry>])[];
  readonly rules: readonly Placed<RuleEntry>[];
  readonly texts: ProtocolTexts;
  /** First eight hexadecimal digits of SHA-256 over the files' names and texts. */
  readonly hash: string;
}

/** The place of the entry at `path`, or of the nearest one that encloses it. */
function placeOf(document: Document, path: Path, lines: LineCounter): { line: number; col: number } {
  const resolve = (node: unknown) => (isAlias(node) ? node.resolve(document) : node);
  let offset = isNode(document.contents) ? (document.contents.range?.[0] ?? 0) : 0;
  let node: unknown = resolve(document.contents);
  for (const step of path) {
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (isNode(pair?.key)) offset = pair.key.range?.[0] ?? offset;
      next = pair?.value;
    } else if (isSeq(node)) {
      next = node.items[Number(step)];
      if (isNode(next)) offset = next.range?.[0] ?? offset;
    }
    if (next === undefined || next === null) break;
    node = resolve(next);
  }
  return lines.linePos(offset);
}

const steps = (pointer: string) =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

function parseOne<T extends TSchema>(
  name: string,
  text: string,
  schema: T,
  problems: string[],
): Placed<Static<T>> | null {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const at = (path: Path = []) => {
    const { line, col } = placeOf(document, path, lines);
    return `${name}:${line}:${col}`;
  };
  const before = problems.length;
  for (const error of document.errors) {
    const place = lines.linePos(error.pos[0]);
    problems.push(`${name}:${place.line}:${place.col}: ${error.message.split('\n')[0]}`);
  }
  if (problems.length > before) return null;
  const value: unknown = document.toJS({ maxAliasCount: 10_000 });
  const validator = Compile(schema);
  if (validator.Check(value)) return { value: value as Static<T>, at };
  for (const error of validator.Errors(value)) {
    // An unknown field is reported twice, on itself ("schema is false") and on its parent: once is enough.
    if (error.keyword === 'additionalProperties') continue;
    const path = steps(error.instancePath);
    const detail =
      error.keyword === 'boolean'
        ? 'has no place here'
        : error.keyword === 'enum'
          ? `must be one of ${error.params.allowedValues.join(', ')}`
          : error.message;
    problems.push(`${at(path)}: ${path.length ? path.join('.') : 'the file'} ${detail}`);
  }
  return null;
}

/** File name, with `/` between folder and name → its text. */
export type ProtocolTexts = Readonly<Record<string, string>>;

/** Reads every `.yaml` in `dir` and its folders `complaints`, `groups` and `rules`. Throws `ProtocolError` without `dir`. */
export function readProtocolTexts(dir: string): ProtocolTexts {
  let found: string[];
  try {
    found = readdirSync(dir, { recursive: true, encoding: 'utf8' });
  } catch {
    throw new ProtocolError(['the protocol directory cannot be read']);
  }
  const names = found.map((name) => name.replaceAll('\\', '/')).filter((name) => name.endsWith('.yaml'));
  return Object.fromEntries(
    names.sort().map((name) => [name, readFileSync(join(dir, name), 'utf8').replaceAll('\r\n', '\n')]),
  );
}

/** Parses texts as read. Throws `ProtocolError` naming each place that is not as the schema says. */
export function parseProtocol(texts: ProtocolTexts): ProtocolFiles {
  const problems: string[] = [];
  const one = <T extends TSchema>(name: string, schema: T) => {
    const text = texts[name];
    if (text !== undefined) return parseOne(name, text, schema, problems);
    problems.push(`${name}: this file is missing`);
    return null;
  };
  const all = <T extends TSchema>(folder: string, schema: T) => {
    // Sorted, because a database may give the names back in another order and the words of a reason hang on it.
    const names = Object.keys(texts)
      .filter((name) => name.startsWith(`${folder}/`))
      .sort();
    if (names.length === 0) problems.push(`${folder}/: there is no .yaml file here`);
    return names.map((name) => one(name, schema)).filter((file) => file !== null);
  };
  const entries = <T>(file: Placed<Record<string, T>>) =>
    Object.entries(file.value).map(
      ([id, value]) => [id, { value, at: (path: Path = []) => file.at([id, ...path]) }] as const,
    );

  const head = one('protocol.yaml', protocolFile);
  const vehicles = one('vehicles.yaml', vehiclesFile);
  const sources = one('sources.yaml', sourcesFile);
  const cautions = one('cautions.yaml', cautionsFile);
  const groups = all('groups', groupsFile).flatMap((file) => entries<GroupEntry>(file));
  const complaints = all('complaints', complaintsFile).flatMap((file) => entries<ComplaintEntry>(file));
  const rules = all('rules', rulesFile).flatMap((file) =>
    file.value.map((value, index) => ({ value, at: (path: Path = []) => file.at([index, ...path]) })),
  );
  if (!head || !vehicles || !sources || !cautions || problems.length) throw new ProtocolError(problems);

  const hash = createHash('sha256');
  for (const name of Object.keys(texts).sort()) hash.update(`${name}\0${texts[name]}\0`);
  return {
    head,
    vehicles,
    sources: entries(sources),
    cautions: entries(cautions),
    groups,
    complaints,
    rules,
    texts,
    hash: hash.digest('hex').slice(0, 8),
  };
}
