/** What happens, in the words consoles, jobs and the log share. */
import type { Instant } from './time.ts';

export const eventTypes = [
  'call.received',
  'call.updated',
  'recommendation.changed',
  'unit.assigned',
  'unit.stood-down',
  'unit.status',
  'unit.offered',
  'time-point.reported',
  'time-point.suggested',
  'responder.offered',
  'responder.alerted',
  'responder.accepted',
  'responder.declined',
  'responder.lapsed',
  'responder.arrived',
  'responder.stood-down',
  'redeployment.suggested',
  'redeployment.accepted',
  'redeployment.refused',
  'redeployment.withdrawn',
  'clock.warning',
  'clock.breached',
  'coverage.gap',
  'coverage.restored',
  'locate.requested',
  'locate.accepted',
  'locate.declined',
  'locate.escalated',
  'locate.answered',
  'locate.commented',
  'locate.refuted',
  'locate.closed',
  'care.recorded',
  'outcome.received',
  'outcome.resolved',
  'resident.called',
  'record.written-back',
  'follow-up.scheduled',
  'follow-up.due',
  'follow-up.overdue',
  'follow-up.completed',
  'follow-up.cancelled',
  'call.closed',
] as const;
export type EventType = (typeof eventTypes)[number];

/** An event about to be written. `data` names nobody: who may see more asks for the call. */
export interface NewEvent {
  readonly type: EventType;
  readonly at: Instant;
  readonly callId: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** An event as written; `seq` is gapless and in commit order. */
export interface StoredEvent {
  readonly seq: number;
  readonly type: EventType;
  /** RFC 3339. */
  readonly at: string;
  readonly callId: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}
