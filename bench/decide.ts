/** The decision alone: how long a requirement takes for a resident with a long history. */

import { complaintCodes } from '../src/domain/vocabulary.ts';
import { decide, unknownPatient } from '../src/requirement/decide.ts';
import type { Facts, PatientFacts } from '../src/requirement/facts.ts';
import { loadProtocol } from '../src/requirement/load.ts';
import { judged, median, quantile, type ResultRow, round } from './rows.ts';
import { conditions, medications } from './words.ts';

const CONDITIONS = 20;
const MOST_MICROSECONDS = 50;

/** Old, ill and on the fifth floor without a lift: more rules fire than for nearly anybody. */
function patientWith(many: number): PatientFacts {
  const coded = conditions.slice(0, many).map(([{ code, display }]) => ({ system: 'icd-10', code, display }) as const);
  if (coded.length < many) throw new Error(`only ${coded.length} conditions to choose from`);
  return {
    ...unknownPatient,
    ageYears: 84,
    sex: 'female',
    conditions: coded,
    medications: medications.slice(0, 8).map(({ code, display }) => ({ system: 'atc', code, display })),
    allergies: [{ system: 'text', code: '青霉素过敏' }],
    weightKg: 58,
    mobility: 'wheelchair',
    livesAlone: true,
    dwelling: { floor: 5, hasLift: false },
  };
}

export function benchDecide({ decisions }: { readonly decisions: number }): ResultRow[] {
  const protocol = loadProtocol();
  const patient = patientWith(CONDITIONS);
  const facts = complaintCodes.map(
    (code): Facts => ({ complaint: { code, answers: { conscious: 'yes', breathing: 'normal' } }, patients: [patient] }),
  );
  const microseconds: number[] = [];
  for (let i = 0; i < decisions * 2; i++) {
    const given = facts[i % facts.length] as Facts;
    const started = process.hrtime.bigint();
    decide(protocol, given);
    const nanoseconds = process.hrtime.bigint() - started;
    if (i >= decisions) microseconds.push(Number(nanoseconds) / 1000); // the first half compiles
  }
  const conditions = `${CONDITIONS} conditions, 8 medications, an allergy, fifth floor without a lift; every complaint in turn, ${decisions} decisions after as many to warm up`;
  return [
    judged(
      { benchmark: 'decide', figure: 'median', value: round(median(microseconds)), unit: 'µs', conditions },
      { atMost: MOST_MICROSECONDS },
    ),
    { benchmark: 'decide', figure: 'p99', value: round(quantile(microseconds, 0.99)), unit: 'µs', conditions },
  ];
}
