/** What a Bundle says of a resident, brought into the file: added to, never overwritten by silence. Pure. */
import type { Coded } from '../../domain/coded.ts';
import type { FiledResident } from '../../residents/file.ts';
import type { History, Resident } from '../../residents/schema.ts';
import type { Change } from './read-facts.ts';
import type { PatientGiven } from './read-patient.ts';
import type { HistoryList } from './values.ts';

/** Two entries are the same fact where code and onset are; an illness had twice stands twice. */
export const factKey = ({ system, code, onset }: Coded): string => `${system}|${code}|${onset ?? ''}`;

/** A file as it is kept → as it is filed: the home's position as it was given. */
function asGiven({ home, filedAt: _filed, ...rest }: FiledResident): Resident {
  if (!home) return rest;
  const { rawPosition, position, ...place } = home;
  const given = rawPosition ?? position;
  return { ...rest, home: { ...place, ...(given ? { position: given } : {}) } };
}

/**
 * @param file as filed so far; null where nobody is
 * @param patient what the Bundle says of the person; null where it only adds facts
 */
export function mergeFile(
  residentId: string,
  file: FiledResident | null,
  patient: PatientGiven | null,
  changes: readonly Change[],
): Resident {
  const before = file ? asGiven(file) : null;
  const person = patient ? { ...before, ...patient.fields, ...mergedHome(before, patient) } : before;
  if (!person) throw new TypeError('neither a file nor a patient');
  const { history, livesAlone } = mergeHistory(person.history ?? {}, changes);
  return {
    ...person,
    residentId,
    ...(Object.keys(history).length ? { history } : {}),
    ...(livesAlone ? { livesAlone } : {}),
  };
}

/** Floor, lift and how to get in stay with an address that stays; another address is another home. */
function mergedHome(before: Resident | null, { fields }: PatientGiven): Pick<Resident, 'home'> {
  if (!fields.home) return before?.home ? { home: before.home } : {};
  return { home: before?.home?.address === fields.home.address ? { ...before.home, ...fields.home } : fields.home };
}

type Lists = Partial<Record<HistoryList, Coded[]>>;

function mergeHistory(before: History, changes: readonly Change[]): { history: History; livesAlone: boolean } {
  const history: { -readonly [K in keyof History]: History[K] } = { ...before };
  const lists = history as Lists;
  const latest = { weight: -Infinity, 'due-date': -Infinity };
  let livesAlone = false;
  for (const change of changes) {
    switch (change.kind) {
      case 'coded': {
        const entries = new Map((lists[change.list] ?? []).map((entry) => [factKey(entry), entry]));
        for (const entry of change.entries) {
          if (change.standing !== 'not-a-fact') entries.set(factKey(entry), entry);
          else for (const [key, other] of entries) if (isSaidOf(entry, other)) entries.delete(key);
        }
        if (entries.size > 0 || lists[change.list]) lists[change.list] = [...entries.values()];
        break;
      }
      case 'weight':
        if (change.at >= latest.weight) history.weightKg = change.weightKg;
        latest.weight = Math.max(latest.weight, change.at);
        break;
      case 'due-date':
        if (change.at >= latest['due-date']) history.pregnancyDueDate = change.day;
        latest['due-date'] = Math.max(latest['due-date'], change.at);
        break;
      case 'mobility':
        if (history.mobility !== 'bedridden') history.mobility = change.mobility;
        break;
      case 'lives-alone':
        livesAlone = true;
        break;
      default:
        change satisfies never;
    }
  }
  return { history, livesAlone };
}

/** Whether what was never so is this entry; without an onset, whichever of that code. */
const isSaidOf = (gone: Coded, entry: Coded): boolean =>
  gone.system === entry.system && gone.code === entry.code && (gone.onset === undefined || gone.onset === entry.onset);

/** A file under another name and another date of birth is somebody else's. */
export const isAnotherPerson = (file: FiledResident, { fields }: PatientGiven): boolean =>
  file.name !== fields.name && file.birthDate !== fields.birthDate;
