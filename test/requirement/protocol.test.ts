/** The shipped protocol is whole, and a broken one is refused with its place. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { capabilities, complaintCodes, hospitalCapabilities } from '../../src/domain/vocabulary.ts';
import { ProtocolError, type ProtocolTexts, parseProtocol } from '../../src/requirement/files.ts';
import { loadProtocol, protocolFrom } from '../../src/requirement/load.ts';

const protocol = loadProtocol();

t.test('every complaint has a base rule and questions, and every question matters', (t) => {
  t.same([...protocol.complaints.keys()], complaintCodes);
  for (const { code, base, questions } of protocol.complaints.values()) {
    t.equal(base.id, `${code}.base`);
    t.ok(base.adds.priority, `${code} has a base priority`);
    t.same([...questions.keys()].slice(0, 2), ['conscious', 'breathing']);
    t.ok(questions.size > 2, `${code} has questions of its own`);
    const read = new Set(
      protocol.rules
        .filter(({ when }) => !when.complaint || when.complaint.includes(code))
        .flatMap(({ when }) => Object.keys(when.answers ?? {})),
    );
    t.same(
      [...questions.keys()].filter((question) => !read.has(question)),
      [],
      `${code}: a rule reads every question`,
    );
  }
  t.end();
});

t.test('nothing stands in the files unused, nothing in the vocabulary unasked', (t) => {
  const used = <T>(of: (rule: (typeof protocol.rules)[number]) => readonly T[] | undefined) =>
    new Set(protocol.rules.flatMap((rule) => of(rule) ?? []));
  const files = parseProtocol(protocol.texts);
  const sources = used((rule) => [rule.source]);
  t.same(
    [...protocol.sources.keys()].filter((id) => !sources.has(id)),
    [],
    'sources',
  );
  const cautions = used((rule) => rule.adds.cautions);
  t.same(
    files.cautions.map(([id]) => id).filter((id) => !cautions.has(id)),
    [],
    'cautions',
  );
  const groups = used((rule) => rule.when.group);
  t.same(
    [...protocol.groups.keys()].filter((id) => !groups.has(id)),
    [],
    'groups',
  );
  const asked = used((rule) => [...(rule.adds.require ?? []), ...(rule.adds.prefer ?? [])]);
  t.same(
    capabilities.filter((capability) => !asked.has(capability)),
    [],
    'capabilities',
  );
  const hospitals = used((rule) => rule.adds.hospitals);
  t.same(
    hospitalCapabilities.filter((capability) => !hospitals.has(capability)),
    [],
    'hospital capabilities',
  );
  t.end();
});

t.test('the version names the content', (t) => {
  t.match(protocol.version, /^\d+\.\d+\.\d+\+[0-9a-f]{8}$/);
  t.equal(loadProtocol().version, protocol.version);
  const edited = protocolFrom({ ...protocol.texts, 'cautions.yaml': `${protocol.texts['cautions.yaml']}\n# edited\n` });
  t.not(edited.version, protocol.version);
  t.match(protocol.notice.en, /medical director/);
  t.end();
});

/** Replaces `from` (which must be there) in one file. */
function edit(file: string, from: string, to: string): ProtocolTexts {
  const text = protocol.texts[file];
  if (!text?.includes(from)) throw new Error(`${file} does not hold ${from}`);
  return { ...protocol.texts, [file]: text.replace(from, to) };
}

function refused(t: Test, texts: ProtocolTexts, expected: RegExp) {
  try {
    protocolFrom(texts);
    t.fail('was accepted');
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    t.match(error.message, expected);
  }
}

const literal = (words: string) => words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Line and column where `words` first stand in a file, as an editor counts them. */
function placeOf(texts: ProtocolTexts, file: string, words: string): string {
  const before = texts[file]?.split(words)[0]?.split('\n') ?? [];
  return `${file}:${before.length}:${(before.at(-1) ?? '').length + 1}`;
}

t.test('a broken protocol is refused with its place', (t) => {
  const life = 'rules/life.yaml';
  const heart = 'complaints/heart-brain-breath.yaml';
  const cases: readonly [name: string, file: string, from: string, to: string, at: string, detail: string][] = [
    ['unknown source', life, 'source: wst-292-2008', 'source: hearsay', 'source: hearsay', 'unknown source "hearsay"'],
    ['unknown caution', life, '[spine-care]', '[spin-care]', 'spin-care', 'unknown caution "spin-care"'],
    [
      'unknown question',
      life,
      '{ severity:',
      '{ severeness:',
      'severeness',
      'complaint "chest-pain" has no question "severeness"',
    ],
    ['unknown option', life, 'atLeast: severe ', 'atLeast: dreadful ', 'atLeast: dreadful', 'has no option "dreadful"'],
    [
      'unknown capability',
      life,
      'require: [transport]',
      'require: [helicopter]',
      'helicopter',
      'must be one of transport, monitoring',
    ],
    [
      'unknown complaint in a rule',
      life,
      'complaint: [unconscious]',
      'complaint: [asleep]',
      'asleep',
      'must be one of cardiac-arrest',
    ],
    [
      'unknown field',
      life,
      'source: wst-292-2008',
      'source: wst-292-2008\n  unless: {}',
      'unless',
      'unless has no place here',
    ],
    [
      'no source',
      life,
      '  source: wst-292-2008\n',
      '',
      'id: every-call.transport',
      "must have required property 'source'",
    ],
    ['priority out of range', life, 'priority: 1', 'priority: 7', 'priority: 7', 'must be one of 1, 2, 3, 4'],
    [
      'duplicate rule',
      life,
      'id: every-call.unconscious',
      'id: every-call.transport',
      '',
      'rule "every-call.transport" is defined twice',
    ],
    [
      'reserved rule name',
      life,
      'id: every-call.transport',
      'id: chest-pain.base',
      'id: chest-pain.base',
      'belong to the complaints',
    ],
    [
      'question outside its complaint',
      life,
      'complaint: [chest-pain], answers: { severity',
      'answers: { severity',
      'severity',
      'is not asked on every call',
    ],
    [
      'unknown group',
      'rules/history-others.yaml',
      'group: [dementia]',
      'group: [forgetful]',
      'forgetful',
      'unknown group "forgetful"',
    ],
    [
      'missing language',
      heart,
      'label: { zh: 心脏骤停, en: Cardiac arrest }',
      'label: { zh: 心脏骤停 }',
      'label: { zh: 心脏骤停 }',
      "must have required property 'en'",
    ],
    ['empty label', heart, 'en: Cardiac arrest', "en: ''", "en: ''", 'must NOT have fewer than 1 characters'],
    ['unknown complaint', heart, '\nunconscious:', '\nasleep:', 'asleep:', 'unknown complaint "asleep"'],
    ['missing complaint', heart, '\nunconscious:', '\nasleep:', '', 'complaint "unconscious" is missing'],
    ['key taken', heart, 'en: Not done, key: n', 'en: Not done, key: d', 'not-done', 'key "d" is taken'],
    ['unknown listed', heart, 'not-done:', 'unknown:', 'unknown:', '"unknown" is always offered'],
    ['duplicate group', 'groups/brain-and-mind.yaml', '\nepilepsy:', '\ncopd:', '', 'group "copd" is defined twice'],
    ['broken range', 'groups/brain-and-mind.yaml', 'I60-I64', 'I64-I60', 'I64-I60', '"I64-I60" is not a range'],
    ['duplicate key', 'cautions.yaml', '\npacemaker:', '\nno-nitrates:', '\nno-nitrates: ', 'must be unique'],
    ['broken YAML', 'vehicles.yaml', 'equipment: [', 'equipment: {[', '', 'vehicles.yaml:'],
    [
      'capability nobody carries',
      'vehicles.yaml',
      'equipment: [stair-chair, ',
      'equipment: [',
      'equipment: [',
      'no class and no equipment gives "stair-chair"',
    ],
    ['version', 'protocol.yaml', 'version: 1.0.0', 'version: newest', 'version: newest', 'must match pattern'],
    [
      'order of breathing',
      'protocol.yaml',
      'absent:',
      'gone:',
      'breathing',
      'options must be normal, abnormal, absent',
    ],
    [
      'a source without a year',
      'sources.yaml',
      'year: 2008, ',
      '',
      'wst-292-2008',
      "must have required property 'year'",
    ],
  ];
  for (const [name, file, from, to, at, detail] of cases) {
    t.test(name, (t) => {
      const texts = edit(file, from, to);
      const place = at && file !== 'cautions.yaml' ? placeOf(texts, file, at) : '';
      refused(t, texts, new RegExp(`^${literal(place)}.*${literal(detail)}`, 'm'));
      t.end();
    });
  }
  const { 'vehicles.yaml': _, ...without } = protocol.texts;
  refused(t, without, /vehicles\.yaml: this file is missing/);
  refused(
    t,
    Object.fromEntries(Object.entries(protocol.texts).filter(([name]) => !name.startsWith('rules/'))),
    /rules\//,
  );
  t.end();
});

t.test("a centre's own directory replaces it", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'protocol-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  const own = edit('protocol.yaml', 'version: 1.0.0', 'version: 7.0.0');
  for (const [name, text] of Object.entries(own)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  t.match(loadProtocol(dir).version, /^7\.0\.0\+/);
  t.throws(() => loadProtocol(join(dir, 'nowhere')), ProtocolError);
});
