/** What refusals have in common: a problem that names the field and repeats no value, and a database that has not moved. */
import { createHash } from 'node:crypto';
import type { Test } from 'tap';
import type { Executor } from '../../src/database/pool.ts';
import { type ProblemCode, problemCodes } from '../../src/domain/errors.ts';

/** A digest of every row of every table, so that neither an insert nor an update goes unseen. */
export async function digestOf(db: Executor): Promise<Record<string, string>> {
  const { rows: tables } = await db.query<{ name: string }>({
    text: `SELECT table_name AS name FROM information_schema.tables
           WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'spatial_ref_sys' ORDER BY 1`,
  });
  const parts = tables.map(
    ({ name }) =>
      `SELECT '${name}' AS name, count(*) AS rows, string_agg(t::text, chr(10) ORDER BY t::text) AS content FROM ${name} t`,
  );
  const { rows } = await db.query<{ name: string; rows: number; content: string | null }>({
    text: parts.join(' UNION ALL '),
  });
  return Object.fromEntries(
    rows.map(({ name, rows, content }) => [
      name,
      `${rows} ${createHash('sha256')
        .update(content ?? '')
        .digest('hex')}`,
    ]),
  );
}

export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

export interface Expected {
  readonly status?: number;
  readonly code: ProblemCode;
  /** A field that has to be named, as a path. */
  readonly field?: string;
}

/** Asserts one refusal: its shape, its code, the field it names. */
export function refused(t: Test, name: string, answer: Answer, { status, code, field }: Expected): void {
  const problem = problemIn(t, name, answer);
  t.match(problem, { code, ...(status ? { status } : {}) }, `${name}: ${answer.body}`);
  if (field === undefined) return;
  const named = problem.fields?.map((each: { field: string }) => each.field) ?? [];
  t.ok(named.includes(field), `${name}: names ${field}, not ${named.join(', ')}`);
}

/** The parsed problem, whose form every refusal has. */
// biome-ignore lint/suspicious/noExplicitAny: looked into field by field
export function problemIn(t: Test, name: string, answer: Answer): any {
  t.ok(answer.statusCode >= 400 && answer.statusCode < 500, `${name}: ${answer.statusCode} ${answer.body}`);
  t.equal(answer.headers['content-type'], 'application/problem+json', name);
  const problem = JSON.parse(answer.body);
  t.ok(problemCodes.includes(problem.code), `${name}: a code of the registry`);
  t.equal(problem.status, answer.statusCode, name);
  return problem;
}

/** Every object in a JSON value, as a path that leads to it. */
export function* objectsIn(value: unknown, path: (string | number)[] = []): Generator<(string | number)[]> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield path;
  for (const [key, inner] of Object.entries(value))
    yield* objectsIn(inner, [...path, Array.isArray(value) ? Number(key) : key]);
}

/** Every text in a JSON value, as a path that leads to it. */
export function* textsIn(value: unknown, path: (string | number)[] = []): Generator<(string | number)[]> {
  if (typeof value === 'string') yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value))
    yield* textsIn(inner, [...path, Array.isArray(value) ? Number(key) : key]);
}

/** A copy in which what stands at `path` went through `change`. */
export function changed<T>(value: T, path: readonly (string | number)[], change: (old: unknown) => unknown): T {
  const [step, ...rest] = path;
  if (step === undefined) return change(value) as T;
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string | number, unknown>;
  copy[step] = changed(copy[step], rest, change);
  return copy as T;
}

/** As problems name it: `location.position.lat`, `phones[0]`. */
export const fieldName = (path: readonly (string | number)[]): string =>
  path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '') || 'body';
