/**
 * The demonstration's hospitals: a while after a crew handed somebody over they report what it was, so that a newcomer sees
 * the way back: the history, the family doctor's list, and the next call decided with it.
 */
import type { Disposition, OutcomeInput } from '../care/schema.ts';
import type { Executor } from '../database/pool.ts';
import { type Instant, rfc3339 } from '../domain/time.ts';
import type { ComplaintCode } from '../domain/vocabulary.ts';
import { seededRandom, seedOf } from './random.ts';

/** From the handover to the emergency department's first report, at the pace of reality. */
export const REPORTS_AFTER_SECONDS = 900;

interface Finding {
  readonly diagnosis: readonly [code: string, display: string];
  readonly disposition?: Disposition;
}

/** What may lie behind a complaint; drawn evenly, round guesses and not epidemiology. Whatever is not here was nothing found. */
const findings: Partial<Readonly<Record<ComplaintCode, readonly Finding[]>>> = {
  'chest-pain': [
    { diagnosis: ['I21.9', '急性心肌梗死'], disposition: 'admitted' },
    { diagnosis: ['I20.0', '不稳定型心绞痛'], disposition: 'admitted' },
    { diagnosis: ['R07.4', '胸痛'] },
  ],
  'stroke-symptoms': [
    { diagnosis: ['I63.9', '脑梗死'], disposition: 'admitted' },
    { diagnosis: ['G45.9', '短暂性脑缺血发作'] },
  ],
  'breathing-difficulty': [
    { diagnosis: ['J44.1', '慢性阻塞性肺疾病伴有急性加重'], disposition: 'admitted' },
    { diagnosis: ['I50.9', '心力衰竭'], disposition: 'admitted' },
    { diagnosis: ['J18.9', '肺炎'], disposition: 'admitted' },
  ],
  fall: [
    { diagnosis: ['S72.0', '股骨颈骨折'], disposition: 'admitted' },
    { diagnosis: ['S52.5', '桡骨远端骨折'] },
    { diagnosis: ['S00.9', '头部浅表损伤'] },
  ],
  palpitations: [{ diagnosis: ['I48.9', '心房颤动'] }, { diagnosis: ['R00.2', '心悸'] }],
  'diabetic-problem': [{ diagnosis: ['E16.2', '低血糖'] }],
  seizure: [{ diagnosis: ['G40.9', '癫痫'], disposition: 'admitted' }],
  unconscious: [{ diagnosis: ['R55', '晕厥和虚脱'] }, { diagnosis: ['I61.9', '脑内出血'], disposition: 'admitted' }],
  'cardiac-arrest': [{ diagnosis: ['I46.9', '心脏停搏'], disposition: 'admitted' }],
  'abdominal-pain': [{ diagnosis: ['R10.4', '腹痛'] }, { diagnosis: ['K80.2', '胆囊结石'], disposition: 'admitted' }],
  fever: [{ diagnosis: ['J18.9', '肺炎'], disposition: 'admitted' }, { diagnosis: ['R50.9', '发热'] }],
};
const nothingFound: readonly Finding[] = [{ diagnosis: ['Z03.9', '可疑疾病的观察'] }];

export interface HandedOver {
  readonly callId: string;
  readonly revision: number;
  readonly complaint: ComplaintCode;
  readonly arrivedAt: Instant;
}

/** The same report for the same call, before a restart and after it. */
export function reportOf({ callId, complaint, arrivedAt }: HandedOver, seed: number): OutcomeInput {
  const { diagnosis, disposition } = seededRandom(seedOf(`${seed} ${callId}`)).pick(
    findings[complaint] ?? nothingFound,
  );
  const [code, display] = diagnosis;
  return {
    reportId: `demo-${callId}`,
    arrivedAt: rfc3339(arrivedAt),
    diagnoses: [{ system: 'icd-10', code, display }],
    disposition: disposition ?? 'discharged',
    advice: '请家庭医生随访（示范，虚构）',
  };
}

export const sql = {
  /** Calls since $1 whose patients were handed over before $2 and of whom no hospital has said anything, first handed over first; $3 at most. */
  handedOver: {
    name: 'demo.handed-over',
    text: `
      SELECT c.call_id, c.revision, c.complaint, min(arrived.at) AS arrived_at
      FROM calls c
      JOIN time_points arrived ON arrived.call_id = c.call_id AND arrived.point = 'at-destination' AND arrived.counts
      JOIN time_points handed ON handed.call_id = c.call_id AND handed.point = 'handed-over' AND handed.counts
      WHERE c.received_at > $1 AND c.status <> 'cancelled'
        AND handed.unit_id LIKE 'demo-unit-%' AND handed.at <= $2
        AND NOT EXISTS (SELECT FROM outcomes o WHERE o.call_id = c.call_id)
      GROUP BY c.call_id
      ORDER BY min(handed.at) LIMIT $3`,
  },
} as const;

export async function findHandedOver(
  db: Executor,
  since: Instant,
  before: Instant,
  atMost: number,
): Promise<HandedOver[]> {
  const { rows } = await db.query<{ call_id: string; revision: number; complaint: ComplaintCode; arrived_at: Date }>({
    ...sql.handedOver,
    values: [rfc3339(since), rfc3339(before), atMost],
  });
  return rows.map((row) => ({
    callId: row.call_id,
    revision: row.revision,
    complaint: row.complaint,
    arrivedAt: row.arrived_at.getTime(),
  }));
}
