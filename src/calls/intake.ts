/** Reading a call as it comes in: pure, refuses what is impossible, flags what is odd, changes nothing silently. */
import { parseCitizenNumber } from '../domain/citizen-number.ts';
import { type FieldProblem, Problem, refuseField } from '../domain/errors.ts';
import { normalisePhone } from '../domain/phone.ts';
import { contains, type Position, type PositionInput, type ServiceArea, toWgs84 } from '../domain/position.ts';
import { ageInYears, type Instant, rfc3339 } from '../domain/time.ts';
import type { CallerRelation, LocationSource, Sex } from '../domain/vocabulary.ts';
import type { CallInput, CallPatch } from './schema.ts';

/** A clock on the way here may run ahead by this much without the call being refused. */
const CLOCK_SKEW_MS = 60_000;
const OLDEST_MS = 24 * 3_600_000;

/** What a call says about who and where, in the engine's own units. */
export interface Intake {
  readonly receivedAt: Instant;
  readonly phone: string | null;
  readonly relation: CallerRelation;
  readonly deviceId: string | null;
  readonly residentId: string | null;
  readonly idNumber: string | null;
  readonly name: string | null;
  readonly ageYears: number | null;
  readonly sex: Sex | null;
  readonly address: string | null;
  readonly position: Position | null;
  readonly rawPosition: PositionInput | null;
  readonly uncertaintyMetres: number | null;
  readonly source: LocationSource | null;
  readonly flags: readonly string[];
}

/** Throws a `Problem` that names the field; everything else about the call is accepted. */
export function readIntake(input: CallInput, now: Instant, area: ServiceArea): Intake {
  const receivedAt = input.receivedAt === undefined ? now : Date.parse(input.receivedAt);
  if (receivedAt > now + CLOCK_SKEW_MS) throw refuseField('receivedAt', 'lies in the future', 'received-in-future');
  if (receivedAt < now - OLDEST_MS)
    throw refuseField('receivedAt', 'lies more than a day back', 'received-too-long-ago');

  const { caller, device, patient, location } = input;
  // A withheld number sent as blanks or asterisks, or a blank address, finds nobody.
  const findable = /\d/.test(caller?.phone ?? '') || device || location?.position || location?.address?.trim();
  if (!findable) {
    const fields = ['caller.phone', 'device', 'location.position', 'location.address'];
    throw new Problem(
      'nothing-to-find-by',
      fields.map((field): FieldProblem => ({ field, detail: 'one of these is needed' })),
    );
  }
  const citizen = patient?.idNumber === undefined ? null : parseCitizenNumber(patient.idNumber);
  if (patient?.idNumber !== undefined && !citizen)
    throw refuseField('patient.idNumber', 'fails the check of GB 11643', 'bad-citizen-number');

  const flags: string[] = [];
  const phone = caller?.phone ? normalisePhone(caller.phone) : null;
  if (caller?.phone && !phone) flags.push('caller-phone-unrecognised');
  const position = location?.position ? toWgs84(location.position) : null;
  if (position && !contains(area, position)) flags.push('outside-service-area');

  return {
    receivedAt,
    phone,
    relation: caller?.relation ?? 'unknown',
    deviceId: device?.deviceId ?? null,
    residentId: patient?.residentId ?? null,
    idNumber: citizen?.number ?? null,
    name: patient?.name ?? null,
    ageYears: patient?.ageYears ?? (citizen ? ageInYears(citizen.birthDate, receivedAt) : null),
    sex: patient?.sex ?? citizen?.sex ?? null,
    address: location?.address ?? null,
    position,
    rawPosition: location?.position ?? null,
    uncertaintyMetres: location?.uncertaintyMetres ?? null,
    source: location ? (location.source ?? (location.position ? 'network' : 'caller')) : null,
    flags,
  };
}

/** The call's input after a change: what is said anew replaces what was said of the same; the time of the call never moves. */
export function applyPatch(input: CallInput, receivedAt: Instant, patch: CallPatch): CallInput {
  const complaint = patch.complaint
    ? {
        ...input.complaint,
        ...patch.complaint,
        // Answers belong to their complaint: another complaint starts with the two every complaint shares.
        answers: {
          ...(patch.complaint.code && patch.complaint.code !== input.complaint.code
            ? vitalAnswers(input.complaint.answers)
            : input.complaint.answers),
          ...patch.complaint.answers,
        },
      }
    : input.complaint;
  // Field by field: two dispatchers who learn different things lose neither, and who was confirmed stays confirmed.
  const patient = { ...input.patient, ...patch.patient };
  if (patch.residentId === null) delete patient.residentId;
  else if (patch.residentId !== undefined) patient.residentId = patch.residentId;
  return {
    ...input,
    receivedAt: rfc3339(receivedAt),
    ...(patch.caller ? { caller: { ...input.caller, ...patch.caller } } : {}),
    ...(patch.location ? { location: { ...input.location, ...patch.location } } : {}),
    ...(input.patient || Object.keys(patient).length ? { patient } : {}),
    complaint,
  };
}

function vitalAnswers(answers: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const kept = Object.entries(answers ?? {}).filter(
    ([question]) => question === 'conscious' || question === 'breathing',
  );
  return Object.fromEntries(kept);
}
