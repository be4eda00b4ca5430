/** A YAML file a centre may replace: parsed, checked against its schema, each entry's place kept for refusals. Pure. */
import type { Static, TSchema } from 'typebox';
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { compileSchema } from './check.ts';

export type Path = readonly (string | number)[];

/** An entry and where it stands, so that a cross-check can say which line is wrong. */
export interface Placed<T> {
  readonly value: T;
  readonly at: (path?: Path) => string;
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

/** What is wrong goes to `problems`, each with `name:line:column`; `null` where anything is. */
export function parseDataFile<T extends TSchema>(
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
  const validate = compileSchema(schema);
  if (validate(value)) return { value: value as Static<T>, at };
  for (const { keyword, instancePath, params, message } of validate.errors ?? []) {
    const unknown = keyword === 'additionalProperties';
    const path = unknown ? [...steps(instancePath), params.additionalProperty] : steps(instancePath);
    const detail = unknown
      ? 'has no place here'
      : keyword === 'enum'
        ? `must be one of ${params.allowedValues.join(', ')}`
        : message;
    problems.push(`${at(path)}: ${path.length ? path.join('.') : 'the file'} ${detail}`);
  }
  return null;
}
