/** What a run's clients did and were told, and what its consoles saw: the half of the truth the service does not write itself. */
import type { RunPoint } from '../../src/domain/run.ts';
import type { Answer } from './client.ts';

/** `refused`: told no. `unknown`: never told anything before the run gave up asking. */
export type Outcome = 'acknowledged' | 'refused' | 'unknown';

/** Times are milliseconds on the clients' own monotonic clock. */
export interface Asked {
  readonly startedMs: number;
  readonly endedMs: number;
  /** Attempts that got no answer, or a 5xx, which does not say what was stored. */
  readonly unanswered: number;
  readonly outcome: Outcome;
  /** The event the service named in its answer. */
  readonly seq: number | null;
}

export type Operation = Asked &
  (
    | { readonly kind: 'call'; readonly key: string; readonly callId: string | null }
    | { readonly kind: 'update'; readonly callId: string }
    | {
        readonly kind: 'assignment';
        readonly callId: string;
        readonly unitId: string;
        /** As answered, or as found by looking after an answer was lost; milliseconds since the epoch. */
        readonly assignedAt: number | null;
      }
    | {
        readonly kind: 'report';
        readonly callId: string;
        readonly unitId: string;
        readonly point: RunPoint;
        /** Milliseconds since the epoch; no two reports of a run share unit, call, point and time. */
        readonly at: number;
      }
    | { readonly kind: 'stand-down'; readonly callId: string; readonly unitId: string }
    | { readonly kind: 'close'; readonly callId: string }
    | { readonly kind: 'search'; readonly callId: string; readonly key: string; readonly searchId: string | null }
    | {
        readonly kind: 'hold' | 'find';
        readonly callId: string;
        readonly searchId: string;
        readonly centreId: string;
      }
    | {
        readonly kind: 'record';
        readonly callId: string;
        readonly entries: { readonly entryId: string; readonly mark: string | null }[];
      }
    | {
        readonly kind: 'outcome';
        readonly callId: string;
        readonly reportId: string;
        readonly mark: string;
        /** The mark of the report it corrects. */
        readonly replaces: string | null;
        readonly outcomeId: string | null;
      }
    | {
        readonly kind: 'completion';
        readonly callId: string;
        readonly followUpId: string;
        readonly finding: string;
      }
    | {
        readonly kind: 'filing';
        readonly callId: null;
        /** A resident's id, or the identifier a Bundle knows somebody by. */
        readonly who: string;
        readonly mark: string;
        readonly how: 'replace' | 'add';
      }
    | { readonly kind: 'alert'; readonly callId: string; readonly responderId: string; readonly alertId: string | null }
    | {
        readonly kind: 'alert-answer';
        readonly callId: string;
        readonly responderId: string;
        readonly alertId: string;
        readonly said: 'accept' | 'decline' | 'on-scene';
      }
    | {
        readonly kind: 'move';
        readonly callId: null;
        readonly moveId: string;
        readonly decision: 'accept' | 'refuse';
      }
    | {
        readonly kind: 'job';
        readonly callId: null;
        readonly key: string;
        readonly what: 'siting' | 'simulation';
        readonly jobId: string | null;
      }
  );
export type OperationOf<K extends Operation['kind']> = Extract<Operation, { readonly kind: K }>;

export interface Seen {
  readonly seq: number;
  readonly type: string;
  readonly callId: string | null;
}

/** One console over all its connections. */
export interface ConsoleHistory {
  readonly name: string;
  readonly role: 'dispatcher' | 'admin' | 'crew' | 'centre' | 'doctor' | 'hospital';
  readonly subject: string;
  /** Where its first greeting said it begins; null where it was never greeted. */
  from: number | null;
  readonly seen: Seen[];
  /** Greetings that told it to start over, or to begin elsewhere than where it was. */
  readonly lost: { readonly since: number; readonly told: number; readonly reset: boolean }[];
  connections: number;
}

/** Something that may never happen whatever breaks around the service: it ended by itself, or said 500. */
export interface Surprise {
  readonly what: string;
  readonly detail: string;
}

export interface History {
  readonly operations: Operation[];
  readonly consoles: ConsoleHistory[];
  readonly surprises: Surprise[];
}

/** What an answer says of the request it is for. */
export function asked({ status, body, startedMs, endedMs, unanswered }: Answer): Asked {
  const outcome: Outcome = status === 0 ? 'unknown' : status < 300 ? 'acknowledged' : 'refused';
  return { startedMs, endedMs, unanswered, outcome, seq: outcome === 'acknowledged' ? (body?.seq ?? null) : null };
}

export const newHistory = (): History => ({ operations: [], consoles: [], surprises: [] });

export const operationsOf = <K extends Operation['kind']>(history: Pick<History, 'operations'>, kind: K) =>
  history.operations.filter((operation): operation is OperationOf<K> => operation.kind === kind);
