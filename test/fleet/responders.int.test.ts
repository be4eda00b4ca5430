/** First responders from register to scene: offered once, alerted by the desk, answering by key, kept apart from the clock. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { deliverToResponders } from '../../src/operations/deliver-responder.ts';
import { lookForResponders } from '../../src/operations/offer-responders.ts';
import { startWatch, watchClocks } from '../../src/operations/watch-clocks.ts';
import { backends } from '../support/backends.ts';
import { callFrom, fleet } from '../support/people.ts';
import { NOW, serviceOn } from '../support/service.ts';

/** 116.3467, 39.9115 in GCJ-02. */
const patient = { lon: 116.3405, lat: 39.9101 };
const near = (metres: number) => ({ lon: patient.lon, lat: patient.lat + metres / 111_195, crs: 'wgs84' });
const arrest = { code: 'cardiac-arrest', answers: { conscious: 'no', breathing: 'absent' } };
const trifle = { code: 'eye-injury', answers: { conscious: 'yes', breathing: 'normal' } };

for (const backend of backends) {
  t.test(backend.name, { timeout: 300_000 }, async (t) => {
    const { databaseUrl } = await backend.fresh(t);
    const connections = backend.name === 'embedded' ? 4 : 10;
    const one = await serviceOn(t, databaseUrl, connections, { env: { WEBHOOK_PRIVATE_ADDRESSES: 'on' } });
    const two = await serviceOn(t, databaseUrl, connections);
    const { ask, db, deps, time } = one;
    const heard: { id: string; body: { type: string; data: Record<string, unknown> } }[] = [];
    let answers = 204;
    const desk = createServer(async (request, response) => {
      let text = '';
      for await (const part of request) text += part;
      heard.push({ id: String(request.headers['webhook-id']), body: JSON.parse(text) });
      response.writeHead(answers).end();
    }).listen(0, '127.0.0.1');
    t.teardown(() => desk.close());
    await new Promise((resolve) => desk.once('listening', resolve));
    const url = `http://127.0.0.1:${(desk.address() as AddressInfo).port}/`;

    const put = (id: string, body: object) => ask('admin', 'PUT', `/v1/responders/${id}`, body);
    const receive = async (over: object = {}) => {
      const { body } = await ask('dispatcher', 'POST', '/v1/calls', callFrom({ complaint: arrest, ...over }));
      return body.call.callId as string;
    };
    const respondersOf = async (callId: string) =>
      (await ask('dispatcher', 'GET', `/v1/calls/${callId}/responders`)).body.responders;
    const alert = (callId: string, responderId: string) =>
      ask('dispatcher', 'POST', `/v1/calls/${callId}/responder-alerts`, { responderId });
    const answer = (alertId: string, what: string, body: object = {}) =>
      ask('dispatcher', 'POST', `/v1/responder-alerts/${alertId}/${what}`, body);
    const told = async (callId: string) =>
      (
        await db.query<{ type: string; data: Record<string, unknown> }>({
          text: "SELECT type, data FROM events WHERE call_id = $1 AND type LIKE 'responder.%' ORDER BY seq",
          values: [callId],
        })
      ).rows;
    const look = () => Promise.all([lookForResponders(deps), lookForResponders(two.deps)]);

    for (const unit of fleet) await ask('admin', 'PUT', `/v1/units/${unit.unitId}`, unit);

    await t.test('the register: filed, replaced, sealed, read by role', async (t) => {
      const { status, body } = await put('v-1', {
        kind: 'volunteer',
        position: near(200),
        name: '王虚构',
        contact: { webhook: { url, secret: 'an invented secret' } },
      });
      t.equal(status, 200);
      t.match(body, { responderId: 'v-1', name: '王虚构', channels: ['webhook'], onDuty: true, hours: null });
      await put('m-1', { kind: 'micro-fire-station', position: near(400), name: '示范微型消防站' });
      await put('m-far', { kind: 'micro-fire-station', position: near(20_000) });
      await put('v-off', { kind: 'volunteer', position: near(10), onDuty: false });
      await put('v-night', { kind: 'volunteer', position: near(20), hours: { from: '22:00', to: '06:00' } });
      await put('d-1', { kind: 'defibrillator', position: near(100), whereExactly: '大厅（虚构）' });
      t.equal((await ask('dispatcher', 'GET', '/v1/responders')).body.responders.length, 6);
      const planners = (await ask('planner', 'GET', '/v1/responders')).body.responders;
      t.ok(
        planners.every((each: { name: unknown }) => each.name === null),
        'planners see no names',
      );
      const { rows } = await db.query<{ text: string }>({
        text: 'SELECT string_agg(r::text, chr(10)) AS text FROM responders r',
      });
      t.notMatch(rows[0]?.text, /虚构|secret|127\.0\.0\.1/, 'a dump names nobody');
      for (const [id, bad, status, field] of [
        ['x', { kind: 'dog', position: near(1) }, 400, 'kind'],
        ['x', { kind: 'volunteer' }, 400, 'position'],
        ['x', { kind: 'volunteer', position: { lon: 116, lat: 139, crs: 'wgs84' } }, 400, 'position.lat'],
        ['x', { kind: 'volunteer', position: near(1), responderId: 'y' }, 422, 'responderId'],
        ['x', { kind: 'volunteer', position: near(1), contact: { phones: ['12345'] } }, 422, 'contact.phones[0]'],
        [
          'x',
          {
            kind: 'volunteer',
            position: near(1),
            contact: { webhook: { url: 'ftp://a', secret: 'an invented secret' } },
          },
          400,
          'contact.webhook.url',
        ],
        ['x', { kind: 'volunteer', position: near(1), hours: { from: '08:00', to: '08:00' } }, 422, 'hours.to'],
        ['x', { kind: 'volunteer', position: near(1), hours: { from: '25:00', to: '08:00' } }, 400, 'hours.from'],
        ['d', { kind: 'defibrillator', position: near(1), contact: {} }, 422, 'contact'],
        ['x', { kind: 'volunteer', position: near(1), other: 1 }, 400, 'other'],
      ] as const) {
        const refused = await put(id, bad);
        t.equal(refused.status, status, JSON.stringify(bad));
        t.ok(
          refused.body.fields?.some((each: { field: string }) => each.field.includes(field)),
          `${field} in ${JSON.stringify(refused.body.fields)}`,
        );
      }
      t.equal(
        (await ask('dispatcher', 'GET', '/v1/responders')).body.responders.length,
        6,
        'what is refused is not filed',
      );
    });

    await t.test(
      'priority 1: the nearest are offered at once, by one of two instances, and nobody is alerted',
      async (t) => {
        const callId = await receive();
        await look();
        await look();
        const offered = await respondersOf(callId);
        t.same(
          offered.map((each: { responderId: string; status: string }) => [each.responderId, each.status]),
          [
            ['v-1', 'offered'],
            ['m-1', 'offered'],
            ['d-1', 'offered'],
          ],
        );
        t.ok(offered[0].predictedSeconds > 150 && offered[0].predictedSeconds < 260);
        const events = await told(callId);
        t.same(
          events.map(({ type }) => type),
          ['responder.offered'],
          'once',
        );
        t.equal((events[0]?.data.responders as unknown[] | undefined)?.length, 3);
        t.notMatch(JSON.stringify(events), /虚构/, 'events name nobody');
        t.equal(heard.length, 0);

        const moved = {
          location: { position: { ...near(250), crs: 'wgs84' }, uncertaintyMetres: 10, source: 'caller' },
        };
        await ask('dispatcher', 'PATCH', `/v1/calls/${callId}`, moved);
        await look();
        t.equal((await told(callId)).length, 2, 'a call that moves is looked at again');
        const [first] = await respondersOf(callId);
        t.equal(first.responderId, 'v-1');
        t.ok(first.predictedSeconds < 120);
        await ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, { reason: 'test' });
      },
    );

    await t.test('alert, accept, on scene by key; the ambulance’s clock runs on', async (t) => {
      const callId = await receive();
      await look();
      const { status, body } = await alert(callId, 'v-1');
      t.equal(status, 201);
      t.match(body, { status: 'alerted', delivery: 'waiting', name: '王虚构' });
      t.equal((await alert(callId, 'v-1')).body.alertId, body.alertId, 'twice is once');
      answers = 503;
      await deliverToResponders(deps);
      t.equal((await respondersOf(callId))[0].delivery, 'failing');
      answers = 204;
      time.now += 61_000;
      await Promise.all([deliverToResponders(deps), deliverToResponders(deps)]);
      t.equal((await respondersOf(callId))[0].delivery, 'delivered');
      t.equal(heard.length, 2, 'failed once, heard once');
      t.equal(heard[0]?.id, heard[1]?.id, 'under the same number');
      t.match(heard[1]?.body, { type: 'responder.alerted', data: { responderId: 'v-1' } });
      const key = String(heard[1]?.body.data.answerKey);
      t.notMatch(JSON.stringify(heard[1]?.body), /116\.3|北京/, 'where it is stands in no message');

      const byKey = (what: object) => one.app.inject({ method: 'POST', url: '/v1/responder-answers', payload: what });
      const seen = (await byKey({ key })).json();
      t.match(seen, { status: 'alerted', complaint: 'cardiac-arrest', position: { crs: 'wgs84' } });
      t.equal((await byKey({ key: `${key.slice(0, -1)}_` })).statusCode, 404);
      t.equal((await byKey({ key: 'short' })).statusCode, 400);
      t.equal((await byKey({ key, answer: 'accept' })).json().status, 'accepted');
      t.equal((await byKey({ key, answer: 'accept' })).json().status, 'accepted', 'twice is once');
      time.now += 60_000;
      t.equal((await byKey({ key, answer: 'on-scene' })).json().status, 'on-scene');
      t.equal((await byKey({ key, answer: 'decline' })).statusCode, 409);
      const { rows } = await db.query({
        text: 'SELECT responder_id, kind, on_scene_at FROM responder_arrivals JOIN calls USING (call_id) WHERE call_id = $1',
        values: [callId],
      });
      t.same(
        rows,
        [{ responder_id: 'v-1', kind: 'volunteer', on_scene_at: null }],
        'an arrival of its own, and no clock stopped',
      );
      t.same(
        (await told(callId)).map(({ type }) => type),
        ['responder.offered', 'responder.alerted', 'responder.accepted', 'responder.arrived'],
      );

      const other = await receive();
      t.match(
        await alert(other, 'v-1'),
        { status: 409, body: { code: 'responder-not-available' } },
        'nobody is on two calls',
      );
      await look();
      t.notOk(
        (await respondersOf(other)).some((each: { responderId: string }) => each.responderId === 'v-1'),
        'nor offered for a second',
      );
      await ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, { reason: 'test' });
      await look();
      t.equal((await respondersOf(callId))[0].status, 'stood-down', 'a call that is over sends everybody home');
      t.match(
        (await byKey({ key })).json(),
        { status: 'stood-down', position: null, address: null },
        'and the key opens nothing more',
      );
      const both = await Promise.all([
        alert(other, 'm-1'),
        alert(other, 'm-1'),
        two.ask('dispatcher', 'POST', `/v1/calls/${callId}/responder-alerts`, { responderId: 'm-1' }),
      ]);
      t.same(
        both.map((each) => each.status).sort(),
        [201, 201, 409],
        'asked by two at once it is done once; of a call that is over, never',
      );
      await ask('dispatcher', 'POST', `/v1/calls/${other}/close`, { reason: 'test' });
      await look();
    });

    await t.test('declined, alerted again, stood down by the desk', async (t) => {
      const callId = await receive();
      await look();
      const { body } = await alert(callId, 'm-1');
      t.equal((await answer(body.alertId, 'decline')).body.status, 'declined');
      t.equal((await answer(body.alertId, 'accept')).status, 409);
      t.equal((await alert(callId, 'm-1')).body.status, 'alerted');
      t.equal((await answer(body.alertId, 'stand-down')).body.status, 'stood-down');
      t.equal((await answer(body.alertId, 'stand-down')).body.status, 'stood-down');
      t.match(await answer(body.alertId, 'on-scene', { at: new Date(time.now).toISOString() }), { status: 409 });
      t.match(await alert(callId, 'nobody'), { status: 422, body: { code: 'unknown-responder' } });
      t.match(await alert(callId, 'd-1'), { status: 422 }, 'a defibrillator is fetched');
      t.equal((await alert('no-such-call', 'm-1')).status, 404);
      const again = await alert(callId, 'm-1');
      t.match(await answer(again.body.alertId, 'on-scene', { at: '2026-03-01T00:00:00Z' }), {
        status: 422,
        body: { code: 'time-point-before-call' },
      });
      t.equal(
        (await respondersOf(callId)).find((each: { responderId: string }) => each.responderId === 'm-1').status,
        'alerted',
        'and nothing is stored',
      );
      await ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, { reason: 'test' });
      await look();
    });

    await t.test('no answer in time: the next nearest is alerted, once, and a late answer still counts', async (t) => {
      const callId = await receive();
      await look();
      const statusOf = async (responderId: string) =>
        (await respondersOf(callId)).find((each: { responderId: string }) => each.responderId === responderId)?.status;
      const first = (await alert(callId, 'm-1')).body;
      t.equal(Date.parse(first.answerDueAt), time.now + 60_000);
      time.now += 59_000;
      await look();
      t.equal(await statusOf('m-1'), 'alerted', 'a second is left');
      time.now += 1_000;
      two.time.now = time.now;
      await look();
      await look();
      t.same([await statusOf('m-1'), await statusOf('v-1')], ['lapsed', 'alerted']);
      const events = await told(callId);
      t.same(
        events.map(({ type, data }) => [type, data.responderId ?? null]),
        [
          ['responder.offered', null],
          ['responder.alerted', 'm-1'],
          ['responder.alerted', 'v-1'],
          ['responder.lapsed', 'm-1'],
        ],
        'by one of two instances',
      );
      t.match(events[2]?.data, { insteadOf: 'm-1' });
      t.match(events[3]?.data, { next: 'v-1' });
      t.equal(
        (await respondersOf(callId)).find((each: { responderId: string }) => each.responderId === 'm-1').answerDueAt,
        null,
      );

      heard.length = 0;
      await deliverToResponders(deps);
      const mine = (await respondersOf(callId)).find((each: { responderId: string }) => each.responderId === 'v-1');
      const key = String(heard.find(({ body }) => body.data.alertId === mine.alertId)?.body.data.answerKey);
      const byKey = (what: object) => one.app.inject({ method: 'POST', url: '/v1/responder-answers', payload: what });
      time.now += 60_000;
      await look();
      t.equal(await statusOf('v-1'), 'lapsed');
      t.match(
        (await told(callId)).at(-1),
        { type: 'responder.lapsed', data: { responderId: 'v-1', next: null } },
        'nobody is left',
      );
      t.match((await byKey({ key })).json(), { status: 'lapsed', position: null, address: null });

      const other = await receive();
      await alert(other, 'v-1');
      t.match(
        (await byKey({ key, answer: 'accept' })).json(),
        { code: 'responder-not-available' },
        'another call has them now',
      );
      const [theirs] = (await ask('dispatcher', 'GET', `/v1/calls/${other}/responders`)).body.responders;
      await answer(theirs.alertId, 'stand-down');
      await ask('dispatcher', 'POST', `/v1/calls/${other}/close`, { reason: 'test' });

      t.equal((await answer(first.alertId, 'accept')).body.status, 'accepted', 'late, and coming all the same');
      t.match((await told(callId)).at(-1), { type: 'responder.accepted', data: { responderId: 'm-1', late: true } });
      await ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, { reason: 'test' });
      await look();
      t.same(
        [await statusOf('m-1'), await statusOf('v-1')],
        ['stood-down', 'stood-down'],
        'whoever was alerted hears that it is over',
      );
      t.equal((await answer(first.alertId, 'accept')).status, 409);
    });

    await t.test('declined: the next nearest is alerted at once, unless somebody comes', async (t) => {
      const callId = await receive();
      await look();
      const { body } = await alert(callId, 'm-1');
      await answer(body.alertId, 'decline');
      const [next] = await respondersOf(callId);
      t.match(next, { responderId: 'v-1', status: 'alerted' });
      await answer(next.alertId, 'accept');
      const again = (await alert(callId, 'm-1')).body;
      await answer(again.alertId, 'decline');
      t.same(
        (await respondersOf(callId)).map((each: { status: string }) => each.status),
        ['accepted', 'declined', 'offered'],
      );
      await ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, { reason: 'test' });
      await look();
    });

    await t.test('not urgent: only once the clock warns', async (t) => {
      time.now = NOW + 7_200_000;
      const callId = await receive({ complaint: trifle });
      await look();
      t.same(await respondersOf(callId), []);
      const watch = startWatch();
      const { rows } = await db.query<{ due: Date }>({
        text: 'SELECT response_due_at AS due FROM calls WHERE call_id = $1',
        values: [callId],
      });
      time.now = (rows[0]?.due.getTime() ?? 0) - 60_000;
      await watchClocks(deps, watch);
      await look();
      t.equal((await respondersOf(callId)).length, 3);
    });
  });
}
