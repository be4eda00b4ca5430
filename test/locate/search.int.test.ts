/** A search lived through, on both ways to run: routed, held by one, answered, climbed, kept for next time, over. */
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { markPresent } from '../../src/locate/desk-store.ts';
import { backends } from '../support/backends.ts';
import { searching, silentPress, square } from './support.ts';

const at = (lon: number, lat: number) => ({
  channel: 'phone',
  caller: { phone: '13911112222' },
  location: { position: { lon, lat, crs: 'wgs84' }, uncertaintyMetres: 20, source: 'aml' },
  complaint: { code: 'silent-call' },
});

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { databaseUrl } = await backend.fresh(t);
    const service = await searching(t, databaseUrl, backend.name === 'embedded' ? 4 : 10);
    const { ask, call, raise, does, read, wait, centre, eventsOf, db, time, deps } = service;
    const yuetan = centre('c-yuetan');
    const guangwai = centre('c-guangwai');
    /** A call of its own, and a search for it. */
    const begin = async (over?: Record<string, unknown>) => {
      const { call: taken } = await call(over);
      const raised = await raise(taken.callId);
      return { callId: taken.callId as string, id: raised.body.locateRequest.locateRequestId as string };
    };
    const over = (callId: string) => ask('dispatcher', 'POST', `/v1/calls/${callId}/close`, { reason: 'over' });

    await t.test('the call’s answer already says how to get in and what to do', async (t) => {
      const answer = await call();
      t.match(answer.locateSuggestion, { reason: 'callback-unanswered', why: 'callback-unanswered' });
      t.match(answer.howToGetIn, [
        {
          residentId: 'r-1',
          livesAlone: true,
          floor: 5,
          room: '501',
          hasLift: false,
          entryNotes: '门禁 0000 (invented)',
          contacts: [{ name: '李虚构', relation: 'daughter', phone: '+8613900139001', holdsKey: true }],
          familyDoctorId: 'd-1',
          pastPlaces: [],
        },
      ]);
      const detail = await ask('dispatcher', 'GET', `/v1/calls/${answer.call.callId}`);
      t.same(detail.body.howToGetIn, answer.howToGetIn, 'whoever opens the call later sees the same');
      t.same(detail.body.locateSuggestion, answer.locateSuggestion);
      const spoken = await call({
        ...silentPress,
        complaint: { code: 'device-alarm', answers: { answer: 'needs-help' } },
      });
      t.equal(spoken.locateSuggestion, null, 'somebody spoke');
      await over(answer.call.callId);
      await over(spoken.call.callId);
    });

    await t.test('raised, accepted, answered: the destination moves, and next time it is known', async (t) => {
      const { call: taken } = await call();
      const { callId } = taken;
      const key = { 'idempotency-key': `raise-${callId}` };
      const raised = await raise(callId, 'no-answer-at-door', 'dispatcher', key);
      t.equal(raised.status, 201);
      const { locateRequest } = raised.body;
      const id = locateRequest.locateRequestId;
      t.match(locateRequest, {
        callId,
        communityCentreId: 'c-yuetan',
        status: 'requested',
        reason: 'no-answer-at-door',
        person: { residentId: 'r-1', name: '张虚构', ageYears: 85 },
        asked: [{ kind: 'centre', target: 'c-yuetan', step: 0 }],
        answers: [],
      });
      t.equal(Date.parse(locateRequest.dueAt), time.now + 30_000);
      t.same(locateRequest.evidence.map(({ kind }: { kind: string }) => kind).sort(), [
        'registered-device',
        'registered-home',
      ]);
      t.match(locateRequest.likelyPlaces.places[0], { kind: 'home', residentId: 'r-1' });
      t.ok(locateRequest.likelyPlaces.places[0].confidence > 0.8);
      const again = await raise(callId, 'no-answer-at-door', 'dispatcher', key);
      t.same([again.status, again.body.locateRequest.locateRequestId], [200, id], 'the same key: the same search');
      t.match(await raise(callId, 'address-not-found', 'dispatcher', key), {
        status: 422,
        body: { code: 'idempotency-mismatch' },
      });
      t.equal((await raise(callId)).body.locateRequest.locateRequestId, id, 'one search a call at a time');

      t.equal((await does(id, 'accept', centre('c-far'))).status, 403, 'a centre that was not asked');
      t.equal((await ask(centre('c-far'), 'GET', `/v1/locate-requests/${id}`)).status, 404);
      const [mine, theirs] = await Promise.all([
        does(id, 'accept', yuetan, { person: '护士甲' }),
        does(id, 'accept', yuetan, { person: '护士乙' }),
      ]);
      t.same([mine.status, theirs.status].sort(), [200, 409], 'of two in the same millisecond one has it');
      const [winner, loser] = mine.status === 200 ? ['护士甲', '护士乙'] : ['护士乙', '护士甲'];
      t.match((await read(id)).holder, { centreId: 'c-yuetan', person: winner });
      t.equal((await does(id, 'accept', yuetan, { person: winner })).status, 200, 'pressed twice');
      t.match(await does(id, 'answer', yuetan, { found: true, room: '1', person: loser }), {
        status: 409,
        body: { code: 'locate-not-held' },
      });

      const there = { lon: 116.3422, lat: 39.9118, crs: 'wgs84' };
      const far = { lon: 116.8, lat: 39.91, crs: 'wgs84' };
      const door = { building: '3号楼', unit: '2单元', floor: 5, room: '501', entryNotes: '钥匙在窗台下（虚构）' };
      const slipped = await does(id, 'answer', yuetan, { found: true, position: far, person: winner });
      t.match(slipped, { status: 409, body: { code: 'locate-far', fields: [{ field: 'position' }] } });
      t.ok(slipped.body.distanceMetres > 35_000);
      t.equal((await read(id)).answers.length, 0, 'nothing was stored');
      const answered = await does(id, 'answer', yuetan, { found: true, position: there, ...door, person: winner });
      t.match(answered, {
        status: 200,
        body: {
          locateRequest: {
            status: 'answered',
            dueAt: null,
            answers: [{ found: true, stands: true, ...door, person: winner }],
          },
        },
      });
      const moved = (await ask('dispatcher', 'GET', `/v1/calls/${callId}`)).body;
      t.match(moved.call.location, { position: there, source: 'confirmed', uncertaintyMetres: 10 });
      t.match(
        moved.events.map(({ type }: { type: string }) => type).slice(-2),
        ['call.updated', 'locate.answered'],
        'in one transaction',
      );
      t.same(
        moved.recommendation,
        taken && (await ask('dispatcher', 'GET', `/v1/calls/${callId}`)).body.recommendation,
      );

      const second = await does(id, 'answer', yuetan, { found: false, person: loser, tryInstead: '四楼（虚构）' });
      t.match(second.body.locateRequest.answers, [{ stands: true }, { stands: false, tryInstead: '四楼（虚构）' }]);
      t.equal(second.body.locateRequest.status, 'answered', 'the first stands');
      t.same(
        (await eventsOf(callId)).map(({ type }) => type),
        ['locate.requested', 'locate.accepted', 'locate.answered', 'locate.commented'],
      );

      await over(callId);
      await wait(0);
      t.match(await read(id), { status: 'closed', closedBecause: 'call-ended' });
      t.equal((await does(id, 'answer', yuetan, { found: true, room: '2', person: winner })).body.code, 'locate-over');

      const next = await call();
      t.match(next.howToGetIn[0].pastPlaces, [
        { ...door, position: there, confirmedBy: { centreId: 'c-yuetan', person: winner }, refutedAt: null },
      ]);
      const { placeId } = next.howToGetIn[0].pastPlaces[0];
      t.match(await ask('crew', 'POST', `/v1/confirmed-places/${placeId}/refute`, {}), {
        status: 200,
        body: { seq: Number },
      });
      t.same((await ask('dispatcher', 'POST', `/v1/confirmed-places/${placeId}/refute`)).body, { seq: null });
      t.same((await call()).howToGetIn[0].pastPlaces, [], 'refuted, and it stays so');
      t.equal((await read(id)).answers[0].refuted, true);
      for (const { call: left } of [next]) await over(left.callId);
    });

    await t.test('the ladder: further centres, the duty, fire and police, each step once and told', async (t) => {
      const { callId, id } = await begin({
        ...silentPress,
        location: { position: { lon: 116.3405, lat: 39.9102, crs: 'wgs84' }, uncertaintyMetres: 20, source: 'aml' },
      });
      await wait(29.9);
      t.equal((await read(id)).status, 'requested');
      await wait(0.1);
      t.match(await read(id), {
        status: 'escalated',
        step: 1,
        asked: [{ target: 'c-yuetan' }, { target: 'c-guangwai' }],
      });
      t.equal((await does(id, 'decline', yuetan)).status, 200);
      await wait(30);
      // No duty is filed for a place without a sub-district: that step is passed over.
      const top = await read(id);
      t.match(top, { status: 'escalated', step: 3, dueAt: null });
      t.match(top.toRing, { microFireStation: { placeId: 'f-1' }, police: { phone: '110' }, duty: null });
      await wait(600);
      const told = await eventsOf(callId);
      t.match(
        told.map(({ type, data }) => [type, data.step ?? data.centreId ?? null, data.why ?? null]),
        [
          ['locate.requested', null, null],
          ['locate.escalated', 'next-centre', 'nobody-accepted'],
          ['locate.declined', 'c-yuetan', null],
          ['locate.escalated', 'fire-and-police', 'nobody-accepted'],
        ],
      );
      t.match(told.at(-1)?.data, {
        ended: true,
        microFireStation: { placeId: 'f-1' },
        centreIds: ['c-yuetan', 'c-guangwai'],
      });
      t.equal((await does(id, 'accept', guangwai)).status, 200, 'late is better than never');
      await over(callId);
      await wait(0);
      t.equal((await eventsOf(callId)).at(-1)?.type, 'locate.closed');
    });

    await t.test('a holder who goes dark keeps it until somebody else takes it', async (t) => {
      const { callId, id } = await begin();
      await does(id, 'accept', yuetan);
      await wait(179);
      t.equal((await read(id)).status, 'accepted');
      await wait(2);
      t.match(await read(id), { status: 'escalated', holder: { centreId: 'c-yuetan' }, asked: { length: 2 } });
      t.match((await eventsOf(callId)).at(-1)?.data, { why: 'no-answer' });
      t.equal((await does(id, 'accept', guangwai, { person: '丙' })).status, 200);
      t.match((await eventsOf(callId)).at(-1)?.data, { centreId: 'c-guangwai', from: 'c-yuetan' });
      t.match(await does(id, 'answer', yuetan, { found: true, room: '1' }), { status: 409 });
      t.equal((await does(id, 'decline', guangwai, { person: '丙' })).status, 200, 'given back');
      t.match(await read(id), { status: 'escalated', holder: null });
      await wait(0);
      t.match(await read(id), { step: 3 }, 'and the ladder goes on at once');
      await over(callId);
      await wait(0);
    });

    await t.test('not here, search on; a colleague takes over; the dispatcher hurries and closes', async (t) => {
      const { callId, id } = await begin();
      await does(id, 'accept', yuetan, { person: '甲' });
      t.equal((await does(id, 'accept', yuetan, { person: '乙', takeOver: true })).status, 200);
      const [first] = (await read(id)).likelyPlaces.places;
      await does(id, 'answer', yuetan, {
        found: false,
        person: '乙',
        dwellingId: first.dwellingId,
        tryInstead: '女儿家（虚构）',
      });
      const { places } = (await ask('dispatcher', 'GET', `/v1/calls/${callId}/likely-places`)).body;
      t.ok(places[0].confidence < first.confidence - 0.2, 'where they were looked for in vain they are less likely');
      t.equal((await does(id, 'search-on', 'dispatcher')).status, 200);
      await wait(0);
      t.match(await read(id), { status: 'escalated', holder: null, asked: { length: 2 } });
      t.equal((await does(id, 'close', guangwai)).body.code, 'locate-not-held');
      t.match((await does(id, 'close', 'dispatcher')).body.locateRequest, {
        status: 'closed',
        closedBecause: 'closed-by-dispatcher',
      });
      t.equal((await does(id, 'close', 'dispatcher')).status, 200, 'closing twice is closing once');
      t.equal((await eventsOf(callId)).filter(({ type }) => type === 'locate.closed').length, 1);
      t.equal((await raise(callId)).status, 201, 'and it may be looked for again');
      await over(callId);
      await wait(0);
    });

    await t.test('catchments: outlines, overlaps, gaps; a crew speaks for its own call', async (t) => {
      const desk = (id: string, catchment: unknown) => ask('admin', 'PUT', `/v1/locate-desks/${id}`, { catchment });
      t.equal((await desk('c-far', square(116.3405, 39.9102, 0.002))).status, 200);
      t.equal((await desk('c-guangwai', square(116.3405, 39.9102, 0.01))).status, 200);
      t.equal((await desk('c-yuetan', square(116.36, 39.93, 0.001))).status, 200);
      for (const wrong of [
        {
          type: 'Polygon',
          coordinates: [
            [
              [0, 0],
              [1, 1],
            ],
          ],
        },
        { type: 'Polygon', coordinates: ['x'] },
        {
          type: 'Polygon',
          coordinates: [
            [
              [400, 0],
              [401, 0],
              [401, 1],
              [400, 0],
            ],
          ],
        },
      ])
        t.match(await desk('c-yuetan', wrong), { status: 422, body: { fields: [{ field: 'catchment' }] } });
      const routed = async (lon: number, lat: number) => {
        const { call: taken } = await call(at(lon, lat));
        const { body } = await raise(taken.callId, 'address-not-found');
        await over(taken.callId);
        return [body.locateRequest.communityCentreId, ...body.locateRequest.flags];
      };
      t.same(
        await routed(116.3405, 39.9102),
        ['c-far', 'overlapping-catchments', 'nobody-at-desk'],
        'the smaller of two',
      );
      t.same(await routed(116.3455, 39.9102), ['c-guangwai', 'nobody-at-desk']);
      t.same(await routed(116.38, 39.94), ['c-far', 'catchment-gap', 'nobody-at-desk'], 'a gap: the nearest, flagged');
      for (const id of ['c-far', 'c-guangwai', 'c-yuetan']) await desk(id, null);

      const { call: taken } = await call();
      const crew = { role: 'crew' as const, subject: 'u-intensive' };
      t.equal((await raise(taken.callId, 'no-answer-at-door', crew)).status, 403);
      await ask('dispatcher', 'POST', `/v1/calls/${taken.callId}/assignments`, { unitId: 'u-intensive' });
      const raised = await raise(taken.callId, 'no-answer-at-door', crew);
      t.equal(raised.status, 201);
      const id = raised.body.locateRequest.locateRequestId;
      t.equal((await ask(crew, 'GET', `/v1/locate-requests?callId=${taken.callId}`)).body.locateRequests.length, 1);
      t.equal((await ask(crew, 'GET', '/v1/locate-requests')).body.locateRequests.length, 1, 'its own');
      t.same((await ask({ role: 'crew', subject: 'u-basic' }, 'GET', '/v1/locate-requests')).body.locateRequests, []);
      t.equal((await ask({ role: 'crew', subject: 'u-basic' }, 'GET', `/v1/locate-requests/${id}`)).status, 403);
      await ask(crew, 'POST', '/v1/units/u-intensive/time-points', {
        callId: taken.callId,
        point: 'at-patient',
        at: new Date(time.now).toISOString(),
      });
      await wait(0);
      t.match(await read(id), { status: 'closed', closedBecause: 'at-patient' }, 'somebody is with them: it is over');
      await over(taken.callId);
    });

    await t.test('routed without waiting for what is known; whoever reads first has it gathered', async (t) => {
      const taken = await Promise.all([1, 2, 3].map((n) => call(at(116.3405 + n / 1e5, 39.9102))));
      const ids = taken.map(({ call: { callId } }) => callId as string);
      const lookUp = deps.lookUp;
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      deps.lookUp = async (request) => {
        await held;
        return lookUp(request);
      };
      const raising = ids.map((callId) => raise(callId));
      const told = async () =>
        (
          await db.query({
            text: `SELECT data->>'communityCentreId' AS centre FROM events WHERE type = 'locate.requested' AND call_id = ANY ($1)`,
            values: [ids],
          })
        ).rows.map(({ centre }) => centre);
      for (let i = 0; i < 200 && (await told()).length < 3; i++) await pause(20);
      t.same(await told(), ['c-yuetan', 'c-yuetan', 'c-yuetan'], 'the centre rings while the registry is still silent');
      release();
      const raised = await Promise.all(raising);
      deps.lookUp = lookUp;
      t.ok(
        raised.every(({ status, body }) => status === 201 && body.locateRequest.evidence.length > 0),
        'the answer waits for what is known',
      );

      // As an instance leaves it that died between the two.
      const [id] = raised.map(({ body }) => body.locateRequest.locateRequestId as string);
      const { callId } = raised[0]?.body.locateRequest ?? {};
      await db.query({ text: 'UPDATE locate_requests SET sealed = NULL WHERE locate_request_id = $1', values: [id] });
      const reads = async () =>
        (
          await db.query({
            text: "SELECT count(*) AS n FROM access_log WHERE call_id = $1 AND purpose = 'locate'",
            values: [callId],
          })
        ).rows[0].n;
      deps.lookUp = () => Promise.reject(new Error('the registry is away'));
      t.match(
        await ask(yuetan, 'GET', `/v1/locate-requests/${id}`),
        {
          status: 200,
          body: { locateRequest: { evidence: [{ kind: 'aml' }], likelyPlaces: { places: [] } } },
        },
        'by the call alone',
      );
      deps.lookUp = lookUp;
      const before = await reads();
      const seen = await Promise.all([1, 2].map(() => ask(yuetan, 'GET', `/v1/locate-requests/${id}`)));
      for (const { body } of seen)
        t.ok(body.locateRequest.likelyPlaces.places.length > 0, 'and whole as soon as it answers');
      t.ok((await reads()) >= before, 'every read of a history is on record');
      const { rows } = await db.query({
        text: 'SELECT sealed IS NOT NULL AS kept FROM locate_requests WHERE locate_request_id = $1',
        values: [id],
      });
      t.equal(rows[0].kept, true, 'kept for the next');
      for (const each of ids) await over(each);
      await wait(0);
    });

    await t.test('a centre without anybody logged in, and one whose page goes dark', async (t) => {
      const asked = async () => {
        const { call: taken } = await call();
        const { locateRequest } = (await raise(taken.callId)).body;
        await over(taken.callId);
        return [locateRequest.asked.map(({ target }: { target: string }) => target).sort(), locateRequest.flags];
      };
      await markPresent(db, ['c-far'], time.now);
      t.same(
        await asked(),
        [
          ['c-far', 'c-yuetan'],
          ['catchment-gap', 'nobody-at-desk'],
        ],
        'the nearest attended is asked beside it',
      );
      await wait(20);
      await markPresent(db, ['c-yuetan'], time.now);
      t.same(await asked(), [['c-yuetan'], ['catchment-gap']], 'somebody has come in');
      await wait(31);
      t.same(
        await asked(),
        [['c-yuetan'], ['catchment-gap', 'nobody-at-desk']],
        'its page was not seen for half a minute',
      );
      await wait(0);
    });

    await t.test('bad input names its field and stores nothing', async (t) => {
      const { callId, id } = await begin();
      await does(id, 'accept', yuetan);
      const before = (
        await db.query({ text: 'SELECT (SELECT seq FROM event_head) + (SELECT count(*) FROM locate_answers) AS n' })
      ).rows[0].n;
      const huge = 'x'.repeat(100_000);
      for (const [wrong, field] of [
        [{ found: true, entryNotes: huge }, 'entryNotes'],
        [{ found: 'yes' }, 'found'],
        [{}, 'found'],
        [{ found: true, floor: 1.5 }, 'floor'],
        [{ found: true, position: { lon: 999, lat: 0, crs: 'wgs84' } }, 'position.lon'],
        [{ found: true, nonsense: 1 }, 'nonsense'],
        [{ found: false, tryInstead: huge }, 'tryInstead'],
      ] as const)
        t.match(await does(id, 'answer', yuetan, wrong), { status: 400, body: { fields: [{ field }] } }, field);
      t.equal((await raise(callId, 'because')).status, 400);
      t.equal((await raise('no-such-call')).status, 404);
      t.equal((await does('no-such', 'accept', yuetan)).status, 404);
      t.equal((await ask(yuetan, 'GET', '/v1/locate-desks/c-far')).status, 403);
      const desk = (body: unknown) => ask('admin', 'PUT', '/v1/locate-desks/c-far', body);
      const secret = 'an invented secret of a centre';
      for (const url of [
        'http://example.org/x',
        'https://127.0.0.1/x',
        'https://[::ffff:10.0.0.1]/',
        'ftp://x.org',
        'https://u:p@example.org/',
      ])
        t.match(
          await desk({ webhook: { url, secret } }),
          { status: 422, body: { fields: [{ field: 'webhook.url' }] } },
          url,
        );
      t.equal((await desk({ webhook: { url: 'https://example.org/', secret: 'short' } })).status, 400);
      t.equal((await desk({ emails: ['nobody'] })).status, 400);
      t.equal(
        (await db.query({ text: 'SELECT (SELECT seq FROM event_head) + (SELECT count(*) FROM locate_answers) AS n' }))
          .rows[0].n,
        before,
      );
      await over(callId);
      t.equal((await raise(callId)).body.code, 'call-ended');
      await wait(0);
    });

    await t.test('durations are counted by centre and reason, and nothing names anybody', async (t) => {
      const from = new Date(service.NOW - 3_600_000).toISOString();
      const to = new Date(time.now + 1).toISOString();
      const query = `from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`;
      const { locate } = (await ask('planner', 'GET', `/v1/response-times?${query}`)).body;
      t.ok(locate.byCentre.some(({ key }: { key: string }) => key === 'c-yuetan'));
      t.same(locate.byReason.map(({ key }: { key: string }) => key).sort(), [
        'address-not-found',
        'callback-unanswered',
        'no-answer-at-door',
      ]);
      const { accept, answer, atPatient } = locate.total;
      t.ok(accept.count >= 4 && answer.count >= 2 && atPatient.count === 1);
      t.equal(accept.count + accept.missing, answer.count + answer.missing);
      const { rows } = await db.query({
        text: `SELECT concat((SELECT string_agg(r::text, ' ') FROM locate_requests r),
          (SELECT string_agg(a::text, ' ') FROM locate_answers a), (SELECT string_agg(p::text, ' ') FROM confirmed_places p),
          (SELECT string_agg(e.data::text, ' ') FROM events e)) AS dump`,
      });
      for (const word of ['张虚构', '护士', '门禁', '窗台', '三里河', '女儿', '13900139001', '3号楼'])
        t.notOk(rows[0].dump.includes(word), `${word} stands nowhere in the open`);
      const reads = await db.query({
        text: "SELECT DISTINCT role FROM access_log WHERE purpose = 'locate' ORDER BY 1",
      });
      t.same(
        reads.rows.map(({ role }) => role),
        ['centre', 'crew', 'dispatcher'],
        'every read is on record',
      );
    });
  });
}
