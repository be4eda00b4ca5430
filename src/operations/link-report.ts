/** What a report is about: its call and its patient where both are certain, else why it waits for a person. */
import { findCall, findCallByNumber } from '../calls/store.ts';
import { certainLink, namesPatient } from '../care/linkage.ts';
import { deathIn, type Outcome } from '../care/outcome.ts';
import { findHospitals, type Settled } from '../care/patient-store.ts';
import type { WaitReason } from '../care/schema.ts';
import type { Deps } from '../deps.ts';
import { Problem } from '../domain/errors.ts';
import { findResident } from '../residents/store.ts';
import { findCallsFor } from './find-call.ts';
import { findResidentSaid, fits } from './link-outcome.ts';
import type { Actor } from './receive-call.ts';
import { type DecidedCall, settledOf } from './settle-patient.ts';

/** A second call this likely is why the first is not certain. */
const WORTH_A_LOOK = 0.05;
const DAY_MS = 86_400_000;

/** What a report is about, as far as that is certain. */
export interface Linked {
  /** `null` where it waits for a person to say which call it is. */
  readonly call: DecidedCall | null;
  readonly patient: Settled | null;
  /** Whom the call was settled for when this was found out. */
  readonly settledFor: string | null;
  /** Why it waits; null where it need not. */
  readonly wait: WaitReason | null;
}
const waits = (wait: WaitReason): Linked => ({ call: null, patient: null, settledFor: null, wait });

/** Throws `not-found` for a call id nobody has, `forbidden` for a call bound for another hospital. */
export async function linkReport(deps: Deps, outcome: Outcome, hospitalId: string, actor: Actor): Promise<Linked> {
  const { callId, callNumber } = outcome;
  const call =
    callId !== undefined
      ? await findCall(deps.db, callId)
      : callNumber !== undefined
        ? await findCallByNumber(deps.db, callNumber)
        : null;
  // A number is copied wrongly now and then: where a patient is named, it is one piece of evidence among others.
  if (callId === undefined)
    return call && !outcome.patient
      ? linkNumbered(deps, call, outcome, hospitalId)
      : findByLinkage(deps, outcome, hospitalId, call);
  if (!call) throw new Problem('not-found');
  const linked = await linkNamed(deps, call, outcome, hospitalId);
  if (linked.wait === 'other-hospital' && actor.role === 'hospital') throw new Problem('forbidden');
  return linked;
}

async function linkNamed(deps: Deps, call: DecidedCall, outcome: Outcome, hospitalId: string): Promise<Linked> {
  const hospitals = await findHospitals(deps.db, call.call_id);
  if (hospitals.length > 0 && !hospitals.some((each) => each.hospitalId === hospitalId)) return waits('other-hospital');
  if (call.status === 'cancelled') return waits('call-cancelled');
  return linkPatient(deps, call, outcome);
}

/**
 * Numbers run on, so anybody can say one, and whoever has reported of a call may read its patient's history: a number that
 * nothing else goes with is believed of a call known to have gone to this hospital only.
 */
async function linkNumbered(deps: Deps, call: DecidedCall, outcome: Outcome, hospitalId: string): Promise<Linked> {
  const linked = await linkNamed(deps, call, outcome, hospitalId);
  return linked.call && (await findHospitals(deps.db, call.call_id)).length === 0 ? waits('number-only') : linked;
}

/** By patient, time and number; certain or not at all. `numbered`: the call whose number was given. */
async function findByLinkage(
  deps: Deps,
  outcome: Outcome,
  hospitalId: string,
  numbered: DecidedCall | null,
): Promise<Linked> {
  const links = await findCallsFor(deps, outcome, hospitalId, deps.clock.now());
  const link = certainLink(links);
  const call = link && (await findCall(deps.db, link.callId));
  if (call) return (namesPatient(link) ? linkNamed : linkNumbered)(deps, call, outcome, hospitalId);
  if (numbered?.status === 'cancelled') return waits('call-cancelled');
  if (numbered) return waits('patient-differs');
  if (outcome.callNumber !== undefined) return waits('no-such-call');
  return waits((links[1]?.confidence ?? 0) > WORTH_A_LOOK ? 'several-calls' : 'no-call-fits');
}

/** Whose history it goes to: whoever the call is settled for, unless the report speaks against it; else whom the report names. */
async function linkPatient(deps: Deps, call: DecidedCall, outcome: Outcome): Promise<Linked> {
  const now = deps.clock.now();
  const settled = await settledOf(deps, deps.db, call);
  const settledFor = settled?.residentId ?? null;
  const file = settled && (await findResident(deps.db, deps.seal, settled.residentId));
  const named = file ? null : await findResidentSaid(deps, outcome.patient, now);
  if (settled && file && !fits(settled, outcome.patient, file, now)) return waits('patient-differs');
  const born = (file ?? named?.file)?.birthDate;
  const died = deathIn(outcome, new Date(now).toISOString());
  if (born !== undefined && died !== null && Date.parse(born) > Date.parse(died) + DAY_MS)
    return waits('birth-after-death');
  if (settled && file) return { call, patient: settled, settledFor, wait: null };
  if (!named) return { call, patient: null, settledFor, wait: 'patient-unknown' };
  return {
    call,
    patient: { residentId: named.file.residentId, how: 'outcome', confidence: named.confidence },
    settledFor,
    wait: null,
  };
}
