/** What the database and the record platform hold of the way back at the end of a run, opened and reduced to its marks. */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import { canonical } from '../../src/care/canonical.ts';
import { resultContext } from '../../src/care/follow-up-result-store.ts';
import { type Learned, learnedContext } from '../../src/care/learned.ts';
import { type Outcome, outcomeContext } from '../../src/care/outcome.ts';
import { entryContext } from '../../src/care/record.ts';
import type { Seal } from '../../src/database/seal.ts';
import type { FiledResident } from '../../src/residents/file.ts';
import { residentContext } from '../../src/residents/store.ts';
import type { PlatformServer } from '../care/fhir/platform-server.ts';
import type { Loose } from '../care/fhir/support.ts';
import { MARK } from './way-back-load.ts';

export interface WayBackFacts {
  /** Whose calls they are settled to be. */
  readonly patients: readonly { readonly callId: string; readonly residentId: string }[];
  readonly entries: readonly { readonly callId: string; readonly entryId: string; readonly mark: string | null }[];
  readonly outcomes: readonly {
    readonly outcomeId: string;
    readonly callId: string | null;
    readonly state: string;
    readonly reportId: string | null;
    readonly isWrittenBack: boolean;
    readonly mark: string | null;
    /** It names a diagnosis the plan has a visit for. */
    readonly asks: boolean;
  }[];
  readonly histories: readonly {
    readonly residentId: string;
    /** Marks in the file, as often as they stand there. */
    readonly filed: readonly string[];
    /** Marks in what was learned, with the report, entry or follow-up each is said to come from. */
    readonly learned: readonly { readonly mark: string; readonly sourceId: string }[];
    readonly isDead: boolean;
  }[];
  readonly followUps: readonly {
    readonly followUpId: string;
    readonly callId: string;
    readonly rule: string;
    readonly status: string;
    readonly remindAt: number;
    readonly dueAt: number;
    readonly remindedAt: number | null;
    readonly overdueAt: number | null;
    readonly finding: string | null;
  }[];
  /** In the order in which they were to be sent. */
  readonly deliveries: readonly {
    readonly seq: number;
    readonly residentId: string;
    readonly state: string;
    readonly digest: string;
  }[];
  readonly platform: {
    /** In the order in which the platform applied them. */
    readonly applied: readonly { readonly residentId: string; readonly digest: string }[];
    /** Diagnoses there; what was entered in error stands no more. */
    readonly conditions: readonly { readonly mark: string; readonly stands: boolean }[];
  };
  /** When all this was read. */
  readonly readAt: number;
  /** Where the log stood when it was last gone through for the platform. */
  readonly collected: number;
}

const digestOf = (bundle: unknown) => createHash('sha256').update(canonical(bundle)).digest('hex').slice(0, 16);
const marksIn = (value: unknown): string[] => JSON.stringify(value ?? null).match(new RegExp(MARK, 'g')) ?? [];
const markIn = (value: unknown): string | null => marksIn(value)[0] ?? null;

/** Reads all of it in one snapshot; the platform is read as it is at this moment. */
export async function readWayBack(db: pg.Pool, seal: Seal, platform: PlatformServer): Promise<WayBackFacts> {
  const client = await db.connect();
  const rows = async <Row extends pg.QueryResultRow>(text: string) => (await client.query<Row>(text)).rows;
  const ms = (column: string) => `round(extract(epoch FROM ${column}) * 1000)::float8`;
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const entries = await rows<{ callId: string; entryId: string; sealed: Buffer }>(
      'SELECT call_id AS "callId", entry_id AS "entryId", sealed FROM care_entries ORDER BY place',
    );
    const outcomes = await rows<Omit<WayBackFacts['outcomes'][number], 'mark' | 'asks'> & { sealed: Buffer }>(
      `SELECT outcome_id AS "outcomeId", call_id AS "callId", state, report_id AS "reportId", sealed,
              written_back_at IS NOT NULL AS "isWrittenBack" FROM outcomes ORDER BY place`,
    );
    const residents = await rows<{ residentId: string; sealed: Buffer; learned: Buffer | null }>(
      'SELECT resident_id AS "residentId", sealed, learned FROM residents',
    );
    const followUps = await rows<Omit<WayBackFacts['followUps'][number], 'finding'> & { sealed: Buffer | null }>(
      `SELECT follow_up_id AS "followUpId", call_id AS "callId", rule, status, ${ms('remind_at')} AS "remindAt",
              ${ms('due_at')} AS "dueAt", ${ms('reminded_at')} AS "remindedAt", ${ms('overdue_at')} AS "overdueAt",
              sealed_result AS sealed FROM follow_ups`,
    );
    const deliveries = await rows<{ seq: number; residentId: string; state: string; sealed: Buffer }>(
      'SELECT seq::float8 AS seq, resident_id AS "residentId", state, sealed FROM platform_deliveries ORDER BY seq',
    );
    const facts: WayBackFacts = {
      patients: await rows('SELECT call_id AS "callId", resident_id AS "residentId" FROM call_patients'),
      entries: entries.map(({ sealed, ...row }) => ({
        ...row,
        mark: markIn(seal.open(sealed, entryContext(row.callId, row.entryId))),
      })),
      outcomes: outcomes.map(({ sealed, ...row }) => {
        const { diagnoses = [] } = seal.open<Outcome>(sealed, outcomeContext(row.outcomeId));
        return { ...row, mark: markIn(diagnoses), asks: diagnoses.some(({ code }) => code === 'I21.0') };
      }),
      histories: residents.map(({ residentId, sealed, learned }) => {
        const known = learned && seal.open<Learned>(learned, learnedContext(residentId));
        const said = known
          ? [...known.conditions, ...known.allergies, ...known.medications, ...known.procedures, ...known.findings]
          : [];
        return {
          residentId,
          filed: marksIn(seal.open<FiledResident>(sealed, residentContext(residentId)).history),
          learned: said.flatMap((each) => {
            const mark = markIn('code' in each ? each.code : each.text);
            return mark === null ? [] : [{ mark, sourceId: each.from.sourceId }];
          }),
          isDead: known?.death != null,
        };
      }),
      followUps: followUps.map(({ sealed, ...row }) => ({
        ...row,
        finding: sealed && markIn(seal.open<Loose>(sealed, resultContext(row.followUpId)).findings),
      })),
      deliveries: deliveries.map(({ sealed, ...row }) => ({
        ...row,
        digest: digestOf(seal.open(sealed, `delivery:${row.seq}`)),
      })),
      platform: {
        applied: platform.applied.map(({ patient, bundle }) => ({ residentId: patient, digest: digestOf(bundle) })),
        conditions: platform.stored().flatMap((resource) => {
          const mark = resource.resourceType === 'Condition' ? markIn(resource.code) : null;
          const stands = resource.verificationStatus?.coding?.[0]?.code !== 'entered-in-error';
          return mark === null ? [] : [{ mark, stands }];
        }),
      },
      readAt: Date.now(),
      collected:
        (await rows<{ seq: number }>(`SELECT seq::float8 AS seq FROM relay_cursors WHERE name = 'platform'`))[0]?.seq ??
        0,
    };
    await client.query('COMMIT');
    return facts;
  } finally {
    client.release();
  }
}

/** Whether nothing is under way any more: deadlines fired, all collected, all delivered. */
export async function isWayBackOver(db: pg.Pool): Promise<boolean> {
  const { rows } = await db.query<{ over: boolean }>(
    `SELECT NOT EXISTS (SELECT FROM follow_ups WHERE status = 'due'
                          AND (due_at <= now() OR (remind_at <= now() AND reminded_at IS NULL)))
        AND NOT EXISTS (SELECT FROM platform_deliveries WHERE state = 'pending')
        AND (SELECT seq FROM event_head) <= coalesce((SELECT seq FROM relay_cursors WHERE name = 'platform'), 0) AS over`,
  );
  return rows[0]?.over ?? false;
}
