/** What does something is done once a key, however often and through however many instances it is sent. */
import t from 'tap';
import { callFrom, fleet } from '../support/people.ts';
import { freshDatabase } from '../support/postgres.ts';
import { serviceOn } from '../support/service.ts';

const databaseUrl = await freshDatabase(t);
const one = await serviceOn(t, databaseUrl);
const two = await serviceOn(t, databaseUrl);
const services = [one, two] as const;
for (const unit of fleet) await one.ask('admin', 'PUT', `/v1/units/${unit.unitId}`, unit);

const complaint = { code: 'chest-pain', answers: { conscious: 'yes', breathing: 'normal' } };
const newCall = async (): Promise<string> =>
  (await one.ask('dispatcher', 'POST', '/v1/calls', callFrom({ complaint }))).body.call.callId;
const count = async (table: string, callId: string): Promise<number> =>
  (await one.db.query({ text: `SELECT count(*) FROM ${table} WHERE call_id = $1`, values: [callId] })).rows[0]?.count;
const unitId = 'u-intensive';

t.test('a unit sent eight times with one key, through both instances at once: sent once, one answer', async (t) => {
  const callId = await newCall();
  const key = { 'idempotency-key': 'send-1' };
  const send = (i: number) =>
    services[i % 2]?.ask('dispatcher', 'POST', `/v1/calls/${callId}/assignments`, { unitId }, key);
  const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => send(i)));
  for (const answer of answers) t.match(answer, { status: 201, body: answers[0]?.body });
  t.equal(answers.filter((answer) => answer?.headers['idempotent-replayed'] === 'true').length, 7);
  t.equal(await count('assignments', callId), 1);

  t.match(
    await one.ask('dispatcher', 'POST', `/v1/calls/${callId}/assignments`, { unitId: 'u-basic' }, key),
    { status: 422, body: { code: 'idempotency-mismatch' } },
    'the key stands for another request',
  );
  t.match(
    await one.ask(
      { role: 'dispatcher', subject: 'another' },
      'POST',
      `/v1/calls/${callId}/assignments`,
      { unitId },
      key,
    ),
    { status: 409, body: { code: 'unit-not-available' } },
    'keys are the actor’s own',
  );
  t.match(
    await one.ask('dispatcher', 'POST', `/v1/calls/${callId}/assignments`, { unitId }),
    { status: 409 },
    'without a key it is asked anew',
  );

  const at = new Date(one.time.now).toISOString();
  const report = { callId, point: 'en-route', at };
  const crew = { role: 'crew', subject: unitId } as const;
  const path = `/v1/units/${unitId}/time-points`;
  const said = await one.ask(crew, 'POST', path, report, { 'idempotency-key': 'point-1' });
  const again = await two.ask(crew, 'POST', path, report, { 'idempotency-key': 'point-1' });
  t.match(said, { status: 200, body: { flags: [] } });
  t.same(again.body, said.body, 'a report sent again is no repeated report');
  t.equal(await count('time_points', callId), 2, 'notified and en route');

  const close = { reason: 'an invented reason' };
  const ended = await one.ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, close, { 'idempotency-key': 'end-1' });
  t.equal(ended.status, 200);
  t.same(
    (await two.ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, close, { 'idempotency-key': 'end-1' })).body,
    ended.body,
  );
});

t.test('what was refused keeps nothing: the same key may try again', async (t) => {
  const callId = await newCall();
  await one.ask('admin', 'PUT', `/v1/units/${unitId}`, {
    ...fleet.find((unit) => unit.unitId === unitId),
    status: 'off-duty',
  });
  const key = { 'idempotency-key': 'try-again' };
  const path = `/v1/calls/${callId}/assignments`;
  t.match(await one.ask('dispatcher', 'POST', path, { unitId }, key), { status: 409 });
  await one.ask('admin', 'PUT', `/v1/units/${unitId}`, {
    ...fleet.find((unit) => unit.unitId === unitId),
    status: 'available',
  });
  t.match(await one.ask('dispatcher', 'POST', path, { unitId }, key), { status: 201 });
});
