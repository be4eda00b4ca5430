/** How a centre, and the duty of a sub-district, want to be asked. */
import { isIP } from 'node:net';
import { inTransaction } from '../database/pool.ts';
import type { Deps } from '../deps.ts';
import { Problem, refuseField } from '../domain/errors.ts';
import { isPrivate } from '../locate/channels/address.ts';
import {
  type Desk,
  type Duty,
  deskContext,
  dutyContext,
  findDesk,
  findDuty,
  putDesk,
  putDuty,
} from '../locate/desk-store.ts';
import type { DeskInput, DeskView, DutyInput } from '../locate/schema.ts';
import type { Actor } from './receive-call.ts';

/** Replaces the desk's settings. A webhook without a new secret is not taken. Throws `invalid-field`. */
export async function setDesk(deps: Deps, centreId: string, input: DeskInput): Promise<DeskView> {
  const { catchment = null, webhook = null, emails = [], phones = [] } = input;
  if (webhook) refuseTarget(webhook.url, deps.config.locate.privateWebhooks);
  const desk: Desk = { webhook, emails, phones };
  const channels = [webhook && 'webhook', emails.length && 'email', phones.length && 'sms'].filter(
    (each): each is string => typeof each === 'string',
  );
  const sealed = deps.seal.close(desk, deskContext(centreId));
  await inTransaction(deps.db, async (tx) => {
    const sound = await putDesk(tx, centreId, catchment, sealed, channels).catch((error: { code?: string }) => {
      // PostGIS raises its own code (XX000) or a data error (class 22) for coordinates that are none.
      if (/^(XX000|22)/.test(error.code ?? '')) return false;
      throw error;
    });
    if (!sound) throw refuseField('catchment', 'is not an outline in WGS-84 degrees that encloses something');
  });
  return readDesk(deps, centreId, { role: 'admin', subject: '' });
}

/** Refused early where it can be told from the address alone; names are looked up when it is used. */
export function refuseTarget(given: string, allowPrivate: boolean, field = 'webhook.url'): void {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (!url || !['https:', 'http:'].includes(url.protocol)) throw refuseField(field, 'is not an https:// URL');
  if (url.username || url.password) throw refuseField(field, 'carries a user or password');
  if (url.protocol === 'http:' && !allowPrivate) throw refuseField(field, 'is not an https:// URL');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivate && (host === 'localhost' || (isIP(host) && isPrivate(host))))
    throw refuseField(field, 'points at a private address, which this installation does not allow');
}

/** A centre reads its own. Throws `forbidden`; a centre nobody described has an empty desk. */
export async function readDesk(deps: Deps, centreId: string, actor: Actor): Promise<DeskView> {
  const row = await findDesk(deps.db, centreId);
  if (actor.role === 'centre' && actor.subject !== centreId) throw new Problem('forbidden');
  if (!row) return { centreId, catchment: null, webhook: null, emails: [], phones: [] };
  const { webhook, emails, phones } = deps.seal.open<Desk>(row.sealed, deskContext(centreId));
  return {
    centreId,
    catchment: row.catchment,
    webhook: webhook && { url: webhook.url },
    emails: [...emails],
    phones: [...phones],
  };
}

export async function setDuty(deps: Deps, subdistrictCode: string, duty: DutyInput): Promise<DutyInput> {
  const channels = [...(duty.emails?.length ? ['email'] : []), ...(duty.phone ? ['sms'] : [])];
  await putDuty(deps.db, subdistrictCode, deps.seal.close(duty, dutyContext(subdistrictCode)), channels);
  return duty;
}

/** Throws `not-found`. */
export async function readDuty(deps: Deps, subdistrictCode: string): Promise<Duty> {
  const sealed = await findDuty(deps.db, subdistrictCode);
  if (!sealed) throw new Problem('not-found');
  return deps.seal.open<Duty>(sealed, dutyContext(subdistrictCode));
}
