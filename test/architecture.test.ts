/** The folder rules of the source tree, read from its import statements. Import cycles are the linter's (`biome.json`). */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const root = fileURLToPath(new URL('..', import.meta.url));
const MODULES = ['residents', 'requirement', 'fleet', 'calls', 'locate', 'care', 'planning'];

interface Import {
  readonly from: string;
  /** A path inside `src/`, or a package. */
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Comments may speak of what code may not do. */
function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
}

export function importsOf(file: string, source: string): Import[] {
  const code = withoutComments(source);
  const statements = code.matchAll(
    /^(?:import|export)\s+(type\s)?([^;'"]*?)\s*from\s*'([^']+)'|^import\s*'([^']+)'|\bimport\('([^']+)'\)/gm,
  );
  return [...statements].map(([, type, names = '', named, bare, dynamic]) => {
    const target = named ?? bare ?? dynamic ?? '';
    const braces = names.match(/^\{([\s\S]*)\}$/)?.[1];
    const allTypes = (braces ?? 'value').split(',').every((name) => name.trim() === '' || /^type\s/.test(name.trim()));
    return {
      from: file,
      to: target.startsWith('.') ? posix.join(dirname(file), target) : target,
      typeOnly: type !== undefined || allTypes,
    };
  });
}

const files = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name))
  .sort();
const sources = new Map(files.map((file) => [file, readFileSync(`${root}src/${file}`, 'utf8')]));
const imports = [...sources].flatMap(([file, source]) => importsOf(file, source));

const folderOf = (path: string) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '');
const isOwn = (path: string) => /\.tsx?$/.test(path) && !path.startsWith('node:');
const isModule = (path: string) => MODULES.includes(folderOf(path));

/** Pure by place: decisions, matching, ranking, and all of requirement/ but the files that read it from somewhere. */
const isPure = (file: string) =>
  folderOf(file) === 'domain' ||
  /(?:^|\/)(?:decide|rank|schema)\.ts$/.test(file) ||
  file.startsWith('residents/match/') ||
  (file.startsWith('requirement/') && !/\/(?:load|files|store)\.ts$/.test(file));

interface Rule {
  readonly name: string;
  /** An import that would break it: proof that the rule sees something. */
  readonly example: readonly [from: string, to: string];
  readonly breaks: (one: Import) => boolean;
}

const rules: Rule[] = [
  {
    name: 'domain/ imports nothing of ours but domain/',
    example: ['domain/a.ts', 'calls/schema.ts'],
    breaks: ({ from, to }) => folderOf(from) === 'domain' && isOwn(to) && folderOf(to) !== 'domain',
  },
  {
    name: 'only operations/ and what stands above it joins modules; words (types) may be shared, stores never',
    example: ['calls/store.ts', 'residents/store.ts'],
    breaks: ({ from, to, typeOnly }) =>
      isModule(from) && isModule(to) && folderOf(from) !== folderOf(to) && (!typeOnly || to.endsWith('/store.ts')),
  },
  {
    name: 'modules import nothing from above',
    example: ['calls/store.ts', 'operations/receive-call.ts'],
    breaks: ({ from, to, typeOnly }) =>
      isModule(from) && isOwn(to) && !typeOnly && ![...MODULES, 'domain', 'database'].includes(folderOf(to)),
  },
  {
    name: 'pure files do no I/O and know no database',
    example: ['requirement/decide.ts', 'node:fs/promises'],
    breaks: ({ from, to, typeOnly }) =>
      isPure(from) &&
      !typeOnly &&
      (/^node:(?!crypto$|util$|assert)/.test(to) ||
        ['pg', 'bullmq', 'ioredis', 'fastify'].includes(to) ||
        folderOf(to) === 'database'),
  },
  {
    name: 'database/ knows no module, no route, no operation',
    example: ['database/pool.ts', 'calls/store.ts'],
    breaks: ({ from, to }) =>
      folderOf(from) === 'database' && isOwn(to) && !['database', 'domain', ''].includes(folderOf(to)),
  },
  {
    name: 'operations/ imports no edge',
    example: ['operations/receive-call.ts', 'http/problems.ts'],
    breaks: ({ from, to }) =>
      folderOf(from) === 'operations' && ['http', 'live', 'jobs', 'cli', 'demo', 'console'].includes(folderOf(to)),
  },
  {
    name: 'jobs/ imports no route, http/ no worker',
    example: ['http/call-routes.ts', 'jobs/queues.ts'],
    breaks: ({ from, to }) =>
      (folderOf(from) === 'jobs' && ['http', 'live'].includes(folderOf(to))) ||
      (folderOf(from) === 'http' && folderOf(to) === 'jobs'),
  },
  {
    name: 'console/ runs elsewhere: of the service it takes types, and the service takes nothing of it',
    example: ['console/main.tsx', 'domain/vocabulary.ts'],
    breaks: ({ from, to, typeOnly }) =>
      (folderOf(from) === 'console') !== (folderOf(to) === 'console') &&
      (folderOf(to) === 'console' || (isOwn(to) && !typeOnly)),
  },
  {
    name: 'a page of the console knows no other page',
    example: ['console/pages/crew/page.tsx', 'console/pages/centre/list.tsx'],
    breaks: ({ from, to }) => {
      const pageOf = (path: string) => /^console\/pages\/([^/]+)\//.exec(path)?.[1];
      return pageOf(to) !== undefined && pageOf(from) !== pageOf(to);
    },
  },
  {
    name: 'nothing imports main, app or service but the ones above them',
    example: ['http/call-routes.ts', 'app.ts'],
    breaks: ({ from, to }) => {
      const order = ['app.ts', 'service.ts', 'main.ts'];
      return order.includes(to) && order.indexOf(from) <= order.indexOf(to);
    },
  },
];

t.test('the reader of imports sees every form', async (t) => {
  const source = `import a from './a.ts';
import type { B } from '../domain/b.ts';
import { type C, type D } from './c.ts';
import {
  type E,
  f,
} from 'pkg';
import 'side';
// import no from './no.ts';
export { g } from './g.ts';
const h = await import('node:fs');`;
  t.strictSame(
    importsOf('calls/x.ts', source).map(({ to, typeOnly }) => [to, typeOnly]),
    [
      ['calls/a.ts', false],
      ['domain/b.ts', true],
      ['calls/c.ts', true],
      ['pkg', false],
      ['side', false],
      ['calls/g.ts', false],
      ['node:fs', false],
    ],
  );
});

for (const rule of rules) {
  t.test(rule.name, async (t) => {
    const [from, to] = rule.example;
    t.ok(rule.breaks({ from, to, typeOnly: false }));
    t.strictSame(
      imports.filter(rule.breaks).map(({ from, to }) => `${from} imports ${to}`),
      [],
    );
  });
}

t.test('decisions read no clock and throw no dice', async (t) => {
  const offenders = [...sources].filter(
    ([file, source]) =>
      isPure(file) && /\bDate\.now\b|\bMath\.random\b|new Date\(\)|\brandomUUID\b/.test(withoutComments(source)),
  );
  t.strictSame(
    offenders.map(([file]) => file),
    [],
  );
});

t.test('the service needs no development package', async (t) => {
  const { dependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  const packages = imports
    .filter(({ to, typeOnly }) => !typeOnly && !isOwn(to) && !to.startsWith('node:'))
    // The console is built before, and what builds it is not there in production.
    .filter(({ from }) => folderOf(from) !== 'console' && from !== 'cli/build-console.ts')
    .map(({ from, to }) => ({ from, name: to.match(/^(?:@[^/]+\/)?[^/]+/)?.[0] ?? to }));
  t.ok(packages.length > 0);
  t.strictSame(
    packages.filter(({ name }) => !(name in dependencies)).map(({ from, name }) => `${from} imports ${name}`),
    [],
  );
});
