/** Who sees which event, and how much of it. Nobody sees what this table does not give them. */
import type { EventType, StoredEvent } from '../domain/events.ts';
import type { Role } from '../domain/vocabulary.ts';
import type { LiveType } from './messages.ts';
import type { LivePosition } from './port.ts';

/** Who is watching: consoles with the same role and subject see the same. */
export interface Viewer {
  readonly role: Role;
  readonly subject: string;
}

/** `nameless`: only the fields that say nothing about a person or their home. */
export type Sight = 'whole' | 'nameless';

/** Who was on which call when an event was written. */
export interface Crews {
  wasOn(unitId: string, callId: string, seq: number): boolean;
  /** The call a unit is on now. */
  callOf(unitId: string): string | null;
}

const desk = ['dispatcher', 'admin'] as const;
const onTheRoad = [...desk, 'crew', 'planner', 'hospital'] as const;
const locating = [...desk, 'crew', 'centre'] as const;
const following = [...desk, 'doctor', 'centre'] as const;

/** Roles an event may reach at all; `concerns` narrows it to their own. A new type reaches nobody until it has a line. */
const audience: Readonly<Record<LiveType, readonly Role[]>> = {
  'call.received': [...desk, 'planner', 'hospital'],
  'call.updated': [...desk, 'crew', 'hospital'],
  'recommendation.changed': [...desk, 'crew'],
  'unit.assigned': onTheRoad,
  'unit.stood-down': onTheRoad,
  'unit.status': onTheRoad,
  'unit.offered': desk,
  'unit.position': [...desk, 'crew', 'planner'],
  'time-point.reported': onTheRoad,
  'time-point.suggested': [...desk, 'crew'],
  'responder.offered': desk,
  'responder.alerted': [...desk, 'crew', 'planner'],
  'responder.accepted': [...desk, 'crew', 'planner'],
  'responder.declined': [...desk, 'crew', 'planner'],
  'responder.lapsed': [...desk, 'crew', 'planner'],
  'responder.arrived': onTheRoad,
  'responder.stood-down': [...desk, 'crew', 'planner'],
  'redeployment.suggested': [...desk, 'planner'],
  'redeployment.accepted': [...desk, 'crew', 'planner'],
  'redeployment.refused': [...desk, 'planner'],
  'redeployment.withdrawn': [...desk, 'planner'],
  'clock.warning': onTheRoad,
  'clock.breached': onTheRoad,
  'coverage.gap': [...desk, 'planner'],
  'coverage.restored': [...desk, 'planner'],
  'locate.requested': locating,
  'locate.accepted': locating,
  'locate.declined': locating,
  'locate.escalated': locating,
  'locate.answered': locating,
  'locate.commented': locating,
  'locate.refuted': locating,
  'locate.closed': locating,
  'care.recorded': [...desk, 'crew', 'hospital'],
  'outcome.received': [...desk, 'hospital'],
  'outcome.resolved': [...desk, 'hospital'],
  'resident.called': following,
  'record.written-back': following,
  'follow-up.scheduled': following,
  'follow-up.due': following,
  'follow-up.overdue': following,
  'follow-up.completed': following,
  'follow-up.cancelled': following,
  'call.closed': onTheRoad,
};

/** Fields of an event that say nothing about a person or their home; what is nested is never among them. */
const plainFields = [
  'unitId',
  'unitIds',
  'stationId',
  'responderId',
  'kind',
  'status',
  'callStatus',
  'point',
  'reportedAt',
  'counts',
  'flags',
  'shortfalls',
  'overridden',
  'priority',
  'vehicleType',
  'subdistrictCode',
  'receivedAt',
  'responseDueAt',
  'predictedOnSceneAt',
  'predictedResponseSeconds',
  'responseSeconds',
  'onSceneAt',
  'leg',
  'legSeconds',
  'ending',
  // of cover: an area of some square kilometres
  'area',
  'lostShare',
  'coveredShare',
  'gainShare',
] as const;

export function sightOf(viewer: Viewer, event: StoredEvent, crews: Crews): Sight | null {
  if (!mayReach(viewer.role, event.type) || !concerns(viewer, event, crews)) return null;
  return viewer.role === 'planner' ? 'nameless' : 'whole';
}

/** Whether a position is for the viewer: the desk and planners follow all units, a crew its own and those on its call. */
export function seesPosition({ role, subject }: Viewer, { unitId }: LivePosition, crews: Crews): boolean {
  if (!mayReach(role, 'unit.position')) return false;
  if (role !== 'crew' || unitId === subject) return true;
  const call = crews.callOf(subject);
  return call !== null && call === crews.callOf(unitId);
}

/** `data` without what could lead to a person. */
export function nameless(data: StoredEvent['data']): StoredEvent['data'] {
  return Object.fromEntries(
    plainFields.filter((field) => field in data && isPlain(data[field])).map((field) => [field, data[field]]),
  );
}

const isPlain = (value: unknown): boolean =>
  Array.isArray(value) ? value.every((each) => typeof each === 'string') : typeof value !== 'object' || value === null;

// The log may hold a type this version does not know.
const mayReach = (role: Role, type: LiveType): boolean => audience[type]?.includes(role) ?? false;

function concerns({ role, subject }: Viewer, event: StoredEvent, crews: Crews): boolean {
  const { data } = event;
  switch (role) {
    case 'dispatcher':
    case 'admin':
    case 'planner':
      return true;
    case 'crew':
      return unitsNamedBy(event).includes(subject) || isOnCall(subject, event, crews);
    case 'centre':
      // Everybody who was ever asked hears of it to the end.
      return data.communityCentreId === subject || (Array.isArray(data.centreIds) && data.centreIds.includes(subject));
    case 'hospital':
      return data.hospitalId === subject;
    case 'doctor':
      return data.doctorId === subject;
    case 'registry':
      return false;
    default:
      return role satisfies never;
  }
}

const isOnCall = (unitId: string, { callId, seq }: StoredEvent, crews: Crews): boolean =>
  callId !== null && crews.wasOn(unitId, callId, seq);

/** Units an event speaks of. */
export function unitsNamedBy({
  data,
}: {
  readonly type: EventType;
  readonly data: StoredEvent['data'];
}): readonly unknown[] {
  if (data.unitId !== undefined) return [data.unitId];
  return Array.isArray(data.unitIds) ? data.unitIds : [];
}
