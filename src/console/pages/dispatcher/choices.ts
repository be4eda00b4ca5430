/** The service's words that are chosen from here, in the order they are offered. */
import type { CallerRelation, Sex } from '../../../domain/vocabulary.ts';

export const callerRelations = [
  'self',
  'family',
  'bystander',
  'staff',
  'unknown',
] as const satisfies readonly CallerRelation[];
export const sexes = ['female', 'male', 'other'] as const satisfies readonly Sex[];
