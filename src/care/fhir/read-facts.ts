/** Clinical resources → what they add to a resident's history. Pure. */
import type { Coded } from '../../domain/coded.ts';
import { arrayOf, isObject, type Json } from './bundle.ts';
import type { FiledType } from './resource-types.ts';
import {
  intents,
  kilogramsPer,
  mobilityCodes,
  NOT_PREGNANT,
  observationMeanings,
  type Standing,
  standings,
  takenIntents,
  terminologies,
} from './table.ts';
import {
  codedOf,
  conceptStanding,
  dayOf,
  type HistoryList,
  instantOf,
  optionalDay,
  type Reading,
  resourceAt,
  type Subject,
  standingOf,
  subjectOf,
  textOf,
  tokensOf,
} from './values.ts';

/** One change of a history. */
export type Change =
  | {
      readonly kind: 'coded';
      readonly list: HistoryList;
      readonly entries: readonly Coded[];
      readonly standing: Standing;
    }
  | { readonly kind: 'weight'; readonly weightKg: number; readonly at: number }
  | { readonly kind: 'due-date'; readonly day: string | null; readonly at: number }
  | { readonly kind: 'mobility'; readonly mobility: 'wheelchair' | 'bedridden' }
  | { readonly kind: 'lives-alone' };

export interface FactGiven {
  readonly index: number;
  /** Null where nothing of it is anybody's. */
  readonly subject: Subject | null;
  readonly changes: readonly Change[];
  /** Why nothing of it is filed, where nothing is. */
  readonly note: string | null;
}

type Reader = (reading: Reading) => FactGiven | null;

/** By type; null where something was refused. */
export const factReaders: Readonly<Record<Exclude<FiledType, 'Patient'>, Reader>> = {
  Condition: readCondition,
  AllergyIntolerance: readAllergy,
  MedicationRequest: (reading) => readMedication(reading, standings.medicationRequest),
  MedicationStatement: (reading) => readMedication(reading, standings.medicationStatement),
  Observation: readObservation,
  Procedure: readProcedure,
  Device: readDevice,
  DeviceUseStatement: readDeviceUse,
  Flag: readFlag,
  Consent: readConsent,
};

const NOT_A_FACT = 'its status says that it does not hold: it is taken out of the file where it stands there';

/** Coded entries with status and onset; a status that says it was never so takes them out again. */
function coded(
  { entry }: Reading,
  subject: Subject | null,
  list: HistoryList,
  entries: readonly Coded[] | null,
  standing: Standing | null,
  onset: string | undefined,
): FactGiven | null {
  if (!subject || !entries || !standing) return null;
  const full = entries.map((each) => ({
    ...each,
    ...(standing === 'not-a-fact' ? {} : { status: standing }),
    ...(onset ? { onset } : {}),
  }));
  return {
    index: entry.index,
    subject,
    changes: [{ kind: 'coded', list, entries: full, standing }, ...mobilityOf(entry.resource.code, standing)],
    note: standing === 'not-a-fact' ? NOT_A_FACT : null,
  };
}

function mobilityOf(concept: unknown, standing: Standing): Change[] {
  const found = tokensOf(concept).flatMap((token) => mobilityCodes[token] ?? [])[0];
  return found && standing === 'active' ? [{ kind: 'mobility', mobility: found }] : [];
}

/** What says that it never was so wins over what says how it stands now. */
const together = (verified: Standing | null, clinical: Standing | null): Standing =>
  verified === 'not-a-fact' ? verified : (clinical ?? 'active');

function readCondition(reading: Reading): FactGiven | null {
  const { resource } = reading.entry;
  const clinical = conceptStanding(
    reading,
    'clinicalStatus',
    terminologies.conditionClinical,
    standings.conditionClinical,
  );
  const verified = conceptStanding(
    reading,
    'verificationStatus',
    terminologies.conditionVerification,
    standings.conditionVerification,
  );
  const period = isObject(resource.onsetPeriod) ? resource.onsetPeriod.start : undefined;
  const onset =
    optionalDay(reading, 'onsetDateTime', resource.onsetDateTime) ?? optionalDay(reading, 'onsetPeriod.start', period);
  const over = resource.abatementDateTime !== undefined || resource.abatementPeriod !== undefined;
  optionalDay(reading, 'abatementDateTime', resource.abatementDateTime);
  const entries = codedOf(reading, 'code', resource.code, 'conditions');
  const standing = together(verified, clinical ?? (over ? 'resolved' : null));
  return coded(reading, subjectOf(reading, 'subject'), 'conditions', entries, standing, onset);
}

function readAllergy(reading: Reading): FactGiven | null {
  const { resource } = reading.entry;
  const clinical = conceptStanding(reading, 'clinicalStatus', terminologies.allergyClinical, standings.allergyClinical);
  const verified = conceptStanding(
    reading,
    'verificationStatus',
    terminologies.allergyVerification,
    standings.allergyVerification,
  );
  const onset = optionalDay(reading, 'onsetDateTime', resource.onsetDateTime);
  const [reaction] = arrayOf(resource.reaction);
  const substance = isObject(reaction) ? reaction.substance : undefined;
  const entries = codedOf(reading, 'code', resource.code ?? substance, 'allergies');
  const standing = together(verified, clinical);
  return coded(reading, subjectOf(reading, 'patient'), 'allergies', entries, standing, onset);
}

function readMedication(reading: Reading, known: Readonly<Record<string, Standing>>): FactGiven | null {
  const { entry, refuse } = reading;
  const { resource } = entry;
  let standing = standingOf(reading, 'status', resource.status, known);
  if (resource.resourceType === 'MedicationRequest') {
    const { intent } = resource;
    if (!(intents as readonly unknown[]).includes(intent))
      refuse(`${entry.at}.intent`, intent === undefined ? 'is missing' : `has to be one of ${intents.join(', ')}`);
    else if (!(takenIntents as readonly unknown[]).includes(intent) || resource.doNotPerform === true)
      standing = standing && 'not-a-fact';
  }
  const byReference = resource.medicationReference !== undefined;
  const medication = byReference ? resourceAt(reading, 'medicationReference') : null;
  if (byReference && !medication) return null;
  const entries = byReference
    ? codedOf(reading, 'medicationReference', (medication as Json).code, 'medications')
    : codedOf(reading, 'medicationCodeableConcept', resource.medicationCodeableConcept, 'medications');
  const period = isObject(resource.effectivePeriod) ? resource.effectivePeriod.start : undefined;
  const since =
    optionalDay(reading, 'authoredOn', resource.authoredOn) ??
    optionalDay(reading, 'effectiveDateTime', resource.effectiveDateTime) ??
    optionalDay(reading, 'effectivePeriod.start', period);
  return coded(reading, subjectOf(reading, 'subject'), 'medications', entries, standing, since);
}

function readProcedure(reading: Reading): FactGiven | null {
  const { resource } = reading.entry;
  const standing = standingOf(reading, 'status', resource.status, standings.procedure);
  const period = isObject(resource.performedPeriod) ? resource.performedPeriod.start : undefined;
  const day =
    optionalDay(reading, 'performedDateTime', resource.performedDateTime) ??
    optionalDay(reading, 'performedPeriod.start', period);
  const entries = codedOf(reading, 'code', resource.code, 'procedures');
  return coded(reading, subjectOf(reading, 'subject'), 'procedures', entries, standing, day);
}

/** What a device is: its type, else the name somebody gave it. */
const deviceConcept = (device: Json): unknown => {
  const [name] = arrayOf(device.deviceName);
  return device.type ?? (isObject(name) ? { text: name.name } : undefined);
};

function readDevice(reading: Reading): FactGiven | null {
  const { resource, index } = reading.entry;
  const standing =
    resource.status === undefined ? 'active' : standingOf(reading, 'status', resource.status, standings.device);
  const entries = codedOf(reading, 'type', deviceConcept(resource), 'implants');
  if (resource.patient === undefined) {
    // Whose it is stands in the DeviceUseStatement that names it.
    return entries && { index, subject: null, changes: [], note: 'kept with what says who has it' };
  }
  return coded(reading, subjectOf(reading, 'patient'), 'implants', entries, standing, undefined);
}

function readDeviceUse(reading: Reading): FactGiven | null {
  const { resource } = reading.entry;
  const standing = standingOf(reading, 'status', resource.status, standings.deviceUse);
  const device = resourceAt(reading, 'device');
  const entries = device && codedOf(reading, 'device', deviceConcept(device), 'implants');
  return coded(reading, subjectOf(reading, 'subject'), 'implants', entries, standing, undefined);
}

/** A Flag warns whoever meets the patient: a directive where it says so, else it stands among the conditions. */
function readFlag(reading: Reading): FactGiven | null {
  const { resource } = reading.entry;
  const standing = standingOf(reading, 'status', resource.status, standings.flag);
  const directive = arrayOf(resource.category)
    .flatMap(tokensOf)
    .includes(`${terminologies.flagCategory}|advance-directive`);
  const list = directive ? 'directives' : 'conditions';
  const entries = codedOf(reading, 'code', resource.code, list);
  const start = isObject(resource.period) ? resource.period.start : undefined;
  const since = optionalDay(reading, 'period.start', start);
  return coded(reading, subjectOf(reading, 'subject'), list, entries, standing, since);
}

const consentStanding: Readonly<Record<string, Standing>> = {
  active: 'active',
  inactive: 'resolved',
  draft: 'not-a-fact',
  proposed: 'not-a-fact',
  rejected: 'not-a-fact',
  'entered-in-error': 'not-a-fact',
};
const DIRECTIVE_SCOPE = 'adr';

/** An advance directive is kept as one; consents about treatment, research and privacy are none of ours. */
function readConsent(reading: Reading): FactGiven | null {
  const { resource, index } = reading.entry;
  const standing = standingOf(reading, 'status', resource.status, consentStanding);
  const subject = subjectOf(reading, 'patient');
  const scoped = tokensOf(resource.scope).some((token) => token.endsWith(`|${DIRECTIVE_SCOPE}`));
  if (!scoped) return subject && { index, subject, changes: [], note: 'a consent that is no advance directive' };
  const entries = codedOf(reading, 'category[0]', arrayOf(resource.category)[0], 'directives');
  return coded(reading, subject, 'directives', entries, standing, optionalDay(reading, 'dateTime', resource.dateTime));
}

function readObservation(reading: Reading): FactGiven | null {
  const { entry, refuse } = reading;
  const { resource, index } = entry;
  const standing = standingOf(reading, 'status', resource.status, standings.observation);
  if (tokensOf(resource.code).length === 0 && !(isObject(resource.code) && textOf(resource.code.text)))
    refuse(`${entry.at}.code`, 'is missing');
  const subject = subjectOf(reading, 'subject');
  if (!subject || !standing) return null;
  const nothing = (note: string): FactGiven => ({ index, subject, changes: [], note });
  if (standing === 'not-a-fact') return nothing('its status says that it does not hold');
  const meaning = tokensOf(resource.code).flatMap((token) => observationMeanings[token] ?? [])[0];
  const at = instantOf(resource.effectiveDateTime ?? resource.issued) ?? 0;
  switch (meaning) {
    case undefined:
      return nothing('no decision asks for it, and only what decisions ask for is kept of observations');
    case 'weight': {
      const quantity = isObject(resource.valueQuantity) ? resource.valueQuantity : {};
      const factor = kilogramsPer[String(quantity.code ?? quantity.unit)];
      const value = typeof quantity.value === 'number' && factor ? quantity.value * factor : Number.NaN;
      if (!(value > 0 && value <= 500)) {
        refuse(`${entry.at}.valueQuantity`, 'has to be a mass in kg, g or [lb_av], up to 500 kg');
        return null;
      }
      return { index, subject, changes: [{ kind: 'weight', weightKg: Math.round(value * 10) / 10, at }], note: null };
    }
    case 'due-date': {
      const day = dayOf(resource.valueDateTime);
      if (day === null) {
        refuse(`${entry.at}.valueDateTime`, 'has to be a date');
        return null;
      }
      return { index, subject, changes: [{ kind: 'due-date', day, at }], note: null };
    }
    case 'pregnancy-status': {
      const codes = tokensOf(resource.valueCodeableConcept).map((token) => token.slice(token.indexOf('|') + 1));
      return codes.some((code) => (NOT_PREGNANT as readonly string[]).includes(code))
        ? { index, subject, changes: [{ kind: 'due-date', day: null, at }], note: null }
        : nothing('the due date says more than the status, and is what is kept');
    }
    case 'lives-alone':
      return { index, subject, changes: [{ kind: 'lives-alone' }], note: null };
    default:
      return meaning satisfies never;
  }
}
