/** Positions of units as they are heard, in batches: judged, kept, used where they can be believed, shown to the consoles. */
import { batched } from '../database/batch.ts';
import { appendEvents } from '../database/events.ts';
import { inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { type FieldProblem, Problem } from '../domain/errors.ts';
import { type PositionInput, type ServiceArea, toWgs84 } from '../domain/position.ts';
import type { Instant } from '../domain/time.ts';
import {
  type Drive,
  type HeardFix,
  type JudgedUnit,
  type KeptFix,
  keepPositions,
  lockForSuggestion,
  readTracks,
} from '../fleet/position-store.ts';
import { judgeFix, metresOnScene, type PositionFlag, type Track } from '../fleet/positions.ts';
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
/** Statements under way at once: while one is committed the next is made, and calls keep most connections. */
const LANES = 4;

interface Heard {
  readonly index: number;
  readonly fix: HeardFix;
}
type Batch = readonly Heard[];

/** What this instance remembers of the units it hears of: as many as are filed. */
interface Memory {
  /** As the last batch left them. Whether they still are so is checked by the statement that builds on it. */
  readonly tracks: Map<string, Track>;
  /** The call for which arrival of a unit was last suggested. */
  readonly suggested: Map<string, string>;
}

/**
 * Batches that arrive while one is written go together in the next, those of one sender in their order. Each fix is judged by the one before it, whichever
 * instance heard that. `timesFaster`: the demonstration's units drive so many times as fast as real ones, and are
 * believed all the same.
 */
export function positionReports(deps: Deps, timesFaster: () => number = () => 1): ReportPositions {
  const memory: Memory = { tracks: new Map(), suggested: new Map() };
  const lanes = Array.from({ length: LANES }, () =>
    batched((batches: readonly Batch[]) => keepBatches(deps, memory, batches, timesFaster()), {
      atMost: BATCHES_TOGETHER,
    }),
  );
  return async (reports, actor) => {
    refuseOthers(reports, actor);
    const heardAt = deps.clock.now();
    const report = lanes[laneOf(actor)] as (typeof lanes)[number];
    const answer = await report(reports.map((one, index) => ({ index, fix: heardFix(one, heardAt) })));
    if (answer.accepted > 0) return answer;
    const unknown = answer.flagged.slice(0, FIELDS_NAMED_AT_MOST);
    throw new Problem(
      'unknown-unit',
      unknown.map(({ index }) => ofUnit(index, 'is not filed')),
    );
  };
}

/** Always the same for a sender, so that what it says of a unit is judged in the order it was said. */
const laneOf = ({ subject }: Actor) =>
  [...subject].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % LANES;

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
  memory: Memory,
  batches: readonly Batch[],
  timesFaster: number,
): Promise<readonly PositionsAnswer[]> {
  const unitIds = new Set(batches.flatMap((batch) => batch.map(({ fix }) => fix.unitId)));
  const notAfter = Math.max(...batches.map((batch) => batch[0]?.fix.heardAt ?? 0));
  const read = async (ids: readonly string[]) => {
    if (ids.length === 0) return;
    for (const [unitId, track] of await readTracks(deps.db, ids, notAfter)) memory.tracks.set(unitId, track);
  };
  const judge = () => judgeBatches(batches, memory.tracks, deps.config.serviceArea, timesFaster);

  await read([...unitIds].filter((unitId) => !memory.tracks.has(unitId)));
  let judged = judge();
  if (judged.fixes.length === 0) return judged.answers;
  let kept = await keepPositions(deps.db, judged.fixes, judged.units, false);
  if ('judgedAmiss' in kept) {
    // Others heard of these units, or moved them, since this instance did. Should they do so once more, it stands.
    await read(kept.judgedAmiss);
    judged = judge();
    kept = await keepPositions(deps.db, judged.fixes, judged.units, true);
  }
  for (const { unitId, track } of judged.units) memory.tracks.set(unitId, track);
  const moves = judged.units.flatMap(({ standing }) => {
    const { fix, flags } = judged.fixes[standing] as KeptFix;
    return flags.length === 0 ? [fix] : [];
  });
  for (const fix of moves) show(deps, fix);
  if ('drives' in kept) await suggestArrivals(deps, memory, moves, kept.drives);
  return judged.answers;
}

interface UnitAfter extends JudgedUnit {
  readonly track: Track;
}

interface JudgedBatches {
  readonly answers: readonly PositionsAnswer[];
  readonly fixes: readonly KeptFix[];
  readonly units: readonly UnitAfter[];
}

/** All fixes in the order they were heard, each by the track its unit's last one left. */
function judgeBatches(
  batches: readonly Batch[],
  known: ReadonlyMap<string, Track>,
  area: ServiceArea,
  timesFaster: number,
): JudgedBatches {
  const fixes: KeptFix[] = [];
  const units = new Map<string, UnitAfter>();
  const answers = batches.map((batch): PositionsAnswer => {
    const flagged: PositionsAnswer['flagged'][number][] = [];
    let accepted = 0;
    for (const { index, fix } of batch) {
      const { unitId } = fix;
      const before = units.get(unitId);
      const at = before?.track ?? known.get(unitId);
      if (!at) {
        flagged.push({ index, unitId, flags: ['unknown-unit'] });
        continue;
      }
      const { flags, track } = judgeFix(at, fix, fix.heardAt, area, timesFaster);
      const standing = before && flags.length > 0 ? before.standing : fixes.length;
      units.set(unitId, { unitId, track, standing, judgedBy: before ? before.judgedBy : at.used });
      fixes.push({ fix, flags });
      accepted += 1;
      if (flags.length > 0) flagged.push({ index, unitId, flags });
    }
    return { accepted, flagged };
  });
  return { answers, fixes, units: [...units.values()] };
}

function show(deps: Deps, { unitId, position, at, speed, heading }: HeardFix): void {
  const moving = { ...(speed === null ? {} : { speed }), ...(heading === null ? {} : { heading }) };
  deps.live.position({ unitId, position, at, ...moving });
}

async function suggestArrivals(
  deps: Deps,
  { suggested }: Memory,
  moves: readonly HeardFix[],
  drives: readonly Drive[],
): Promise<void> {
  for (const { unitId, callId, place } of drives) {
    const fix = moves.find((move) => move.unitId === unitId);
    if (!fix || suggested.get(unitId) === callId) continue;
    const metres = metresOnScene(fix.position, place);
    if (metres !== null && (await suggestOnScene(deps, unitId, callId, Math.round(metres))))
      suggested.set(unitId, callId);
  }
}

/**
 * Asks the crew whether they are there; nothing is set. Answers whether that was done, now or before. A failure is left
 * to the next fix: the positions are kept already.
 */
async function suggestOnScene(deps: Deps, unitId: string, callId: string, distanceMetres: number): Promise<boolean> {
  try {
    const outcome = await inTransaction(deps.db, async (tx) => {
      const { onItsWay, suggested } = await lockForSuggestion(tx, callId, unitId);
      if (suggested || !onItsWay) return suggested ? 'before' : 'not';
      const data = { unitId, point: 'on-scene', distanceMetres };
      await appendEvents(tx, [{ type: 'time-point.suggested', at: deps.clock.now(), callId, data }]);
      return 'now';
    });
    if (outcome === 'now') deps.live.nudge();
    return outcome !== 'not';
  } catch (err) {
    deps.log.warn({ err }, 'arrival could not be suggested');
    return false;
  }
}
