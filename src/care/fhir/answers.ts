/** Answers in FHIR: what was refused as an OperationOutcome, what was filed as a response Bundle. Pure. */
import type { Bundle, BundleEntry, OperationOutcome, OperationOutcomeIssue } from '@medplum/fhirtypes';
import { type FieldProblem, Problem, type ProblemCode } from '../../domain/errors.ts';

export const FHIR_JSON = 'application/fhir+json';

const issueCodes: Partial<Readonly<Record<ProblemCode, OperationOutcomeIssue['code']>>> = {
  'bad-request': 'structure',
  unauthenticated: 'login',
  forbidden: 'forbidden',
  'not-found': 'not-found',
  'method-not-allowed': 'not-supported',
  'unsupported-media-type': 'not-supported',
  'not-acceptable': 'not-supported',
  'body-too-large': 'too-long',
  'several-residents': 'multiple-matches',
  'another-person': 'conflict',
  'too-many-requests': 'throttled',
  'database-unavailable': 'transient',
  'shutting-down': 'transient',
};

const codeOf = ({ code, status }: Pick<Problem, 'code' | 'status'>): OperationOutcomeIssue['code'] =>
  issueCodes[code] ?? (status >= 500 ? 'exception' : 'invalid');

/** One issue a field, by its FHIRPath; the same words as the problem would have. */
export function outcomeOf(problem: Problem): OperationOutcome {
  const code = codeOf(problem);
  const details = { coding: [{ system: 'urn:precision-dispatch:problem', code: problem.code }], text: problem.message };
  const issue = (field: FieldProblem): OperationOutcomeIssue => {
    const path = /^Bundle[\w.[\]]*/.exec(field.field)?.[0];
    const diagnostics = `${field.field}: ${field.detail}`;
    return { severity: 'error', code, details, diagnostics, ...(path ? { expression: [path] } : {}) };
  };
  const issues = problem.fields.map(issue);
  return {
    resourceType: 'OperationOutcome',
    issue: issues.length ? issues : [{ severity: 'error', code, details }],
  };
}

export interface EntryOutcome {
  readonly status: 200 | 201 | 202 | ProblemCode;
  readonly location: string | null;
  readonly notes: readonly string[];
  readonly problems: readonly FieldProblem[];
}

const statusTexts: Readonly<Record<number, string>> = { 200: '200 OK', 201: '201 Created', 202: '202 Accepted' };

/** @param at when it was filed, RFC 3339 */
export function responseBundle(type: 'transaction' | 'batch', entries: readonly EntryOutcome[], at: string): Bundle {
  return { resourceType: 'Bundle', type: `${type}-response`, entry: entries.map((entry) => responseEntry(entry, at)) };
}

function responseEntry({ status, location, notes, problems }: EntryOutcome, at: string): BundleEntry {
  if (typeof status === 'string') {
    const problem = new Problem(status, problems);
    return { response: { status: `${problem.status} ${problem.code}`, outcome: outcomeOf(problem) } };
  }
  const issue = notes.map(
    (text): OperationOutcomeIssue => ({
      severity: 'information',
      code: 'informational',
      diagnostics: text,
    }),
  );
  return {
    response: {
      status: statusTexts[status] as string,
      ...(location ? { location, lastModified: at } : {}),
      ...(issue.length ? { outcome: { resourceType: 'OperationOutcome', issue } } : {}),
    },
  };
}
