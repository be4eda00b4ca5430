/** Which filed residents the patient of a call may be: Fellegi–Sunter weights, and a posterior over all candidates. Pure. */
import type { Instant } from '../../domain/time.ts';
import type { CallerFacts, Candidate, EvidenceField, Finding, Findings } from './compare.ts';
import { compare, isShared, stated } from './compare.ts';
import {
  HOUSEHOLD_CAP_BITS,
  LEAST_REGISTRY,
  MATCH_CONFIDENCE,
  OTHERS_WHERE_ALONE,
  POSSIBLE_CONFIDENCE,
  POSSIBLE_SHARE_OF_BEST,
} from './weights.ts';

export type { CallerFacts, Candidate, EvidenceField } from './compare.ts';

export interface Evidence {
  readonly field: EvidenceField;
  /** log2(m/u) as it counted, one decimal; the sum over a match's evidence is its score. */
  readonly weight: number;
  readonly agreement: string;
}

export interface Match {
  readonly residentId: string;
  /** Posterior that this resident is the patient, cut to three decimals; 1 only where confirmed. */
  readonly confidence: number;
  readonly grade: 'match' | 'possible';
  readonly evidence: readonly Evidence[];
}

interface Weighed {
  readonly finding: Finding;
  readonly weight: number;
}

/** How many candidates hold the very phone, device, door or citizen number of the call. */
interface Sharers {
  phone: number;
  device: number;
  address: number;
  idNumber: number;
}
const nobodyElse: Sharers = { phone: 1, device: 1, address: 1, idNumber: 1 };

/** A number counts as one value, whether filed as the resident's or a contact's. */
const shareOf = (field: EvidenceField): keyof Sharers =>
  field === 'device' || field === 'address' || field === 'idNumber' ? field : 'phone';

function weigh(finding: Finding, registry: number, sharers: Sharers, livesAlone: boolean): Weighed {
  const { rate } = finding;
  const share = livesAlone && (finding.field === 'phone' || finding.field === 'address') ? OTHERS_WHERE_ALONE : 1;
  const ratio = isShared(rate)
    ? (rate.m * registry) / (rate.others * share * sharers[shareOf(finding.field)])
    : rate.m / rate.u;
  const weight = Math.log2(ratio);
  return { finding, weight: isShared(rate) ? Math.max(0, weight) : weight };
}

/** Address and distance are one statement made twice: one of them counts. */
function place(household: Weighed[]): Weighed[] {
  const address = household.find((w) => w.finding.field === 'address');
  const distance = household.find((w) => w.finding.field === 'distance');
  if (address === undefined || distance === undefined) return household;
  // A stated door overrules a fix, which cannot tell neighbours apart; else agreement overrules, then the stronger.
  const door = address.finding.agreement === 'other-door';
  const stronger =
    Math.max(address.weight, distance.weight) > 0 ? address.weight < distance.weight : distance.weight < address.weight;
  const dropped = door || !stronger ? distance : address;
  return household.filter((w) => w !== dropped);
}

/** The strongest agreement in full, further ones capped, disagreements in full. */
function capped(household: Weighed[]): Weighed[] {
  let strongest: Weighed | null = null;
  for (const w of household) if (w.weight > (strongest?.weight ?? 0)) strongest = w;
  return household.map((w) =>
    w === strongest || w.weight <= HOUSEHOLD_CAP_BITS ? w : { finding: w.finding, weight: HOUSEHOLD_CAP_BITS },
  );
}

function contributions(
  { household, person }: Findings,
  registry: number,
  sharers: Sharers,
  livesAlone: boolean,
): Weighed[] {
  const together = capped(place(household.map((f) => weigh(f, registry, sharers, livesAlone))));
  for (const finding of person) together.push(weigh(finding, registry, sharers, livesAlone));
  return together;
}

const total = (weighed: Weighed[]) => weighed.reduce((sum, w) => sum + w.weight, 0);

export interface Scored {
  readonly residentId: string;
  readonly weighed: Weighed[];
  /** Bits for this resident being the patient, before candidates compete. */
  readonly score: number;
  /** The score had nobody else been filed with the same phone, device or door. */
  readonly scoreAlone: number;
}

/** Scores all candidates, in the order given. `registrySize` is the number of residents filed. */
export function scoreResidents(
  caller: CallerFacts,
  candidates: readonly Candidate[],
  now: Instant,
  registrySize: number,
): Scored[] {
  const registry = Math.max(LEAST_REGISTRY, registrySize);
  const said = stated(caller);
  const compared = candidates.map((candidate) => compare(caller, said, candidate, now));
  const sharers: Sharers = { phone: 0, device: 0, address: 0, idNumber: 0 };
  for (const { household, person } of compared) {
    for (const { field, rate } of household) if (isShared(rate)) sharers[shareOf(field)]++;
    for (const { field, rate } of person) if (isShared(rate)) sharers[shareOf(field)]++;
  }
  const anyShared = Object.values(sharers).some((n) => n > 1);
  return compared.map((findings, i) => {
    const candidate = candidates[i] as Candidate;
    const livesAlone = candidate.livesAlone === true;
    const weighed = contributions(findings, registry, sharers, livesAlone);
    const score = total(weighed);
    return {
      residentId: candidate.residentId,
      weighed,
      score,
      scoreAlone: anyShared ? total(contributions(findings, registry, nobodyElse, livesAlone)) : score,
    };
  });
}

/**
 * The residents the patient may be, most likely first; the unlikely are left out.
 *
 * A call has one patient, so candidates compete: confidence = odds ÷ (1 + the odds of all), odds = prior × 2^score,
 * prior = 1 / registry size for each: that the patient is filed at all is taken as even odds, which is cautious where
 * the old and the ill are filed. Two equal residents on one number get about a half each, and are both `possible`.
 * How long ago a file was confirmed plays no part: a stale file must not hide its resident.
 * `candidates` holds each resident once, in any order.
 */
export function matchResidents(
  caller: CallerFacts,
  candidates: readonly Candidate[],
  now: Instant,
  registrySize: number,
): Match[] {
  if (caller.residentId !== null) {
    return candidates
      .filter((c) => c.residentId === caller.residentId)
      .map(({ residentId }) => ({
        residentId,
        confidence: 1,
        grade: 'match',
        evidence: [{ field: 'confirmed', weight: 0, agreement: 'agree' }],
      }));
  }
  const prior = 1 / Math.max(LEAST_REGISTRY, registrySize);
  const scored = scoreResidents(caller, candidates, now, registrySize).sort(
    (a, b) => b.score - a.score || (a.residentId < b.residentId ? -1 : 1),
  );
  const odds = scored.map((s) => prior * 2 ** s.score);
  const everyone = 1 + odds.reduce((sum, o) => sum + o, 0);
  const best = odds[0] ?? 0;
  const matches: Match[] = [];
  scored.forEach((s, i) => {
    const posterior = (odds[i] as number) / everyone;
    const alone = prior * 2 ** s.scoreAlone;
    const credible = alone / (1 + alone) >= POSSIBLE_CONFIDENCE && (odds[i] as number) >= best * POSSIBLE_SHARE_OF_BEST;
    if (posterior < MATCH_CONFIDENCE && !credible) return;
    matches.push({
      residentId: s.residentId,
      confidence: Math.floor(posterior * 1000) / 1000,
      grade: posterior >= MATCH_CONFIDENCE ? 'match' : 'possible',
      evidence: s.weighed
        .map(({ finding, weight }) => ({
          field: finding.field,
          weight: Math.round(weight * 10) / 10,
          agreement: finding.agreement,
        }))
        .sort((a, b) => b.weight - a.weight),
    });
  });
  return matches;
}

/**
 * The residents whose histories count for the decision. A `match` stands alone. Several `possible` all count, their
 * requirements are joined; more than `limit` of them (a nursing home's switchboard) and none does: complaint only.
 */
export function credible(matches: readonly Match[], limit = 4): { residents: Match[]; tooMany: boolean } {
  const certain = matches.filter((m) => m.grade === 'match');
  if (certain.length > 0) return { residents: certain, tooMany: false };
  return matches.length > limit ? { residents: [], tooMany: true } : { residents: [...matches], tooMany: false };
}
