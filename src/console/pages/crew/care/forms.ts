/** Every form of the care record by its kind. */
import { assessment } from './assessment.tsx';
import type { FormKind } from './drafts.ts';
import type { CareForm } from './form.ts';
import { handover } from './handover.tsx';
import { picture } from './picture.tsx';
import { note, patient, told } from './told.tsx';
import { medication, procedure } from './treatment.tsx';
import { vitals } from './vitals.tsx';

// biome-ignore lint/suspicious/noExplicitAny: each form holds values of its own, and hands them to itself only
export const forms: Readonly<Record<FormKind, CareForm<any>>> = {
  vitals,
  assessment,
  picture,
  medication,
  procedure,
  handover,
  told,
  patient,
  note,
};
