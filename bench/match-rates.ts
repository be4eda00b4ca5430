/** Counts m and u of the match weights on the invented population, beside the figures in use; a centre counts its own this way. */
import type { Candidate, EvidenceField } from '../src/residents/match/compare.ts';
import { compare, stated } from '../src/residents/match/compare.ts';
import { makeTown, toCandidate } from './match-quality.ts';
import { seededRandom } from './random.ts';

const size = { residents: 100_000, calls: 40_000, seed: 7 };
const RANDOM_PAIRS_PER_CALL = 5;
const { filed, registry, calls, now } = makeTown(size);
const byId = new Map<string, Candidate>(filed.map((r) => [r.residentId, toCandidate(r)]));
const everyone = [...byId.values()];
const random = seededRandom(size.seed + 2);

const fields = new Map<string, Map<string, number>>();
function count(table: string, field: EvidenceField, agreement: string, relation: string) {
  const name = field === 'phone' || field === 'contactPhone' ? `phone of ${relation}` : field;
  const level = field === 'phone' && agreement === 'agree' ? 'own' : field === 'contactPhone' ? 'contact' : agreement;
  const counts = fields.get(`${table} ${name}`) ?? new Map<string, number>();
  fields.set(`${table} ${name}`, counts.set(level, (counts.get(level) ?? 0) + 1));
}
const callsOf = new Map<string, { filed: number; unfiled: number }>();

for (const { caller, patient } of calls) {
  const seen = callsOf.get(caller.relation) ?? { filed: 0, unfiled: 0 };
  callsOf.set(caller.relation, seen);
  seen[patient === null ? 'unfiled' : 'filed']++;
  const found = (candidate: Candidate) => {
    const { household, person } = compare(caller, stated(caller), candidate, now);
    return [...household, ...person];
  };
  if (patient !== null) {
    for (const f of found(byId.get(patient) as Candidate)) count('m', f.field, f.agreement, caller.relation);
    for (let i = 0; i < RANDOM_PAIRS_PER_CALL; i++) {
      for (const f of found(random.pick(everyone))) count('u', f.field, f.agreement, caller.relation);
    }
  } else {
    // Agreements with anyone filed, once a call and level: `others` is this per patient who is filed.
    const levels = new Set<string>();
    for (const candidate of registry.candidates(caller)) {
      for (const f of found(candidate)) if ('others' in f.rate) levels.add(`${f.field} ${f.agreement}`);
    }
    for (const level of levels) {
      const [field, agreement] = level.split(' ') as [EvidenceField, string];
      count('others', field, agreement, caller.relation);
    }
  }
}

const filedCalls = calls.filter((c) => c.patient !== null).length;
const rows: Record<string, string | number>[] = [];
for (const [key, m] of fields) {
  if (!key.startsWith('m ')) continue;
  const field = key.slice(2);
  const u = fields.get(`u ${field}`) ?? new Map<string, number>();
  const others = fields.get(`others ${field}`);
  const sum = (counts: Map<string, number>) => [...counts.values()].reduce((a, b) => a + b, 0);
  const per = field.startsWith('phone of ') ? (callsOf.get(field.slice(9))?.filed ?? 0) : filedCalls;
  for (const level of new Set([...m.keys(), ...u.keys()])) {
    rows.push({
      field,
      level,
      m: ((m.get(level) ?? 0) / sum(m)).toPrecision(3),
      u: ((u.get(level) ?? 0) / sum(u)).toPrecision(3),
      others: others?.has(level) ? ((others.get(level) ?? 0) / per).toPrecision(3) : '',
    });
  }
}
console.table(rows.sort((a, b) => (`${a.field}` < `${b.field}` ? -1 : 1)));
