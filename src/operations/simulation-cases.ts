/** From a call to a case of the simulation, by the same domain code as the live service: what it would recommend, and what is truly needed. */
import { readIntake } from '../calls/intake.ts';
import type { CallInput } from '../calls/schema.ts';
import type { Position, ServiceArea } from '../domain/position.ts';
import type { Instant } from '../domain/time.ts';
import type { Need } from '../planning/simulation/city.ts';
import { decide } from '../requirement/decide.ts';
import type { FiledResident } from '../residents/file.ts';
import { type Judges, judgeCall, patientOf, strangerOf } from './judge-call.ts';
import type { RawCase } from './simulation-city.ts';

/** Whom the registry holds, found as the look-up would: everybody on one of the caller's numbers or devices. */
export interface Registry {
  readonly size: number;
  sharing(resident: FiledResident): readonly FiledResident[];
}

export function registryOf(residents: readonly FiledResident[], size = residents.length): Registry {
  const byPhone = new Map<string, FiledResident[]>();
  for (const resident of residents)
    for (const phone of resident.phones) {
      const there = byPhone.get(phone);
      if (there) there.push(resident);
      else byPhone.set(phone, [resident]);
    }
  return {
    size,
    sharing: (resident) => [...new Set([resident, ...resident.phones.flatMap((phone) => byPhone.get(phone) ?? [])])],
  };
}

/**
 * One call as a case; null where nobody knows the place. `resident`: who the patient in truth is, where filed. Their
 * own history then says what is needed; what is recommended goes through matching, with all it may get wrong.
 */
export function caseOf(
  judges: Judges,
  area: ServiceArea,
  registry: Registry,
  input: CallInput,
  resident: FiledResident | null,
  now: Instant,
): RawCase | null {
  const intake = readIntake(input, now, area);
  const residents = resident ? registry.sharing(resident) : [];
  const opened = {
    residents: residents.map((file) => ({ file, subdistrictCode: file.home?.subdistrictCode ?? null })),
    pastPlaces: [],
    subdistrictCode: null,
    registrySize: registry.size,
  };
  const { recommendation, place } = judgeCall(judges, intake, input, opened, now);
  const position: Position | null = place.position ?? resident?.home?.position ?? null;
  if (!position) return null;
  const complaint = { code: input.complaint.code, answers: input.complaint.answers ?? {} };
  const needOf = (patient: ReturnType<typeof strangerOf>): Need & { hospitals: RawCase['hospitals'] } =>
    decide(judges.protocol, { complaint, patients: [patient] }).requirement;
  const stranger = needOf(strangerOf(intake));
  const truth = resident ? needOf(patientOf(resident, intake, position, now)) : stranger;
  return {
    position,
    hour: null,
    complaint: complaint.code,
    priority: recommendation.priority,
    byHistory: recommendation.capabilities,
    byComplaint: stranger,
    truth,
    hospitals: truth.hospitals,
  };
}
