/** What is known of where somebody is, sealed with the search: gathered once it is routed, by its raiser or by whoever reads it first. */
import { type CallRow, findCall } from '../calls/store.ts';
import type { Deps } from '../deps.ts';
import { Problem } from '../domain/errors.ts';
import type { LocateReason } from '../domain/vocabulary.ts';
import { type SealedEvidence, searchContext } from '../locate/evidence-store.ts';
import { gatherSearch, nothingTried, type Search, type SearchFacts } from './locate-facts.ts';

interface Searched {
  readonly locateRequestId: string;
  readonly callId: string;
  readonly reason: LocateReason;
  /** Null: not gathered yet. */
  readonly sealed: Buffer | null;
}

export async function openSearch(deps: Deps, { locateRequestId, callId, reason, sealed }: Searched): Promise<Search> {
  if (sealed) return deps.seal.open<Search>(sealed, searchContext(locateRequestId));
  return gatherAndKeep(deps, locateRequestId, reason, () => findCall(deps.db, callId));
}

/** Waits its turn: what arrives meanwhile is routed first, and calls find the registry free. */
export function gatherAndKeep(
  deps: Deps,
  locateRequestId: string,
  reason: LocateReason,
  call: () => Promise<CallRow | null>,
): Promise<Search> {
  return deps.searches.gather(locateRequestId, async () => {
    const row = await call();
    if (!row) throw new Problem('not-found');
    const facts = await gatherSearch(deps, row, { ...nothingTried, reason }, deps.clock.now());
    // By the call alone it is shown and not kept: the next to read asks the registry again.
    if (facts.registryAnswered) await deps.searches.keepEvidence(sealedOf(deps, locateRequestId, facts));
    return searchOf(facts);
  });
}

export const sealedOf = (
  { seal }: Pick<Deps, 'seal'>,
  locateRequestId: string,
  facts: SearchFacts,
): SealedEvidence => ({
  locateRequestId,
  sealed: seal.close(searchOf(facts), searchContext(locateRequestId)),
  historiesRead: facts.historiesRead,
});

export const searchOf = ({ person, howToGetIn, evidence, likelyPlaces }: SearchFacts): Search => ({
  person,
  howToGetIn,
  evidence,
  likelyPlaces,
});
