/** Who is meant by the identifiers others use: blind tokens in, residents out. */
import type { Executor } from '../../database/pool.ts';

export const sql = {
  /** Filings that speak of the same people take turns, in one order. $1 class, $2 buckets. */
  takeTurns: {
    name: 'fhir-identifiers.take-turns',
    text: `
      SELECT pg_advisory_xact_lock($1::int, bucket)
      FROM (SELECT DISTINCT bucket FROM unnest($2::int[]) AS b (bucket) ORDER BY bucket) AS ordered`,
  },
  /** Residents by tokens of identifiers or of citizen numbers. $1 tokens. */
  find: {
    name: 'fhir-identifiers.find',
    text: `
      SELECT token::text, resident_id FROM fhir_identifiers WHERE token = ANY($1::bigint[])
      UNION
      SELECT k.token::text, r.resident_id FROM resident_keys k JOIN residents r USING (resident_ref)
      WHERE k.token = ANY($1::bigint[])`,
  },
  /** Which of these are filed. $1 resident ids. */
  filed: {
    name: 'fhir-identifiers.filed',
    text: 'SELECT resident_id FROM residents WHERE resident_id = ANY($1::text[])',
  },
  /** $1 tokens, $2 residents, side by side. */
  add: {
    name: 'fhir-identifiers.add',
    text: `
      INSERT INTO fhir_identifiers (token, resident_id)
      SELECT * FROM unnest($1::bigint[], $2::text[]) ON CONFLICT DO NOTHING`,
  },
} as const;

/** First the identifiers, then the residents they lead to: in that order nobody waits in a circle. */
const lockClasses = { identifiers: 8_041, residents: 8_042 } as const;
/** Far fewer than PostgreSQL holds locks for, however many people a Bundle speaks of. */
const BUCKETS = 256;

/** Until the transaction ends, others that name one of these wait; now and then one that names none of them as well. */
export async function takeTurns(
  tx: Executor,
  kind: keyof typeof lockClasses,
  tokens: readonly string[],
): Promise<void> {
  const buckets = tokens.map((token) => Number(BigInt.asUintN(64, BigInt(token)) % BigInt(BUCKETS)));
  if (buckets.length > 0) await tx.query({ ...sql.takeTurns, values: [lockClasses[kind], buckets] });
}

/** Token → residents known by it. Tokens come back as text: they use all 64 bits. */
export async function findByTokens(tx: Executor, tokens: readonly string[]): Promise<ReadonlyMap<string, string[]>> {
  const found = new Map<string, string[]>();
  if (tokens.length === 0) return found;
  const { rows } = await tx.query<{ token: string; resident_id: string }>({ ...sql.find, values: [tokens] });
  for (const { token, resident_id: residentId } of rows) found.set(token, [...(found.get(token) ?? []), residentId]);
  return found;
}

export async function findFiled(tx: Executor, residentIds: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await tx.query<{ resident_id: string }>({ ...sql.filed, values: [residentIds] });
  return new Set(rows.map((row) => row.resident_id));
}

export async function addIdentifiers(
  tx: Executor,
  identifiers: readonly { readonly token: string; readonly residentId: string }[],
): Promise<void> {
  if (identifiers.length === 0) return;
  await tx.query({
    ...sql.add,
    values: [identifiers.map(({ token }) => token), identifiers.map(({ residentId }) => residentId)],
  });
}
