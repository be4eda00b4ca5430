/** From a call to a case of the simulation, by the same domain code as the live service: what it would recommend, and what is truly needed. */
import { gridDisk, latLngToCell } from 'h3-js';
import { readIntake } from '../calls/intake.ts';
import type { CallInput } from '../calls/schema.ts';
import type { Position, ServiceArea } from '../domain/position.ts';
import { ageInYears, type Instant } from '../domain/time.ts';
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

/** Cells of about 0.74 km²; somebody lives nearby who does so in one of these rings of them. */
const NEARBY_CELL = 8;
const RINGS = 2;
/** As old as the patient, or nearly so. */
const YEARS_APART = [5, 15] as const;

/** One of those who live nearest and are about as old, by a number from 0 to 1; null where nobody does. */
export type StandIn = (place: Position, ageYears: number | null, drawn: number) => FiledResident | null;

export function neighboursOf(residents: readonly FiledResident[], now: Instant): StandIn {
  const byCell = new Map<string, { readonly resident: FiledResident; readonly age: number | null }[]>();
  for (const resident of residents) {
    const home = resident.home?.position;
    if (!home) continue;
    const cell = latLngToCell(home.lat, home.lon, NEARBY_CELL);
    const there = byCell.get(cell) ?? [];
    there.push({ resident, age: ageInYears(resident.birthDate, now) });
    byCell.set(cell, there);
  }
  return ({ lat, lon }, ageYears, drawn) => {
    const cell = latLngToCell(lat, lon, NEARBY_CELL);
    for (let ring = 0; ring <= RINGS; ring++) {
      const near = gridDisk(cell, ring).flatMap((each) => byCell.get(each) ?? []);
      for (const years of YEARS_APART) {
        const alike = near.filter(
          ({ age }) => ageYears === null || (age !== null && Math.abs(age - ageYears) <= years),
        );
        if (alike.length > 0) return alike[Math.floor(drawn * alike.length)]?.resident ?? null;
      }
    }
    return null;
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
