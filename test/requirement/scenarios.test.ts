/** Concrete calls and what a dispatcher would expect of each, read from `scenarios.yaml` beside this file. */
import { readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import type { Coded } from '../../src/domain/coded.ts';
import type { ComplaintCode } from '../../src/domain/vocabulary.ts';
import { checkAnswers } from '../../src/requirement/answers.ts';
import { decide, unknownPatient } from '../../src/requirement/decide.ts';
import type { Decision, PatientFacts } from '../../src/requirement/facts.ts';
import { loadProtocol } from '../../src/requirement/load.ts';

const protocol = loadProtocol();

const lists = ['conditions', 'allergies', 'medications', 'implants', 'directives'] as const;
const parts = ['required', 'preferred', 'hospitals', 'cautions'] as const;
type Lists = { readonly [list in (typeof lists)[number]]?: readonly string[] };

interface Scenario {
  readonly name: string;
  readonly call: { readonly complaint: ComplaintCode; readonly answers?: Record<string, string> };
  readonly patients?: readonly (Omit<Partial<PatientFacts>, keyof Lists> & Lists)[];
  readonly expect: { readonly [part in (typeof parts)[number]]?: readonly string[] } & {
    readonly priority?: number;
    readonly vehicle?: string;
    /** Words that must appear nowhere in the requirement. */
    readonly without?: readonly string[];
  };
}

const scenarios = parse(readFileSync(new URL('scenarios.yaml', import.meta.url), 'utf8')) as Scenario[];

/** `icd-10 I21.9 resolved` or `text 青霉素过敏` → a coded entry. */
function coded(written: string): Coded {
  const [, system, code, status] = /^(\S+) (.+?)(?: (resolved))?$/.exec(written) ?? [];
  return { system, code, ...(status && { status }) } as Coded;
}

function patientOf(given: NonNullable<Scenario['patients']>[number]): PatientFacts {
  const filed = Object.fromEntries(lists.map((list) => [list, (given[list] ?? []).map(coded)]));
  return { ...unknownPatient, ...given, ...filed } as PatientFacts;
}

t.ok(scenarios.length >= 40, `${scenarios.length} scenarios`);
for (const { name, call, patients = [], expect } of scenarios) {
  t.test(name, (t) => {
    const { complaint: code, answers } = call;
    const given =
      answers && Object.keys(answers).length === 0 ? {} : { conscious: 'yes', breathing: 'normal', ...answers };
    t.doesNotThrow(() => checkAnswers(protocol, { code, answers: given }), 'answers fit the questions');
    meets(t, decide(protocol, { complaint: { code, answers: given }, patients: patients.map(patientOf) }), expect);
    t.end();
  });
}

function meets(t: Test, { requirement, vehicleType }: Decision, expected: Scenario['expect']) {
  if (expected.priority) t.equal(requirement.priority, expected.priority, 'priority');
  if (expected.vehicle) t.equal(vehicleType, expected.vehicle, 'vehicle');
  const cautions = requirement.cautions.map((caution) => caution.code);
  const has: Record<(typeof parts)[number], readonly string[]> = { ...requirement, cautions };
  for (const part of parts) {
    for (const word of expected[part] ?? []) t.ok(has[part].includes(word), `${part}: ${word} among ${has[part]}`);
  }
  for (const word of expected.without ?? [])
    t.notOk(
      parts.some((part) => has[part].includes(word)),
      `no ${word}`,
    );
}
