/** The register of first responders: micro fire stations, fire stations, trained neighbours, public defibrillators. */
import type { Deps } from '../deps.ts';
import { refuseField } from '../domain/errors.ts';
import { normalisePhone } from '../domain/phone.ts';
import { toWgs84 } from '../domain/position.ts';
import { minuteOf, timeOf } from '../fleet/responders.ts';
import type { ResponderChannel, ResponderInput, ResponderView } from '../fleet/responders-schema.ts';
import { listResponders, putResponder, type ResponderRow } from '../fleet/responders-store.ts';
import type { Actor } from './receive-call.ts';
import { refuseTarget } from './set-desk.ts';

/** What is sealed of a responder: a volunteer is a person. */
export interface ResponderFile {
  readonly name: string | null;
  readonly whereExactly: string | null;
  readonly webhook: { readonly url: string; readonly secret: string } | null;
  readonly emails: readonly string[];
  readonly phones: readonly string[];
}
export const responderContext = (responderId: string) => `responder:${responderId}`;

/** Creates or replaces. Throws `identifier-mismatch`, `invalid-field`, `bad-phone`. */
export async function registerResponder(
  deps: Pick<Deps, 'db' | 'seal' | 'clock' | 'config'>,
  responderId: string,
  input: ResponderInput,
): Promise<ResponderView> {
  if (input.responderId !== undefined && input.responderId !== responderId)
    throw refuseField('responderId', 'differs from the path', 'identifier-mismatch');
  const { kind, hours, contact = {}, onDuty = true } = input;
  if (hours && hours.from === hours.to)
    throw refuseField('hours.to', 'is the same as `from`; leave out hours for always');
  if (kind === 'defibrillator' && input.contact)
    throw refuseField('contact', 'is of no use: a defibrillator is fetched, not alerted');
  if (contact.webhook) refuseTarget(contact.webhook.url, deps.config.locate.privateWebhooks, 'contact.webhook.url');
  const phones = (contact.phones ?? []).map((given, i) => {
    const phone = normalisePhone(given);
    if (!phone) throw refuseField(`contact.phones[${i}]`, 'is not a valid phone number', 'bad-phone');
    return phone;
  });
  const file: ResponderFile = {
    name: input.name ?? null,
    whereExactly: input.whereExactly ?? null,
    webhook: contact.webhook ?? null,
    emails: contact.emails ?? [],
    phones,
  };
  const channels: ResponderChannel[] = [
    ...(file.webhook ? (['webhook'] as const) : []),
    ...(file.emails.length ? (['email'] as const) : []),
    ...(phones.length ? (['sms'] as const) : []),
  ];
  const position = toWgs84(input.position);
  const [fromMinute, toMinute] = hours ? [minuteOf(hours.from), minuteOf(hours.to)] : [null, null];
  const sealed = deps.seal.close(file, responderContext(responderId));
  const raw = input.position;
  await putResponder(
    deps.db,
    { responderId, kind, position, raw, onDuty, fromMinute, toMinute, channels, sealed },
    deps.clock.now(),
  );
  const { name, whereExactly } = file;
  return { responderId, kind, position, name, whereExactly, onDuty, hours: hours ?? null, channels };
}

/** The whole register; a planner sees no names. */
export async function readRegister(deps: Deps, actor: Actor): Promise<ResponderView[]> {
  return (await listResponders(deps.db)).map((row) => viewOf(deps, row, actor.role !== 'planner'));
}

function viewOf({ seal }: Deps, row: ResponderRow, named: boolean): ResponderView {
  const file = seal.open<ResponderFile>(row.sealed, responderContext(row.responder_id));
  return {
    responderId: row.responder_id,
    kind: row.kind,
    position: { lon: row.lon, lat: row.lat, crs: 'wgs84' },
    name: named ? file.name : null,
    whereExactly: file.whereExactly,
    onDuty: row.on_duty,
    hours:
      row.from_minute === null || row.to_minute === null
        ? null
        : { from: timeOf(row.from_minute), to: timeOf(row.to_minute) },
    channels: row.channels,
  };
}
