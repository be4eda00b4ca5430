/** The protocol's YAML files: read, checked each against its schema, every entry's place kept for refusals. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Static, TSchema } from 'typebox';
import { type Path, type Placed, parseDataFile } from '../domain/data-file.ts';
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

/** What is wrong in a protocol, each with `file:line:column` where there is one. */
export class ProtocolError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ProtocolError';
    this.problems = problems;
  }
}

export type { Path, Placed } from '../domain/data-file.ts';

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
    if (text !== undefined) return parseDataFile(name, text, schema, problems);
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
