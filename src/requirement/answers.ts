/** Refuses answers no question of the complaint asks for, before anything is decided. */
import { type FieldProblem, Problem } from '../domain/errors.ts';
import type { ComplaintCode } from '../domain/vocabulary.ts';
import type { Protocol } from './load.ts';

/**
 * Throws a `Problem` (422 `invalid-field`) that names each answer at fault: a question the complaint does not have, or
 * an option the question does not offer. `unknown` is an option of every question; a missing answer is unknown.
 */
export function checkAnswers(
  protocol: Protocol,
  {
    code,
    answers = {},
  }: { readonly code: ComplaintCode; readonly answers?: Readonly<Record<string, string>> | undefined },
): void {
  const questions = protocol.complaints.get(code)?.questions ?? new Map();
  const problems: FieldProblem[] = [];
  for (const [name, given] of Object.entries(answers)) {
    const field = `complaint.answers.${name}`;
    const question = questions.get(name);
    if (!question) {
      problems.push({ field, detail: `is not asked for ${code}, which asks ${[...questions.keys()].join(', ')}` });
    } else if (given !== 'unknown' && !question.ranks.has(given)) {
      problems.push({ field, detail: `must be one of ${[...question.ranks.keys()].join(', ')}, unknown` });
    }
  }
  if (problems.length) throw new Problem('invalid-field', problems);
}
