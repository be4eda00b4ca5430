/**
 * Which unit was on which call between which events, so that a crew that resumes is shown what it would have seen had it
 * stayed connected, and nothing from before it was sent or after it was released.
 */
import type { EventType, StoredEvent } from '../domain/events.ts';
import { type Crews, unitsNamedBy } from './rooms.ts';

/** The events that send or release a unit. */
export const assigningTypes = [
  'unit.assigned',
  'unit.stood-down',
  'unit.status',
  'call.closed',
] as const satisfies EventType[];

/** Statuses in which a unit is on no call. */
const RELEASED = ['available', 'returning', 'off-duty'];

export interface OpenAssignment {
  readonly unitId: string;
  readonly callId: string;
  /** The event that told of it; 0 where none did. */
  readonly seq: number;
}

interface Stay {
  readonly callId: string;
  readonly from: number;
  /** The event that ended it belongs to it. */
  to: number;
}

export class CrewLog implements Crews {
  /** By unit, oldest first; only the last can be open. */
  readonly #stays = new Map<string, Stay[]>();
  /** Units on a call now, by call. */
  readonly #present = new Map<string, Set<string>>();
  readonly #keep: number;

  /** @param keep how many events back it has to remember */
  constructor(keep: number) {
    this.#keep = keep;
  }

  /** Starts over from the events before the first this instance hears of, and from who is on a call now. */
  rebuild(events: readonly StoredEvent[], open: readonly OpenAssignment[]): void {
    this.#stays.clear();
    this.#present.clear();
    for (const event of events) this.take(event);
    for (const { unitId, callId, seq } of open) {
      if (this.callOf(unitId) !== callId) this.#begin(unitId, callId, seq);
    }
  }

  /** Events in order, each once. */
  take(event: StoredEvent): void {
    const { type, callId, seq, data } = event;
    switch (type) {
      case 'unit.assigned':
        if (callId !== null) for (const unitId of unitsNamedBy(event)) this.#begin(String(unitId), callId, seq);
        break;
      case 'unit.stood-down':
        for (const unitId of unitsNamedBy(event)) this.#end(String(unitId), seq);
        break;
      case 'unit.status':
        if (RELEASED.includes(String(data.status)))
          for (const unitId of unitsNamedBy(event)) this.#end(String(unitId), seq);
        break;
      case 'call.closed':
        if (callId !== null) for (const unitId of this.#present.get(callId) ?? []) this.#end(unitId, seq);
        break;
    }
  }

  callOf(unitId: string): string | null {
    const last = this.#stays.get(unitId)?.at(-1);
    return last?.to === Infinity ? last.callId : null;
  }

  wasOn(unitId: string, callId: string, seq: number): boolean {
    return (
      this.#stays.get(unitId)?.some((stay) => stay.callId === callId && stay.from <= seq && seq <= stay.to) ?? false
    );
  }

  #begin(unitId: string, callId: string, seq: number): void {
    // A unit is on one call: the next ends the last, even if nothing said so.
    if (this.callOf(unitId) === callId) return;
    this.#end(unitId, seq);
    const stays = (this.#stays.get(unitId) ?? []).filter((stay) => stay.to >= seq - this.#keep);
    this.#stays.set(unitId, [...stays, { callId, from: seq, to: Infinity }]);
    this.#present.set(callId, (this.#present.get(callId) ?? new Set()).add(unitId));
  }

  #end(unitId: string, seq: number): void {
    const last = this.#stays.get(unitId)?.at(-1);
    if (last?.to !== Infinity) return;
    last.to = seq;
    const present = this.#present.get(last.callId);
    present?.delete(unitId);
    if (present?.size === 0) this.#present.delete(last.callId);
  }
}
