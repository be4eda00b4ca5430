/** Which words stand for which value of a simulation. */

export const policyName = {
  'closest-idle': 'policy.closest-idle',
  'complaint-only': 'policy.complaint-only',
  'nearest-any': 'policy.nearest-any',
  dmexclp: 'policy.dmexclp',
  'expected-cover': 'policy.expected-cover',
} as const;

export const policyMeaning = {
  'closest-idle': 'what.closest-idle',
  'complaint-only': 'what.complaint-only',
  'nearest-any': 'what.nearest-any',
  dmexclp: 'what.dmexclp',
  'expected-cover': 'what.expected-cover',
} as const;

export const statusName = {
  waiting: 'status.waiting',
  running: 'status.running',
  done: 'status.done',
  cancelled: 'status.cancelled',
  interrupted: 'status.interrupted',
  failed: 'status.failed',
} as const;

export const demandName = {
  'past-calls': 'demand.past-calls',
  residents: 'demand.residents',
  demonstration: 'demand.demonstration',
  file: 'demand.file',
} as const;

export const travelName = { road: 'travel.road', 'straight-line': 'travel.straight-line' } as const;

export const historiesName = {
  own: 'histories.own',
  'residents-nearby': 'histories.residents-nearby',
  none: 'histories.none',
} as const;
