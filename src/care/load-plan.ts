/** Reads the follow-up plan: the one shipped, or a centre's own. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FollowUpPlan, PlanError, parsePlan } from './plan.ts';

const shipped = fileURLToPath(new URL('./plan/follow-up.yaml', import.meta.url));

/** Throws `PlanError`, one line `file:line:column: what is wrong` a problem. */
export function loadPlan(path: string = shipped): FollowUpPlan {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
  } catch {
    throw new PlanError('the follow-up plan cannot be read');
  }
  return parsePlan(basename(path), text);
}
