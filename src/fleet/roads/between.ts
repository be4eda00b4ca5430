/** The drives between one place and many positions: each by two labels where both are known, else by one sweep for all. */
import { distanceMetres, type Position } from '../../domain/position.ts';
import type { Drives, TravelEstimate } from '../travel.ts';
import { AGAINST, ALONG, type RoadGraph } from './graph.ts';
import type { Metric } from './metric.ts';
import { endsOf, shareBetween } from './on-road.ts';
import { AT_JUNCTION_METRES, METRES_A_DEGREE, type Snap } from './snap.ts';
import { OFF_ROAD_METRES_A_SECOND } from './speeds.ts';
import type { Standing } from './standing.ts';
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
  readonly others: readonly Standing[];
  /** Of one that is off the map. */
  readonly straight: (position: Position) => TravelEstimate;
}

export class Between implements Drives {
  readonly #graph: RoadGraph;
  readonly #metric: Metric;
  readonly #sweep: Sweep;
  readonly #question: Question;
  readonly #label: Label;
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
    this.#labelThoseThatStand();
    this.#asked = this.#begin();
    this.#label = sweep.label();
    const { south, north } = graph.bounds;
    this.#leastCosine = Math.cos((Math.max(Math.abs(south), Math.abs(north)) * Math.PI) / 180);
    this.#fastest = Math.max(metric.fastestMetresPerSecond, OFF_ROAD_METRES_A_SECOND);
  }

  /** As the crow flies on the narrowest parallel of the map, on its fastest road all the way. */
  atLeastSeconds(i: number): number {
    const { many, others, position } = this.#question;
    if (!others[i]?.snap) return 0;
    const { lon, lat } = many[i] as Position;
    const x = (lon - position.lon) * this.#leastCosine;
    const y = lat - position.lat;
    return (Math.sqrt(x * x + y * y) * METRES_A_DEGREE - AT_LEAST_SLACK_METRES) / this.#fastest;
  }

  estimate(i: number): TravelEstimate {
    const { position, snap, coming, many, others, straight } = this.#question;
    const other = others[i] as Standing;
    const there = other.snap;
    if (!there) return straight(many[i] as Position);
    if (there.edge === snap.edge) this.#alongOneRoad(there);
    else this.#seconds = Infinity;
    if (other.label) this.#meet(other.label);
    else this.#join(there, coming);
    const off = there.offMetres + snap.offMetres;
    const across = acrossYard(many[i] as Position, position, off);
    const seconds = this.#seconds + off / OFF_ROAD_METRES_A_SECOND;
    return across / OFF_ROAD_METRES_A_SECOND < seconds
      ? { seconds: across / OFF_ROAD_METRES_A_SECOND, metres: across, basis: 'road' }
      : { seconds, metres: this.#metres + off, basis: 'road' };
  }

  #begin(): number {
    const { snap, coming } = this.#question;
    return this.#sweep.begin(this.#metric, coming ? 'to' : 'from', endsOf(this.#graph, this.#metric, snap, !coming));
  }

  /** Whoever was asked about with the same speeds before is likely to be asked about again. */
  #labelThoseThatStand(): void {
    const { others, coming } = this.#question;
    let made = 0;
    for (const other of others) {
      if (other.metric !== this.#metric) {
        other.metric = this.#metric;
        other.label = null;
      } else if (!other.label && other.snap && made < LABELS_A_QUESTION) {
        const ends = endsOf(this.#graph, this.#metric, other.snap, coming);
        this.#sweep.begin(this.#metric, coming ? 'from' : 'to', ends);
        other.label = this.#sweep.label();
        made++;
      }
    }
  }

  /** Without leaving the road both are on. */
  #alongOneRoad(there: Snap): void {
    const { snap, coming } = this.#question;
    const share = coming ? shareBetween(this.#graph, there, snap) : shareBetween(this.#graph, snap, there);
    this.#seconds = share * (this.#metric.edgeSeconds[there.edge] as number);
    this.#metres = share * (this.#graph.edgeMetres[there.edge] as number);
  }

  /** Over a junction that both labels have, where that is faster. */
  #meet(there: Label): void {
    const here = this.#label;
    const count = sharedBy(there, here);
    const a = there.seconds;
    const b = here.seconds;
    let best = this.#seconds;
    let over = -1;
    for (let i = 0; i < count; i++) {
      const seconds = (a[i] as number) + (b[i] as number);
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
