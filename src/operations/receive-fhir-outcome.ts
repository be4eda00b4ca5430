/** An outcome that comes as a Bundle: read, and received by the same way as one in JSON. */
import type { EntryOutcome } from '../care/fhir/answers.ts';
import { isObject, readBundle } from '../care/fhir/bundle.ts';
import { readOutcome } from '../care/fhir/read-outcome.ts';
import { LooseOutcomeInput } from '../care/schema.ts';
import type { Deps } from '../deps.ts';
import { compileCheck } from '../domain/check.ts';
import { Problem } from '../domain/errors.ts';
import { groupsIn } from './file-fhir-bundle.ts';
import type { Actor } from './receive-call.ts';
import { receiveOutcome } from './receive-outcome.ts';

const check = compileCheck(LooseOutcomeInput);
const NAMED_AT_MOST = 50;

/** Throws a `Problem` whose fields are places in the Bundle; nothing is stored then. */
export async function receiveOutcomeBundle(
  deps: Deps,
  body: unknown,
  actor: Actor,
  idempotencyKey: string | null,
): Promise<readonly EntryOutcome[]> {
  const bundle = readBundle(body);
  const whole = bundle.problems.filter(({ index }) => index === null);
  const unindexed = (problems: typeof bundle.problems) =>
    problems.slice(0, NAMED_AT_MOST).map(({ field, detail }) => ({ field, detail }));
  if (whole.length || !isObject(body)) throw new Problem('bad-request', unindexed(whole));
  if (bundle.type !== 'transaction')
    throw new Problem('invalid-field', [{ field: 'Bundle.type', detail: 'an outcome is received whole: transaction' }]);
  const { outcome, encounter, notes, problems } = readOutcome(bundle, body, groupsIn(deps));
  if (problems.length) throw new Problem('invalid-field', unindexed(problems));

  const place = `Bundle.entry[${encounter}].resource`;
  const placed = (fields: Problem['fields']) =>
    fields.map(({ field, detail }) => ({ field: `${place} (${field})`, detail }));
  const wrong = check(outcome);
  if (wrong.length) throw new Problem('invalid-field', placed(wrong));
  if (actor.role === 'admin' && outcome.hospitalId === undefined)
    throw new Problem('invalid-field', placed([{ field: 'serviceProvider', detail: 'has to say which hospital' }]));
  const received = await receiveOutcome(deps, outcome, actor, { idempotencyKey, source: 'fhir' }).catch(
    (error: unknown) => {
      if (!(error instanceof Problem)) throw error;
      throw new Problem(error.code, error.fields.length ? placed(error.fields) : [], { cause: error });
    },
  );
  const { state, reason, callId, residentId, outcomeId, repeated } = received;
  const status = repeated ? 200 : 201;
  return Array.from({ length: bundle.size }, (_, index): EntryOutcome => {
    const note = notes.get(index);
    const own = { problems: [], location: null };
    if (note) return { ...own, status: 200, notes: [note] };
    if (index !== encounter) return { ...own, status, notes: [] };
    return state === 'unmatched'
      ? { ...own, status: 202, notes: [`outcome ${outcomeId} is kept and waits for a person: ${reason}`] }
      : { ...own, status, location: residentId ? `Encounter/${callId}` : null, notes: [`outcome ${outcomeId}`] };
  });
}
