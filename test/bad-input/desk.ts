/** A dispatcher's desk on a database of its own, with two residents filed, and requests as raw as the tests need them. */
import type { Test } from 'tap';
import type { Role } from '../../src/domain/vocabulary.ts';
import { issueToken } from '../../src/http/auth.ts';
import { fleet, wang, zhang } from '../support/people.ts';
import { freshDatabase } from '../support/postgres.ts';
import { NOW, serviceOn } from '../support/service.ts';

export const ago = (milliseconds: number) => new Date(NOW - milliseconds).toISOString();

export async function openDesk(t: Test) {
  const service = await serviceOn(t, await freshDatabase(t));
  const { app, ask, deps } = service;
  await ask('admin', 'PUT', '/v1/units/u-intensive', fleet[1]);
  await ask('registry', 'PUT', '/v1/residents/r-1', zhang);
  await ask('registry', 'PUT', '/v1/residents/r-2', wang);

  const bearer = async (role: Role, ttlSeconds = 3_600) => {
    if (!deps.config.auth.local) throw new Error('the test settings have a local key');
    return `Bearer ${await issueToken(deps.config.auth.local, { role, subject: `${role}-1`, ttlSeconds }, deps.clock)}`;
  };
  const dispatcher = await bearer('dispatcher');
  const send = (
    method: 'POST' | 'PATCH',
    url: string,
    payload: string | Buffer,
    headers: Record<string, string> = {},
  ) =>
    app.inject({
      method,
      url,
      payload,
      headers: { authorization: dispatcher, 'content-type': 'application/json', ...headers },
    });
  const post = (payload: string | Buffer, headers?: Record<string, string>) =>
    send('POST', '/v1/calls', payload, headers);
  return { ...service, bearer, send, post };
}
