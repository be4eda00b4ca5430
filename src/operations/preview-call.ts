/** What a call would be answered, while the caller is still speaking: nothing is filed, but who looked at whom is. */
import { readIntake } from '../calls/intake.ts';
import type { CallInput, CallPreview, PreviewInput } from '../calls/schema.ts';
import type { Deps } from '../deps.ts';
import { findAddresses } from '../fleet/address-store.ts';
import { checkAnswers } from '../requirement/answers.ts';
import { groupsOfPatient } from '../requirement/concepts.ts';
import { recordRead } from '../residents/access.ts';
import { judgeCall } from './judge-call.ts';
import { openCandidates } from './open-candidates.ts';
import { type Actor, answerOf } from './receive-call.ts';

/** Stands in until the caller has said what is wrong; what it leads to is not shown. */
const notSaid: CallInput['complaint'] = { code: 'unknown-problem' };

/**
 * Throws a `Problem` for what would be refused of a call too. Without a complaint nobody can say what is needed: the
 * answer then tells who it may be, and no more.
 */
export async function previewCall(deps: Deps, input: PreviewInput, actor: Actor): Promise<CallPreview> {
  const now = deps.clock.now();
  const { complaint = notSaid, channel = 'phone' } = input;
  const intake = readIntake({ ...input, channel, complaint }, now, deps.config.serviceArea);
  checkAnswers(deps.protocol, complaint);
  const [opened, addresses] = await Promise.all([
    openCandidates(deps, intake, now),
    intake.address && !intake.position ? findAddresses(deps.db, intake.address) : [],
  ]);
  const judgement = judgeCall(deps, intake, { channel, complaint }, opened, now);
  const { historiesRead, place } = judgement;
  await recordRead(deps.db, { at: now, ...actor, residentIds: historiesRead, callId: null, purpose: 'preview' });
  const said = answerOf(judgement);
  const files = new Map(opened?.residents.map(({ file }) => [file.residentId, file]));
  return {
    ...said,
    recommendation: input.complaint ? said.recommendation : null,
    units: input.complaint ? said.units : [],
    histories: historiesRead.map((residentId) => ({
      residentId,
      riskGroups: [...groupsOfPatient(deps.protocol, files.get(residentId)?.history ?? {}).groups.keys()],
    })),
    location: { ...place, address: intake.address },
    addresses,
    flags: [...intake.flags],
    targetSeconds: deps.config.responseTargets[said.recommendation.priority],
  };
}
