/** A joint plan beside the best plan without joint posts, and each joint post beside the best plan where it is none. */
import type { Instance } from './instance.ts';
import { bestJoint, type JointPlan, type JointProblem, jointProblem } from './joint.ts';
import { resultOf } from './result.ts';
import type { JointPost, SitingResult } from './schema.ts';
import type { Answer } from './solve.ts';
import type { Watch } from './watch.ts';

export function solveJoint(instance: Instance, watch: Watch): Answer {
  const problem = jointProblem(instance);
  const plan = bestJoint(
    problem,
    () => true,
    watch,
    ({ ambulance, responder, objective, bound }) =>
      watch.report({ chosen: sitesOf(ambulance, responder), objective, bound }, 0.3),
  );
  const separate = bestJoint(problem, () => false, watch);
  const posts = postsOf(instance, problem, plan, watch);
  const proven = plan.bound - plan.objective <= 1e-9 * Math.max(1, plan.objective);
  const { objective, bound, firstHelpWeight, ambulanceWeight } = separate;
  const joint: SitingResult['joint'] = {
    posts,
    cost: plan.cost,
    firstHelpWeight: plan.firstHelpWeight,
    ambulanceWeight: plan.ambulanceWeight,
    separate: { objective, bound, firstHelpWeight, ambulanceWeight },
    gainOverSeparate: plan.objective - objective,
  };
  // Travel and assignment are the ambulances'.
  const ambulances = [...plan.ambulance.keys()].filter((site) => plan.ambulance[site]);
  const standard = {
    ...instance,
    kept: problem.kept.ambulance,
    standardSeconds: instance.posts?.ambulance.standardSeconds ?? null,
  };
  const result = resultOf(standard, { chosen: ambulances, objective: plan.objective, bound: plan.bound }, proven);
  const chosen = sitesOf(plan.ambulance, plan.responder).map((site) => instance.siteIds[site] as string);
  return { status: proven ? 'optimal' : 'feasible', result: { ...result, chosen, joint } };
}

const sitesOf = (ambulance: Uint8Array, responder: Uint8Array): number[] =>
  [...ambulance.keys()].filter((site) => ambulance[site] || responder[site]);

function postsOf(instance: Instance, problem: JointProblem, plan: JointPlan, watch: Watch): JointPost[] {
  const { kept, siteIds } = instance;
  const sites = sitesOf(plan.ambulance, plan.responder);
  return sites.map((site, at): JointPost => {
    const isJoint = plan.ambulance[site] === 1 && plan.responder[site] === 1;
    const wasJoint = problem.kept.ambulance[site] === 1 && problem.kept.responder[site] === 1;
    const post = {
      siteId: siteIds[site] as string,
      kind: isJoint ? 'joint' : plan.ambulance[site] ? 'ambulance' : 'responder',
      existing: kept[site] === 1,
    } as const;
    if (!isJoint || wasJoint || watch.stopped()) return { ...post, gain: null, gainBound: null };
    const without = bestJoint(problem, (other) => other !== site, watch);
    watch.report(null, 0.5 + (0.5 * at) / sites.length);
    return {
      ...post,
      gain: Math.max(0, plan.objective - without.bound),
      gainBound: Math.max(0, plan.objective - without.objective),
    };
  });
}
