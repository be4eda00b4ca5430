/** How well reports find their calls: on invented reports with realistic faults, on seeds the rates were not judged by. */
import { pathToFileURL } from 'node:url';
import { type CallCandidate, certainLink, linkReport, NEAR_HOURS, SPAN_DAYS } from '../src/care/linkage.ts';
import type { Instant } from '../src/domain/time.ts';
import { callKeyValues } from '../src/residents/keys.ts';
import { type PersonSaid, personEvidence } from '../src/residents/match/person.ts';
import { DAYS, HOSPITALS, inventReports, START, type TestCall, type TestReport } from './care-reports.ts';
import { judged, type ResultRow, round } from './rows.ts';

const HOUR_MS = 3_600_000;

/** Rates and bands were judged, and looked at, on these; what is reported comes from the others. */
export const developedOn = [1, 2, 3, 4, 5] as const;
export const heldOut = [101, 102, 103, 104, 105] as const;

export interface LinkageQuality {
  readonly sensitivity: number;
  readonly predictiveValue: number;
  readonly right: number;
  readonly wrong: number;
  /** Reports that are of a call. */
  readonly reported: number;
  readonly waiting: number;
  readonly reports: number;
  /** Reports that were missed, and links that were wrong, by their faults, the commonest first. */
  readonly missed: readonly (readonly [faults: string, reports: number])[];
  readonly falselyLinked: readonly (readonly [faults: string, reports: number])[];
}

/**
 * Links reports one after another, as they come: what was linked is an account of its call for those that follow.
 * `share` of them, for who has not the time for all; they come in no order.
 */
export function measureLinkage(size: { outcomes: number; seed: number; share?: number }): LinkageQuality {
  const { calls, reports: all } = inventReports(size);
  const reports = all.slice(0, all.length * (size.share ?? 1));
  const candidates = new Candidates(calls);
  const missed = new Map<string, number>();
  const falselyLinked = new Map<string, number>();
  const count = (tally: Map<string, number>, { faults }: TestReport) => {
    const what = faults.join(', ') || 'no fault';
    tally.set(what, (tally.get(what) ?? 0) + 1);
  };
  let right = 0;
  let wrong = 0;
  for (const each of reports) {
    const link = certainLink(linkReport(each, candidates.of(each), (a, b) => personEvidence(a, b, START)));
    if (link) candidates.told(link.callId, each.person);
    if (link?.callId === each.callId) right++;
    else if (link) {
      wrong++;
      count(falselyLinked, each);
    }
    if (each.callId !== null && link?.callId !== each.callId) count(missed, each);
  }
  const reported = reports.filter(({ callId }) => callId !== null).length;
  const commonestFirst = (tally: Map<string, number>) => [...tally].sort(([, a], [, b]) => b - a);
  return {
    sensitivity: right / reported,
    predictiveValue: right / (right + wrong),
    right,
    wrong,
    reported,
    waiting: reports.length - right - wrong,
    reports: reports.length,
    missed: commonestFirst(missed),
    falselyLinked: commonestFirst(falselyLinked),
  };
}

/** Candidates as the service takes them from the database: near in time at the hospital, by number, by what names the patient. */
class Candidates {
  readonly #byTime: readonly TestCall[];
  readonly #byNumber: ReadonlyMap<number, TestCall>;
  readonly #byId: ReadonlyMap<string, TestCall>;
  readonly #byKey = new Map<string, Set<TestCall>>();

  constructor(calls: readonly TestCall[]) {
    this.#byTime = [...calls].sort((a, b) => a.receivedAt - b.receivedAt);
    this.#byNumber = new Map(calls.map((call) => [call.callNumber, call]));
    this.#byId = new Map(calls.map((call) => [call.callId, call]));
    for (const call of calls) for (const person of call.persons) this.#file(call, person);
  }

  of({ arrivedAt, hospitalId, callNumber, person }: TestReport): CallCandidate[] {
    const around = arrivedAt ?? START + DAYS * 24 * HOUR_MS;
    const isFor = ({ hospitalIds }: TestCall) => hospitalIds.length === 0 || hospitalIds.includes(hospitalId);
    const found = new Set(this.#around(around).filter(isFor));
    const numbered = callNumber === null ? undefined : this.#byNumber.get(callNumber);
    if (numbered) found.add(numbered);
    for (const key of callKeyValues(person))
      for (const call of this.#byKey.get(key) ?? [])
        if (call.receivedAt > around - SPAN_DAYS * 24 * HOUR_MS) found.add(call);
    return [...found];
  }

  told(callId: string, person: PersonSaid): void {
    const call = this.#byId.get(callId) as TestCall;
    call.persons.push(person);
    this.#file(call, person);
  }

  #file(call: TestCall, person: PersonSaid): void {
    for (const key of callKeyValues(person)) {
      const filed = this.#byKey.get(key);
      if (filed) filed.add(call);
      else this.#byKey.set(key, new Set([call]));
    }
  }

  #around(at: Instant): readonly TestCall[] {
    return this.#byTime.slice(
      this.#firstFrom(at - NEAR_HOURS.before * HOUR_MS),
      this.#firstFrom(at + NEAR_HOURS.after * HOUR_MS + 1),
    );
  }

  #firstFrom(at: Instant): number {
    let [low, high] = [0, this.#byTime.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#byTime[middle] as TestCall).receivedAt < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export function benchLinkage({ outcomes }: { outcomes: number }): ResultRow[] {
  const over = (seeds: readonly number[]) => seeds.map((seed) => measureLinkage({ outcomes, seed }));
  const started = performance.now();
  const measured = over(heldOut);
  const reports = measured.reduce((sum, each) => sum + each.reports, 0);
  const milliseconds = (performance.now() - started) / reports;
  const looked = over(developedOn);
  const conditions = `${outcomes} invented calls with a report each, a tenth as many reports of no call, over ${DAYS} days and ${HOSPITALS} hospitals;`;
  const row = (figure: string, unit: string, value: number, held = true): ResultRow => ({
    benchmark: 'care-linkage',
    figure,
    value,
    unit,
    conditions: `${conditions} seeds ${(held ? heldOut : developedOn).join(' ')}`,
  });
  // Five digits: three would hide what is missed.
  const least = (of: readonly LinkageQuality[], figure: 'sensitivity' | 'predictiveValue') =>
    Number(Math.min(...of.map((each) => each[figure])).toFixed(5));
  return [
    judged(row('sensitivity, least of five', 'share', least(measured, 'sensitivity')), { atLeast: 0.99 }),
    judged(row('positive predictive value, least of five', 'share', least(measured, 'predictiveValue')), {
      atLeast: 0.999,
    }),
    row('sensitivity where the rates were judged, least of five', 'share', least(looked, 'sensitivity'), false),
    row(
      'predictive value where the rates were judged, least of five',
      'share',
      least(looked, 'predictiveValue'),
      false,
    ),
    row('left for a person', 'reports', Math.round(measured.reduce((sum, each) => sum + each.waiting, 0) / 5)),
    row('linking', 'ms a report', round(milliseconds)),
  ];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  for (const seed of process.argv.slice(2).map(Number)) {
    const { missed, falselyLinked, ...figures } = measureLinkage({ outcomes: 10_000, seed });
    console.log({ seed, ...figures });
    console.table(missed.slice(0, 15));
    console.table(falselyLinked);
  }
