/** The drives between one place and many positions: each by two labels where both are known, else by one sweep for all. */
import { distanceMetres, type Position } from '../../domain/position.ts';
import type { Drives, TravelEstimate } from '../travel.ts';
import { AGAINST, ALONG, type RoadGraph } from './graph.ts';
import type { Metric } from './metric.ts';
import { endsOf, shareBetween } from './on-road.ts';
import { OFF_MAP, PackedList } from './packed.ts';
import { AT_JUNCTION_METRES, METRES_A_DEGREE, type Snap } from './snap.ts';
import { OFF_ROAD_METRES_A_SECOND } from './speeds.ts';
import type { Standing, StandingList } from './standing.ts';
import { type Label, type Sweep, sharedBy } from './sweep.ts';

/** Labels are made for so many positions a question at most: when the hour changes, no call waits for all of them. */
const LABELS_A_QUESTION = 12;
/** A point moved to a junction at either end drives so much less, and sums of 32-bit figures differ by less than this. */
const AT_LEAST_SLACK_METRES = 2 * AT_JUNCTION_METRES + 1;

export interface Question {
  readonly position: Position;
  readonly snap: Snap;
  /** Many positions come to the one; else one goes from it to them. */
  readonly coming: boolean;
  readonly many: readonly Position[];
  /** Where on the roads the many are. */
  readonly others: StandingList;
  /** Of one that is off the map. */
  readonly straight: (position: Position) => TravelEstimate;
}

export class Between implements Drives {
  readonly #graph: RoadGraph;
  readonly #metric: Metric;
  readonly #sweep: Sweep;
  readonly #question: Question;
  readonly #label: Label;
  readonly #packed: PackedList | null;
  /** By place in the packed list: how many junctions its label shares with that of the question. */
  readonly #shared: Uint32Array | null;
  /** The sweep's own number of this question: it has gone on to another where that differs. */
  #asked: number;
  readonly #leastCosine: number;
  readonly #fastest: number;
  /** Of the last estimate. */
  #seconds = 0;
  #metres = 0;

  constructor(graph: RoadGraph, metric: Metric, sweep: Sweep, question: Question) {
    this.#graph = graph;
    this.#metric = metric;
    this.#sweep = sweep;
    this.#question = question;
    this.#packed = this.#packThoseThatStand();
    this.#asked = this.#begin();
    this.#label = sweep.label();
    this.#shared = this.#packed?.sharedWith(this.#label) ?? null;
    const { south, north } = graph.bounds;
    this.#leastCosine = Math.cos((Math.max(Math.abs(south), Math.abs(north)) * Math.PI) / 180);
    this.#fastest = Math.max(metric.fastestMetresPerSecond, OFF_ROAD_METRES_A_SECOND);
  }

  /** As the crow flies on the narrowest parallel of the map, on its fastest road all the way. */
  atLeastSeconds(i: number): number {
    const { many, others, position } = this.#question;
    const packed = this.#packed;
    if (packed ? packed.edge[i] === OFF_MAP : !others.standing[i]?.snap) return 0;
    const { lon, lat } = packed
      ? { lon: packed.lon[i] as number, lat: packed.lat[i] as number }
      : (many[i] as Position);
    const x = (lon - position.lon) * this.#leastCosine;
    const y = lat - position.lat;
    return (Math.sqrt(x * x + y * y) * METRES_A_DEGREE - AT_LEAST_SLACK_METRES) / this.#fastest;
  }

  estimate(i: number): TravelEstimate {
    const { snap } = this.#question;
    const packed = this.#packed;
    const edge = packed?.edge[i] ?? OFF_MAP;
    // Off the map, on the same road or not packed: there is more to ask about it.
    if (!packed || edge === OFF_MAP || edge === snap.edge) return this.#estimateOne(i);
    this.#seconds = Infinity;
    const start = packed.start[i] as number;
    this.#meet(packed.seconds, packed.metres, start, this.#shared?.[i] as number);
    return this.#fromDoorToDoor(i, packed.offMetres[i] as number, packed.lat[i] as number);
  }

  #estimateOne(i: number): TravelEstimate {
    const { snap, coming, many, others, straight } = this.#question;
    const other = others.standing[i] as Standing;
    const there = other.snap;
    if (!there) return straight(many[i] as Position);
    if (there.edge === snap.edge) this.#alongOneRoad(there);
    else this.#seconds = Infinity;
    if (other.label) this.#meet(other.label.seconds, other.label.metres, 0, sharedBy(other.label, this.#label));
    else this.#join(there, coming);
    return this.#fromDoorToDoor(i, there.offMetres, other.lat);
  }

  #fromDoorToDoor(i: number, offMetres: number, lat: number): TravelEstimate {
    const { position, snap, many } = this.#question;
    const off = offMetres + snap.offMetres;
    const seconds = this.#seconds + off / OFF_ROAD_METRES_A_SECOND;
    const metres = this.#metres + off;
    if (Math.abs(lat - position.lat) * METRES_A_DEGREE > off) return { seconds, metres, basis: 'road' };
    const across = acrossYard(many[i] as Position, position, off);
    const direct = across / OFF_ROAD_METRES_A_SECOND;
    return direct < seconds ? { seconds: direct, metres: across, basis: 'road' } : { seconds, metres, basis: 'road' };
  }

  #begin(): number {
    const { snap, coming } = this.#question;
    return this.#sweep.begin(this.#metric, coming ? 'to' : 'from', endsOf(this.#graph, this.#metric, snap, !coming));
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

  /** Over one of the first `count` junctions, which both labels have, where that is faster. */
  #meet(secondsThere: Float32Array, metresThere: Float32Array, start: number, count: number): void {
    const { seconds: secondsHere, metres: metresHere } = this.#label;
    let best = this.#seconds;
    let over = -1;
    for (let i = 0; i < count; i++) {
      const seconds = (secondsThere[start + i] as number) + (secondsHere[i] as number);
      if (seconds >= best) continue;
      best = seconds;
      over = i;
    }
    if (over < 0) return;
    this.#seconds = best;
    this.#metres = (metresThere[start + over] as number) + (metresHere[over] as number);
  }

  /** Between a point on a road and the one place by the sweep, over either end of the road where that is faster. */
  #join({ edge, along }: Snap, leaving: boolean): void {
    const sweep = this.#sweep;
    if (sweep.question !== this.#asked) this.#asked = this.#begin();
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
