/**
 * The way back under faults: what crews, hospitals, family doctors and the registry send, in parts, twice, corrected and
 * at once through both instances. Every statement carries a mark of its own, by which it is looked for everywhere later.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../bench/random.ts';
import type { Client, Who } from './client.ts';
import { asked, type History } from './history.ts';
import { filingBundle, reportBundle } from './way-back-bundles.ts';

const DAY_MS = 86_400_000;
const registry: Who = { role: 'registry', subject: 'registry-1' };
const hospital: Who = { role: 'hospital', subject: 'h-1' };
export const doctor = { role: 'doctor', subject: 'd-1' } as const;
/** Infarction: the plan asks for a visit on day 7 and for another on day 30. */
const infarction = { system: 'icd-10', code: 'I21.0', display: '急性前壁心肌梗死' } as const;

/** A third of them have no family doctor: their centre follows up. Nobody of them exists. */
const patients = Array.from({ length: 12 }, (_, i) => ({
  residentId: `w-${i + 1}`,
  name: `虚构${'甲乙丙丁戊己庚辛壬癸子丑'.charAt(i)}`,
  sex: i % 2 === 0 ? 'female' : 'male',
  birthDate: `19${40 + i}-03-02`,
  phones: [`1370013${String(7_000 + i)}`],
  communityCentreId: 'c-1',
  ...(i % 3 === 0 ? {} : { familyDoctorId: doctor.subject }),
}));
type Patient = (typeof patients)[number];
/** Filed by Bundle only. */
const byBundle = ['b-1', 'b-2', 'b-3'] as const;

/** What somebody says who calls for one of the patients. */
export function callOf(random: Random) {
  const patient = random.pick(patients);
  const { name, sex, phones } = patient;
  return { patient, said: { caller: { phone: phones[0], relation: 'self' }, patient: { name, sex } } };
}

export class WayBack {
  readonly #client: Client;
  readonly #history: History;
  /** Filings of one person come one after the other, so that the last is known. */
  readonly #filing = new Map<string, Promise<void>>();
  #filed = 0;

  constructor(client: Client, history: History) {
    this.#client = client;
    this.#history = history;
  }

  async furnish(): Promise<void> {
    await Promise.all(patients.map((patient) => this.#put(patient)));
  }

  /** A call comes back: the crew's two tablets while it runs, then hospital, doctor and registry. */
  async tell(patient: Patient, callId: string, unitId: string, random: Random): Promise<void> {
    await this.#tablets(callId, unitId, random);
    await sleep(random.below(800));
    const first = await this.#report(callId, random);
    const filing = random.chance(0.4) ? this.fileAgain(patient, random) : null;
    if (first) await this.#afterwards(patient, callId, first, random);
    await filing;
  }

  /** Two tablets of one crew, each through another instance: what both have, what each has alone, and one contradiction. */
  async #tablets(callId: string, unitId: string, random: Random): Promise<void> {
    const at = new Date().toISOString();
    const note = (entryId: string, mark: string) => ({ entryId, at, text: mark });
    const shared = `mark-${callId}-both`;
    const destination = { entryId: 'to', at, hospitalId: hospital.subject };
    const told = { entryId: 'told', at, list: 'conditions', coded: { system: 'text', code: `mark-${callId}-told` } };
    const contradicts = random.chance(0.3);
    await Promise.all(
      ['a', 'b'].map(async (tablet, instance) => {
        const own = `mark-${callId}-${tablet}`;
        const notes = [note('both', shared), note(tablet, own)];
        await this.#record(callId, unitId, { notes, destinations: [destination] }, instance);
        if (tablet === 'a') await this.#record(callId, unitId, { history: [told] }, instance);
        if (contradicts)
          await this.#record(callId, unitId, { notes: [note('one', `mark-${callId}-one-${tablet}`)] }, instance);
        // Offline until now, it sends all it has once more.
        if (random.chance(0.3)) await this.#record(callId, unitId, { notes }, 1 - instance);
      }),
    );
  }

  async #record(callId: string, unitId: string, body: RecordBody, first: number): Promise<void> {
    const crew: Who = { role: 'crew', subject: unitId };
    const answer = await this.#client.ask(crew, 'PUT', `/v1/calls/${callId}/care-record`, body, { first });
    const entries = Object.values(body).flatMap((list) =>
      (list ?? []).map((entry) => ({ entryId: entry.entryId, mark: markIn(entry) })),
    );
    this.#note({ kind: 'record', callId, entries, ...asked(answer) });
  }

  /** The first report of a call, in one of the ways in which they come; its answer, where it was taken. */
  async #report(callId: string, random: Random): Promise<Reported | null> {
    const dischargedAt = new Date(Date.now() - (random.chance(0.5) ? 9 : 6) * DAY_MS).toISOString();
    const reportId = `${callId}-1`;
    const mark = `mark-${callId}-1`;
    if (random.chance(0.3)) return this.#twice({ callId, reportId, mark, dischargedAt, fhir: true }, random);
    const first = await this.#twice({ callId, reportId, mark, fhir: false }, random);
    await sleep(random.below(400));
    // The rest of it later, as a part of its own.
    const rest = { callId, reportId: `${callId}-2`, mark: `mark-${callId}-2`, dischargedAt, fhir: false };
    await this.#twice(rest, random);
    return first;
  }

  /** What follows: a correction, a death that was none, a follow-up done, two of these at the same moment. */
  async #afterwards(patient: Patient, callId: string, first: Reported, random: Random): Promise<void> {
    const corrected = { callId, reportId: `${callId}-1`, mark: `mark-${callId}-corrected`, fhir: random.chance(0.3) };
    const changes: (() => Promise<unknown>)[] = [];
    if (random.chance(0.4)) changes.push(() => this.#twice({ ...corrected, replaces: first.mark, mild: true }, random));
    else if (random.chance(0.15)) changes.push(() => this.#dieAndLive(callId, random));
    if (random.chance(0.7)) changes.push(() => this.#followUp(patient, callId, random));
    await Promise.all(changes.map((change) => change()));
  }

  async #dieAndLive(callId: string, random: Random): Promise<void> {
    const reportId = `${callId}-death`;
    const mark = `mark-${callId}-died`;
    await this.#twice({ callId, reportId, mark, died: true, fhir: false }, random);
    await sleep(random.below(1_000));
    await this.#twice({ callId, reportId, mark: `${mark}-not`, replaces: mark, mild: true, fhir: false }, random);
  }

  /** A report as it is posted: once, or by two clerks at the same moment to both instances. */
  async #twice(report: Report, random: Random): Promise<Reported | null> {
    const first = random.below(2);
    const answers = random.chance(0.3)
      ? await Promise.all([first, 1 - first].map((instance) => this.#post(report, instance)))
      : [await this.#post(report, first)];
    return answers.find((each) => each !== null) ?? null;
  }

  async #post(report: Report, first: number): Promise<Reported | null> {
    const { callId, reportId, mark, dischargedAt, died = false, mild = false, replaces = null, fhir } = report;
    const diagnoses = [...(mild || died ? [] : [infarction]), { system: 'text' as const, code: mark }];
    const disposition = died ? 'died' : dischargedAt || mild ? 'discharged' : 'admitted';
    const headers = { 'idempotency-key': `${reportId}-${mark}` };
    const answer = fhir
      ? await this.#client.ask(hospital, 'POST', '/fhir', reportBundle(report, diagnoses), { headers, first })
      : await this.#client.ask(
          hospital,
          'POST',
          `/v1/calls/${callId}/outcome`,
          { reportId, diagnoses, disposition, ...(dischargedAt ? { dischargedAt } : {}) },
          { headers, first },
        );
    const outcomeId: string | null = fhir
      ? (/outcome ([0-9a-z-]+)/.exec(JSON.stringify(answer.body ?? null))?.[1] ?? null)
      : (answer.body?.outcomeId ?? null);
    // The last event of a death may be about another call of the same person.
    this.#note({ kind: 'outcome', callId, reportId, mark, replaces, outcomeId, ...asked(answer), seq: null });
    return outcomeId === null ? null : { outcomeId, mark };
  }

  /** A task of the call done by whoever has it, and by another with other findings at the same moment. */
  async #followUp(patient: Patient, callId: string, random: Random): Promise<void> {
    const centre: Who = { role: 'centre', subject: patient.communityCentreId };
    const who = 'familyDoctorId' in patient ? doctor : centre;
    const answer = await this.#client.ask(who, 'GET', '/v1/follow-ups?limit=500');
    const own = (answer.body?.followUps ?? []).filter(
      (task: { callId: string; status: string }) => task.callId === callId && ['due', 'overdue'].includes(task.status),
    );
    if (own.length === 0) return;
    const { followUpId, status } = random.pick(own as { followUpId: string; status: string }[]);
    const rivals: [Who, string][] = [[who, `mark-${followUpId}-a`]];
    if (random.chance(0.4)) rivals.push([who, `mark-${followUpId}-a`]);
    if (status === 'overdue' && random.chance(0.5)) rivals.push([centre, `mark-${followUpId}-b`]);
    await Promise.all(
      rivals.map(async ([actor, finding], i) => {
        const body = { contact: 'phone', findings: finding, allergies: [{ system: 'text', code: `${finding}-x` }] };
        const path = `/v1/follow-ups/${followUpId}/complete`;
        const done = await this.#client.ask(actor, 'POST', path, body, { first: i % 2 });
        this.#note({ kind: 'completion', callId, followUpId, finding, ...asked(done) });
      }),
    );
  }

  /** A file is replaced, or a Bundle adds to another. */
  fileAgain(patient: Patient, random: Random): Promise<void> {
    return random.chance(0.5) ? this.#put(patient) : this.#addByBundle(random.pick(byBundle), random);
  }

  #put(patient: Patient): Promise<void> {
    const { residentId } = patient;
    const mark = `mark-file-${residentId}-${++this.#filed}`;
    const body = { ...patient, history: { conditions: [{ system: 'text', code: mark }] } };
    return this.#inTurn(residentId, async () => {
      const answer = await this.#client.ask(registry, 'PUT', `/v1/residents/${residentId}`, body);
      this.#note({ kind: 'filing', callId: null, who: residentId, mark, how: 'replace', ...asked(answer) });
    });
  }

  /** Sent to both instances at once now and then: it adds once. */
  #addByBundle(identifier: string, random: Random): Promise<void> {
    const mark = `mark-file-${identifier}-${++this.#filed}`;
    const instances = random.chance(0.4) ? [0, 1] : [random.below(2)];
    return this.#inTurn(identifier, async () => {
      await Promise.all(
        instances.map(async (first) => {
          const answer = await this.#client.ask(registry, 'POST', '/fhir', filingBundle(identifier, mark), { first });
          this.#note({ kind: 'filing', callId: null, who: identifier, mark, how: 'add', ...asked(answer), seq: null });
        }),
      );
    });
  }

  #inTurn(who: string, work: () => Promise<void>): Promise<void> {
    const turn = (this.#filing.get(who) ?? Promise.resolve()).then(work);
    this.#filing.set(who, turn);
    return turn;
  }

  #note(operation: History['operations'][number]): void {
    this.#history.operations.push(operation);
  }
}

/** One version of a report of a call. */
export interface Report {
  readonly callId: string;
  readonly reportId: string;
  readonly mark: string;
  readonly dischargedAt?: string;
  readonly died?: boolean;
  /** Says nothing the plan has a visit for. */
  readonly mild?: boolean;
  /** The mark of what it corrects. */
  readonly replaces?: string;
  readonly fhir: boolean;
}
interface Reported {
  readonly outcomeId: string;
  readonly mark: string;
}
type RecordBody = Readonly<Record<string, readonly { readonly entryId: string }[]>>;

export const MARK = /mark-[0-9a-z-]+/;
const markIn = (entry: unknown): string | null => MARK.exec(JSON.stringify(entry))?.[0] ?? null;
