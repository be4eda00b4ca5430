/** The policies one may ask for, by name. */
import type { City } from './city.ts';
import { dmexclp, expectedCoverPolicy } from './cover-policies.ts';
import { closestIdle, complaintOnly, nearestAny, type Policy } from './policy.ts';

export const policyNames = ['closest-idle', 'complaint-only', 'nearest-any', 'dmexclp', 'expected-cover'] as const;
export type PolicyName = (typeof policyNames)[number];

export const isPolicyName = (name: string): name is PolicyName => (policyNames as readonly string[]).includes(name);

const made: Readonly<Record<PolicyName, (city: City) => Policy>> = {
  'closest-idle': () => closestIdle,
  'complaint-only': () => complaintOnly,
  'nearest-any': () => nearestAny,
  dmexclp: (city) => dmexclp(city),
  'expected-cover': (city) => expectedCoverPolicy(city),
};
export const policyFor = (name: PolicyName, city: City): Policy => made[name](city);
