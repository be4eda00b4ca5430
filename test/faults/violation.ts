/** What a check finds, and by which rule. */
import type { Facts } from './facts.ts';
import type { History } from './history.ts';

export type Rule =
  | 'call-once'
  | 'assignment-once'
  | 'report-once'
  | 'unit-on-two-calls'
  | 'close-kept'
  | 'deadline-once'
  | 'log-whole'
  | 'console-order'
  | 'rows-agree'
  | 'search-once'
  | 'record-once'
  | 'outcome-once'
  | 'written-back'
  | 'follow-up-once'
  | 'filing-kept'
  | 'platform-once'
  | 'alert-once'
  | 'move-once'
  | 'job-ends'
  | 'surprise';

export interface Violation {
  readonly rule: Rule;
  readonly what: string;
  readonly evidence: unknown;
}
export type Check = (history: History, facts: Facts) => Violation[];

export function grouped<T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
