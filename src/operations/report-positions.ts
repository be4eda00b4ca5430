/** Positions of units as they are heard, in batches: judged, kept, used where they can be believed, shown to the consoles. */
import { batched } from '../database/batch.ts';
import { appendEvents } from '../database/events.ts';
import { inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { type FieldProblem, Problem } from '../domain/errors.ts';
import { type Position, type PositionInput, toWgs84 } from '../domain/position.ts';
import type { Instant } from '../domain/time.ts';
import { type HeardFix, type KeptFix, keepPositions, lockForSuggestion, readTracks } from '../fleet/position-store.ts';
import { judgeFix, metresOnScene, type PositionFlag } from '../fleet/positions.ts';
import type { Actor } from './receive-call.ts';

export interface PositionReport {
  readonly unitId: string;
  readonly position: PositionInput;
  /** RFC 3339. */
  readonly at: string;
  /** Metres a second. */
  readonly speed?: number;
  /** Degrees from north. */
  readonly heading?: number;
}

export interface PositionsAnswer {
  /** Kept, the flagged ones among them. */
  readonly accepted: number;
  readonly flagged: readonly {
    readonly index: number;
    readonly unitId: string;
    readonly flags: readonly PositionFlag[];
  }[];
}

/** A batch of one sender. Throws `forbidden` where a crew reports for others, `unknown-unit` where no unit of it is filed. */
export type ReportPositions = (reports: readonly PositionReport[], actor: Actor) => Promise<PositionsAnswer>;

/** Batches that share a statement at most. */
const BATCHES_TOGETHER = 16;

interface Suggestion {
  readonly unitId: string;
  readonly callId: string;
  readonly distanceMetres: number;
}

interface Heard {
  readonly index: number;
  readonly fix: HeardFix;
}

/**
 * Batches that arrive while one is written go together in the next, so that one instance judges each unit's fixes one
 * after the other. Two instances may judge two fixes of a unit by the same last one; the newer is used either way.
 * `timesFaster`: the demonstration's units drive so many times as fast as real ones, and are believed all the same.
 */
export function positionReports(deps: Deps, timesFaster: () => number = () => 1): ReportPositions {
  const report = batched((batches: readonly (readonly Heard[])[]) => keepBatches(deps, batches, timesFaster()), {
    atMost: BATCHES_TOGETHER,
  });
  return async (reports, actor) => {
    refuseOthers(reports, actor);
    const heardAt = deps.clock.now();
    const answer = await report(reports.map((one, index) => ({ index, fix: heardFix(one, heardAt) })));
    if (answer.accepted > 0) return answer;
    throw new Problem(
      'unknown-unit',
      answer.flagged.slice(0, FIELDS_NAMED_AT_MOST).map(({ index }) => ofUnit(index, 'is not filed')),
    );
  };
}

const FIELDS_NAMED_AT_MOST = 20;
const ofUnit = (index: number, detail: string): FieldProblem => ({ field: `[${index}].unitId`, detail });

function refuseOthers(reports: readonly PositionReport[], { role, subject }: Actor): void {
  if (role !== 'crew') return;
  const index = reports.findIndex(({ unitId }) => unitId !== subject);
  if (index >= 0) throw new Problem('forbidden', [ofUnit(index, 'is not the unit of this crew')]);
}

function heardFix({ unitId, position, at, speed, heading }: PositionReport, heardAt: Instant): HeardFix {
  return {
    unitId,
    position: toWgs84(position),
    at: Date.parse(at),
    heardAt,
    raw: position,
    speed: speed ?? null,
    heading: heading ?? null,
  };
}

async function keepBatches(
  deps: Deps,
  batches: readonly (readonly Heard[])[],
  timesFaster: number,
): Promise<PositionsAnswer[]> {
  const unitIds = [...new Set(batches.flatMap((batch) => batch.map(({ fix }) => fix.unitId)))];
  const notAfter = Math.max(...batches.map((batch) => batch[0]?.fix.heardAt ?? 0));
  const tracks = await readTracks(deps.db, unitIds, notAfter);

  const kept: KeptFix[] = [];
  const moves = new Map<string, HeardFix>();
  const suggestions = new Map<string, Suggestion>();
  const answers = batches.map((batch): PositionsAnswer => {
    const flagged: PositionsAnswer['flagged'][number][] = [];
    let accepted = 0;
    for (const { index, fix } of batch) {
      const { unitId } = fix;
      const known = tracks.get(unitId);
      if (!known) {
        flagged.push({ index, unitId, flags: ['unknown-unit'] });
        continue;
      }
      const { flags, track } = judgeFix(known, fix, fix.heardAt, deps.config.serviceArea, timesFaster);
      tracks.set(unitId, { ...track, target: known.target });
      kept.push({ ...fix, flags });
      accepted += 1;
      if (flags.length > 0) {
        flagged.push({ index, unitId, flags });
        continue;
      }
      moves.set(unitId, fix);
      const suggestion = known.target && arrival(unitId, fix.position, known.target);
      if (suggestion) suggestions.set(unitId, suggestion);
    }
    return { accepted, flagged };
  });

  if (kept.length === 0) return answers;
  await keepPositions(deps.db, kept, [...moves.values()]);
  for (const { unitId, position, at, speed, heading } of moves.values()) {
    deps.live.position({
      unitId,
      position,
      at,
      ...(speed === null ? {} : { speed }),
      ...(heading === null ? {} : { heading }),
    });
  }
  for (const suggestion of suggestions.values()) await suggestOnScene(deps, suggestion);
  return answers;
}

function arrival(
  unitId: string,
  position: Position,
  { callId, place }: { readonly callId: string; readonly place: Position },
): Suggestion | null {
  const metres = metresOnScene(position, place);
  return metres === null ? null : { unitId, callId, distanceMetres: Math.round(metres) };
}

/** Asks the crew whether they are there; nothing is set. A failure is left to the next fix: the positions are kept already. */
async function suggestOnScene(deps: Deps, { unitId, callId, distanceMetres }: Suggestion): Promise<void> {
  try {
    const suggested = await inTransaction(deps.db, async (tx) => {
      if (!(await lockForSuggestion(tx, callId, unitId))) return false;
      const data = { unitId, point: 'on-scene', distanceMetres };
      await appendEvents(tx, [{ type: 'time-point.suggested', at: deps.clock.now(), callId, data }]);
      return true;
    });
    if (suggested) deps.live.nudge();
  } catch (err) {
    deps.log.warn({ err }, 'arrival could not be suggested');
  }
}
