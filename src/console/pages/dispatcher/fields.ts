/** What was typed, as typed, and what it means to the service. Pure. */
import type { CallInput, CallPatch, PreviewInput } from '../../../calls/schema.ts';

export interface Fields {
  readonly channel: CallInput['channel'];
  readonly phone: string;
  readonly relation: NonNullable<NonNullable<CallInput['caller']>['relation']> | '';
  readonly deviceId: string;
  readonly complaint: string;
  readonly text: string;
  readonly answers: Readonly<Record<string, string>>;
  readonly address: string;
  /** Where the phone says it is, or where somebody pointed on the map. */
  readonly position: NonNullable<CallInput['location']>['position'] | null;
  readonly uncertaintyMetres: number | null;
  readonly source: NonNullable<CallInput['location']>['source'] | null;
  readonly patientName: string;
  readonly age: string;
  readonly sex: NonNullable<NonNullable<CallInput['patient']>['sex']> | '';
  readonly idNumber: string;
  /** Confirmed to be the patient. */
  readonly residentId: string | null;
}

export const noFields: Fields = {
  channel: 'phone',
  phone: '',
  relation: '',
  deviceId: '',
  complaint: '',
  text: '',
  answers: {},
  address: '',
  position: null,
  uncertaintyMetres: null,
  source: null,
  patientName: '',
  age: '',
  sex: '',
  idNumber: '',
  residentId: null,
};

const FEWEST_DIGITS = 3;

/** Whether a call could be taken in with it: there is something to find somebody by. */
export const isFindable = ({ phone, deviceId, address, position }: Fields): boolean =>
  phone.replace(/\D/g, '').length >= FEWEST_DIGITS || deviceId !== '' || address.trim() !== '' || position !== null;

const without = <T extends object>(given: T): Partial<T> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>;
const orNothing = <T extends object>(given: T): T | undefined => (Object.keys(given).length > 0 ? given : undefined);

/** Only what was said: an empty field is left out, and a number that is none is sent as it is, to be refused by name. */
export function previewOf(fields: Fields): PreviewInput {
  const text = (given: string) => given.trim() || undefined;
  const caller = without({ phone: text(fields.phone), relation: fields.relation || undefined });
  const patient = without({
    residentId: fields.residentId ?? undefined,
    idNumber: text(fields.idNumber),
    name: text(fields.patientName),
    ageYears: text(fields.age) === undefined ? undefined : Number(fields.age),
    sex: fields.sex || undefined,
  });
  const location = without({
    position: fields.position ?? undefined,
    uncertaintyMetres: fields.uncertaintyMetres ?? undefined,
    source: fields.source ?? undefined,
    address: text(fields.address),
  });
  const complaint = fields.complaint
    ? without({ code: fields.complaint, text: text(fields.text), answers: orNothing({ ...fields.answers }) })
    : undefined;
  return without({
    channel: fields.channel,
    caller: orNothing(caller),
    device: fields.deviceId ? { deviceId: fields.deviceId } : undefined,
    patient: orNothing(patient),
    location: orNothing(location),
    complaint,
  }) as PreviewInput;
}

/** The fields of a call as it was filed. */
export const fieldsOf = ({ channel, caller, device, patient, location, complaint }: CallInput): Fields => ({
  channel,
  phone: caller?.phone ?? '',
  relation: caller?.relation ?? '',
  deviceId: device?.deviceId ?? '',
  complaint: complaint.code,
  text: complaint.text ?? '',
  answers: complaint.answers ?? {},
  address: location?.address ?? '',
  position: location?.position ?? null,
  uncertaintyMetres: location?.uncertaintyMetres ?? null,
  source: location?.source ?? null,
  patientName: patient?.name ?? '',
  age: patient?.ageYears === undefined ? '' : String(patient.ageYears),
  sex: patient?.sex ?? '',
  idNumber: patient?.idNumber ?? '',
  residentId: patient?.residentId ?? null,
});

/** What changed since the service last heard; null where nothing did. A field emptied again says nothing new. */
export function patchOf(before: Fields, after: Fields): CallPatch | null {
  const [was, is] = [previewOf(before), previewOf(after)];
  const { residentId: wasConfirmed, ...wasPatient } = was.patient ?? {};
  const { residentId: isConfirmed, ...isPatient } = is.patient ?? {};
  const differs = (a: unknown, b: unknown) => b !== undefined && JSON.stringify(a) !== JSON.stringify(b);
  const patch = without({
    caller: differs(was.caller, is.caller) ? is.caller : undefined,
    patient: differs(wasPatient, isPatient) ? orNothing(isPatient) : undefined,
    location: differs(was.location, is.location) ? is.location : undefined,
    complaint: differs(was.complaint, is.complaint) ? is.complaint : undefined,
    residentId: wasConfirmed === isConfirmed ? undefined : (isConfirmed ?? null),
  });
  return (orNothing(patch) as CallPatch | undefined) ?? null;
}
