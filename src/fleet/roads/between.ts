/** The drives between one place and many positions: of those that stand by what is packed of them, else by one sweep for all. */
import { distanceMetres, type Position } from '../../domain/position.ts';
import type { Drives, TravelEstimate } from '../travel.ts';
import { AGAINST, ALONG, type RoadGraph } from './graph.ts';
import type { Metric } from './metric.ts';
import { endsOf, shareBetween } from './on-road.ts';
import { PackedList } from './packed.ts';
import { METRES_A_DEGREE, type Snap } from './snap.ts';
import { OFF_ROAD_METRES_A_SECOND } from './speeds.ts';
import type { Standing, StandingList } from './standing.ts';
import { type Label, type Sweep, sharedBy } from './sweep.ts';

/** Labels are made for so many positions a question at most: when the hour changes, no call waits for all of them. */
const LABELS_A_QUESTION = 12;

export interface Question {
  readonly position: Position;
  readonly snap: Snap;
  /** Many positions come to the one; else one goes from it to them. */
  readonly coming: boolean;
  readonly many: readonly Position[];
  /** Where on the roads the many are. */
  readonly others: StandingList;
  /** Drives of as many seconds or more are not worked out. */
  readonly within: number;
  /** Of one that is off the map. */
  readonly straight: (position: Position) => TravelEstimate;
}

export class Between implements Drives {
  readonly seconds: Float64Array;
  readonly #graph: RoadGraph;
  readonly #metric: Metric;
  readonly #sweep: Sweep;
  readonly #question: Question;
  readonly #packed: PackedList | null;
  /** The sweep's own number of this question: it has gone on to another where that differs. */
  #asked = -1;
  /** Of the one place. */
  #label: Label | null = null;
  /** Of the drive last worked out by itself. */
  #seconds = 0;
  #metres = 0;

  constructor(graph: RoadGraph, metric: Metric, sweep: Sweep, question: Question) {
    this.#graph = graph;
    this.#metric = metric;
    this.#sweep = sweep;
    this.#question = question;
    this.#packed = this.#packThoseThatStand();
    this.seconds = new Float64Array(question.many.length);
    this.#ask();
    for (const i of this.#packed?.offMap ?? this.seconds.keys()) this.#put(i, this.#estimateOne(i).seconds);
    if (this.#packed) this.#putPacked(this.#packed);
  }

  estimate(i: number): TravelEstimate {
    if (this.#sweep.question !== this.#asked) this.#ask();
    const packed = this.#packed;
    const rank = packed ? (packed.rankOf[i] as number) : -1;
    if (!packed || rank < 0) return this.#estimateOne(i);
    const off = (packed.offMetres[rank] as number) + this.#question.snap.offMetres;
    if (this.#isNear(packed, rank, off)) return this.#estimateOne(i);
    return { seconds: this.seconds[i] as number, metres: packed.metres(this.#sweep, rank) + off, basis: 'road' };
  }

  #ask(): void {
    const { snap, coming, within } = this.#question;
    const ends = endsOf(this.#graph, this.#metric, snap, !coming);
    this.#asked = this.#sweep.begin(this.#metric, coming ? 'to' : 'from', ends, within);
    this.#packed?.meet(this.#sweep, within);
  }

  #putPacked(packed: PackedList): void {
    const { snap } = this.#question;
    const { placeOf, offMetres, least } = packed;
    for (let rank = 0; rank < placeOf.length; rank++) {
      const i = placeOf[rank] as number;
      const off = (offMetres[rank] as number) + snap.offMetres;
      const seconds = (least[rank] as number) + off / OFF_ROAD_METRES_A_SECOND;
      this.#put(i, this.#isNear(packed, rank, off) ? this.#estimateOne(i).seconds : seconds);
    }
  }

  #put(i: number, seconds: number): void {
    this.seconds[i] = seconds < this.#question.within ? seconds : Infinity;
  }

  /** On one road or in one yard: there may be a shorter way than over a junction. */
  #isNear({ edge, lat, placeOf }: PackedList, rank: number, offMetres: number): boolean {
    const { snap, position, many } = this.#question;
    if (edge[rank] === snap.edge) return true;
    const apart = Math.abs((lat[rank] as number) - position.lat) * METRES_A_DEGREE;
    return apart <= offMetres && acrossYard(many[placeOf[rank] as number] as Position, position, offMetres) < Infinity;
  }

  #estimateOne(i: number): TravelEstimate {
    const { position, snap, coming, many, others, straight } = this.#question;
    const other = others.standing[i] as Standing;
    const there = other.snap;
    if (!there) return straight(many[i] as Position);
    if (there.edge === snap.edge) this.#alongOneRoad(there);
    else this.#seconds = Infinity;
    if (other.label) this.#meet(other.label);
    else this.#join(there, coming);
    const off = there.offMetres + snap.offMetres;
    const seconds = this.#seconds + off / OFF_ROAD_METRES_A_SECOND;
    const across = acrossYard(many[i] as Position, position, off);
    const direct = across / OFF_ROAD_METRES_A_SECOND;
    return direct < seconds
      ? { seconds: direct, metres: across, basis: 'road' }
      : { seconds, metres: this.#metres + off, basis: 'road' };
  }

  /**
   * Whoever was asked about with the same speeds before is likely to be asked about again, and is given a label, some at
   * each question; once all of a list have theirs, they are packed.
   */
  #packThoseThatStand(): PackedList | null {
    const { others, coming } = this.#question;
    const metric = this.#metric;
    if (others.packed?.metric === metric) return others.packed;
    let wanting = 0;
    let made = 0;
    for (const other of others.standing) {
      if (other.metric !== metric) {
        other.metric = metric;
        other.label = null;
        wanting++;
      } else if (!other.label && other.snap) {
        wanting++;
        if (made === LABELS_A_QUESTION) continue;
        this.#sweep.begin(metric, coming ? 'from' : 'to', endsOf(this.#graph, metric, other.snap, coming));
        other.label = this.#sweep.label();
        made++;
      }
    }
    // A list that is another with every question is not worth it.
    others.packed = wanting === 0 && others.asked > 1 ? new PackedList(metric, others.standing) : null;
    return others.packed;
  }

  /** Without leaving the road both are on. */
  #alongOneRoad(there: Snap): void {
    const { snap, coming } = this.#question;
    const share = coming ? shareBetween(this.#graph, there, snap) : shareBetween(this.#graph, snap, there);
    this.#seconds = share * (this.#metric.edgeSeconds[there.edge] as number);
    this.#metres = share * (this.#graph.edgeMetres[there.edge] as number);
  }

  /** Over one of the junctions both labels have, where that is faster. */
  #meet(there: Label): void {
    this.#label ??= this.#sweep.label();
    const here = this.#label;
    const count = sharedBy(there, here);
    let best = this.#seconds;
    let over = -1;
    for (let i = 0; i < count; i++) {
      const seconds = (there.seconds[i] as number) + (here.seconds[i] as number);
      if (seconds >= best) continue;
      best = seconds;
      over = i;
    }
    if (over < 0) return;
    this.#seconds = best;
    this.#metres = (there.metres[over] as number) + (here.metres[over] as number);
  }

  /** Between a point on a road and the one place by the sweep, over either end of the road where that is faster. */
  #join({ edge, along }: Snap, leaving: boolean): void {
    const sweep = this.#sweep;
    const { edgeTail, edgeHead, edgeDirections, edgeMetres } = this.#graph;
    const directions = edgeDirections[edge] as number;
    const [towardsHead, towardsTail] = leaving ? [ALONG, AGAINST] : [AGAINST, ALONG];
    const seconds = this.#metric.edgeSeconds[edge] as number;
    const metres = edgeMetres[edge] as number;
    if (along === 1 || (along > 0 && directions & towardsHead)) {
      const head = edgeHead[edge] as number;
      const total = (1 - along) * seconds + sweep.seconds(head);
      if (total < this.#seconds) {
        this.#seconds = total;
        this.#metres = (1 - along) * metres + sweep.metres(head);
      }
    }
    if (along === 0 || (along < 1 && directions & towardsTail)) {
      const tail = edgeTail[edge] as number;
      const total = along * seconds + sweep.seconds(tail);
      if (total < this.#seconds) {
        this.#seconds = total;
        this.#metres = along * metres + sweep.metres(tail);
      }
    }
  }
}

/**
 * Metres straight from one to the other, where both are so far off the road that they are in the same yard: nobody goes
 * back to the road to come in again. Else Infinity: what lies between may be a canal.
 */
export function acrossYard(from: Position, to: Position, offMetres: number): number {
  if (Math.abs(from.lat - to.lat) * METRES_A_DEGREE > offMetres) return Infinity;
  const metres = distanceMetres(from, to);
  return metres <= offMetres ? metres : Infinity;
}
