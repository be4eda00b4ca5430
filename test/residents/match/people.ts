/** Invented callers and residents for the tests of matching. */
import type { CallerFacts, Candidate } from '../../../src/residents/match/decide.ts';

export const NOW = Date.UTC(2025, 5, 1);
export const REGISTRY = 100_000;
export const HOME = { lon: 116.336, lat: 39.912, crs: 'wgs84' } as const;
export const FAR = { lon: 116.39, lat: 39.95, crs: 'wgs84' } as const;

export const silent: CallerFacts = {
  phone: null,
  deviceId: null,
  idNumber: null,
  residentId: null,
  name: null,
  ageYears: null,
  sex: null,
  address: null,
  position: null,
  uncertaintyMetres: null,
  relation: 'unknown',
};

export const call = (said: Partial<CallerFacts>): CallerFacts => ({ ...silent, ...said });

/** 王秀英, 84 on the day. */
export const wang: Candidate = {
  residentId: 'r-wang',
  name: '王秀英',
  sex: 'female',
  birthDate: '1941-03-02',
  idNumber: '110102194103020025',
  phones: ['+861066001234'],
  contactPhones: ['+8613800000001'],
  deviceIds: ['sos-17'],
  address: '三里河一区5号楼2单元501室',
  position: HOME,
  livesAlone: false,
};

export const resident = (residentId: string, other: Partial<Candidate>): Candidate => ({
  ...wang,
  residentId,
  ...other,
});

/** Her husband: same line, same door, same child. */
export const husband = resident('r-husband', {
  name: '李建国',
  sex: 'male',
  birthDate: '1938-08-08',
  idNumber: '110102193808080013',
});
