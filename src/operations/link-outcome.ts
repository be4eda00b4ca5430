/** Whom a hospital means by what it says of its patient: the residents it may be, and whether one is certain. */
import type { CallInput } from '../calls/schema.ts';
import type { Settled } from '../care/patient-store.ts';
import type { PatientIdentity } from '../care/schema.ts';
import type { Deps } from '../deps.ts';
import { parseCitizenNumber } from '../domain/citizen-number.ts';
import { normalisePhone } from '../domain/phone.ts';
import { ageInYears, type Instant } from '../domain/time.ts';
import type { FiledResident } from '../residents/file.ts';
import { lookupKeys } from '../residents/keys.ts';
import type { CallerFacts } from '../residents/match/decide.ts';
import { addressParts } from '../residents/match/normalise.ts';
import { bitsOf, type PersonSaid, personEvidence } from '../residents/match/person.ts';
import { openResident } from './open-candidates.ts';

/** Posterior from which a report and a file are taken to be of one person: what is written into a history stays there. */
const SAME_PERSON = 0.99;
/** A person said to be filed, against all that are: the prior of whoever is looked for by name alone. */
const LEAST_REGISTRY = 10_000;

/** What a hospital says of its patient, in the matcher's words. */
export function saidOf(patient: PatientIdentity | undefined): PersonSaid {
  const citizen = patient?.idNumber === undefined ? null : parseCitizenNumber(patient.idNumber);
  const phone = patient?.phone === undefined ? null : normalisePhone(patient.phone);
  return {
    name: patient?.name ?? null,
    birthDate: patient?.birthDate ?? citizen?.birthDate ?? null,
    ageYears: patient?.ageYears ?? null,
    sex: patient?.sex ?? citizen?.sex ?? null,
    idNumber: citizen?.number ?? null,
    phones: phone ? [phone] : [],
    address: patient?.address === undefined ? null : addressParts(patient.address),
  };
}

/** What a caller says of the patient, and where help is to come, in the same words. */
export function spokenOf({ patient, caller, location }: CallInput): PersonSaid {
  const phone = caller?.phone ? normalisePhone(caller.phone) : null;
  const address = location?.address === undefined ? null : addressParts(location.address);
  return { ...saidOf({ ...patient }), phones: phone ? [phone] : [], address };
}

export const filedOf = (file: FiledResident): PersonSaid => ({
  name: file.name,
  birthDate: file.birthDate,
  ageYears: null,
  sex: file.sex,
  idNumber: file.idNumber ?? null,
  phones: [...file.phones, ...(file.contacts ?? []).map((contact) => contact.phone)],
  address: file.home ? addressParts(file.home.address) : null,
});

const posterior = (priorOdds: number, bits: number) => {
  const odds = priorOdds * 2 ** bits;
  return odds / (1 + odds);
};

/** Whether what the hospital says of its patient leaves the one the call was settled for still certain. */
export function fits(
  settled: Settled,
  patient: PatientIdentity | undefined,
  file: FiledResident,
  now: Instant,
): boolean {
  const bits = bitsOf(personEvidence(saidOf(patient), filedOf(file), now));
  const confidence = Math.min(settled.confidence, 0.999);
  // What was certain enough for the call stays so unless the report speaks against it.
  return bits >= 0 || posterior(confidence / (1 - confidence), bits) >= SAME_PERSON;
}

/** Filed residents that share a key with what a hospital says of its patient. */
export async function residentsSaid(
  deps: Pick<Deps, 'lookUp' | 'seal'>,
  patient: PatientIdentity,
  now: Instant,
): Promise<FiledResident[]> {
  return (await lookUpSaid(deps, patient, now)).files;
}

async function lookUpSaid(deps: Pick<Deps, 'lookUp' | 'seal'>, patient: PatientIdentity, now: Instant) {
  const found = await deps.lookUp({
    keys: lookupKeys(deps.seal, keysSaid(saidOf(patient), patient, now), now),
    residentId: null,
    position: null,
    nearbyHomes: false,
  });
  return { files: found.residents.map((sealed) => openResident(deps, sealed).file), registrySize: found.registrySize };
}

/** The filed resident a hospital's words point to with certainty; `null` where nobody is, or several may be. */
export async function findResidentSaid(
  deps: Pick<Deps, 'lookUp' | 'seal'>,
  patient: PatientIdentity | undefined,
  now: Instant,
): Promise<{ readonly file: FiledResident; readonly confidence: number } | null> {
  const best = patient && (await rankResidents(deps, patient, now))[0];
  return best && best.confidence >= SAME_PERSON ? best : null;
}

/** Whom the words may mean, the likeliest first, each with the posterior that it is this one. */
export async function rankResidents(deps: Pick<Deps, 'lookUp' | 'seal'>, patient: PatientIdentity, now: Instant) {
  const said = saidOf(patient);
  const { files, registrySize } = await lookUpSaid(deps, patient, now);
  const prior = 1 / Math.max(LEAST_REGISTRY, registrySize);
  const weighed = files
    .map((file) => {
      const evidence = personEvidence(said, filedOf(file), now);
      return { file, evidence, odds: prior * 2 ** bitsOf(evidence) };
    })
    .sort((a, b) => b.odds - a.odds);
  const everyone = 1 + weighed.reduce((sum, { odds }) => sum + odds, 0);
  return weighed.map(({ file, evidence, odds }) => ({ file, evidence, confidence: odds / everyone }));
}

const keysSaid = (said: PersonSaid, patient: PatientIdentity | undefined, now: Instant): CallerFacts => ({
  phone: said.phones[0] ?? null,
  deviceId: null,
  idNumber: said.idNumber,
  residentId: null,
  name: said.name,
  ageYears: said.birthDate === null ? said.ageYears : ageInYears(said.birthDate, now),
  sex: said.sex,
  address: patient?.address ?? null,
  position: null,
  uncertaintyMetres: null,
  relation: 'unknown',
});
