/** Where they are likeliest to be, for a call as it stands now: a short list, and a surface for the map. */
import { findCall } from '../calls/store.ts';
import type { Deps } from '../deps.ts';
import { Problem } from '../domain/errors.ts';
import { answerContext } from '../locate/answer-store.ts';
import type { EvidenceView, LikelyPlaces } from '../locate/schema.ts';
import { type Surface, surfaceOf } from '../locate/surface.ts';
import { listRequests } from '../locate/view-store.ts';
import { recordRead } from '../residents/access.ts';
import { gatherSearch } from './locate-facts.ts';
import { type AnswerRecord, refuseOtherCrews } from './read-locate.ts';
import type { Actor } from './receive-call.ts';

export interface LikelyPlacesAnswer extends LikelyPlaces {
  readonly evidence: EvidenceView[];
  readonly surface: Surface;
}

/** What was looked at in vain since counts against its door. Throws `not-found`, and `forbidden` to others' crews and centres. */
export async function likelyPlaces(deps: Deps, callId: string, actor: Actor): Promise<LikelyPlacesAnswer> {
  const row = await findCall(deps.db, callId);
  if (!row) throw new Problem('not-found');
  await refuseOtherCrews(deps, actor, callId);
  const centreId = actor.role === 'centre' ? actor.subject : null;
  const requests = await listRequests(deps.db, { callId, status: null, centreId, atMost: 20 });
  if (centreId !== null && requests.length === 0) throw new Problem('forbidden');
  const now = deps.clock.now();
  const searched = new Map<string, number>();
  for (const answer of requests.flatMap(({ answers }) => answers)) {
    if (answer.found) continue;
    const { dwellingId } = deps.seal.open<AnswerRecord>(
      Buffer.from(answer.sealed, 'base64'),
      answerContext(answer.answerId),
    );
    if (dwellingId !== null) searched.set(dwellingId, (searched.get(dwellingId) ?? 0) + 1);
  }
  const facts = await gatherSearch(deps, row, { reason: requests[0]?.reason ?? null, searched }, now);
  const { historiesRead: residentIds } = facts;
  await recordRead(deps.db, { at: now, ...actor, residentIds, callId, purpose: 'locate' });
  return {
    ...facts.likelyPlaces,
    evidence: [...facts.evidence],
    surface: surfaceOf(facts.all, facts.likelyPlaces.elsewhere, facts.fixes),
  };
}
