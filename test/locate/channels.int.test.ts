/** Telling people outside: signed, sent again until heard, never to where it may not go, and everybody told when it is over. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import t from 'tap';
import { isPrivate } from '../../src/locate/channels/address.ts';
import { openOutbound } from '../../src/locate/channels/outbound.ts';
import { NotDelivered } from '../../src/locate/channels/port.ts';
import { signatureOf } from '../../src/locate/channels/webhook.ts';
import { freshDatabase } from '../support/postgres.ts';
import { searching } from './support.ts';

const secret = 'an invented secret of a centre';
const clock = { now: () => Date.parse('2026-03-02T10:00:00+08:00') };

interface Heard {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A receiver that keeps what it heard and answers as it is told. */
async function receiver(answer: (response: ServerResponse, request: IncomingMessage) => void) {
  const heard: Heard[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      heard.push({ headers: request.headers, body });
      answer(response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    heard,
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
}

const settings = {
  privateWebhooks: true,
  smtpUrl: null,
  mailFrom: 'dispatch@example.org',
  smsGatewayUrl: null,
  smsGatewayToken: null,
};
const failure = (work: Promise<unknown>) =>
  work.then(
    () => 'delivered',
    (error: unknown) => (error instanceof NotDelivered ? error.failure : String(error)),
  );

t.test('addresses that are not the open internet', async (t) => {
  for (const closed of [
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::a00:1',
    '2002:7f00:1::',
    'nonsense',
  ])
    t.ok(isPrivate(closed), closed);
  for (const open of ['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])
    t.notOk(isPrivate(open), open);
});

t.test('a webhook is signed, and goes nowhere but where it was pointed', async (t) => {
  const within = 400;
  const open = openOutbound(settings, clock, within);
  const good = await receiver((response) => response.writeHead(204).end());
  const to = { url: `${good.url}/hook?x=1`, secret };
  await open.webhook(to, 'id-1', '{"a":1}');
  const [{ headers, body } = { headers: {}, body: '' }] = good.heard;
  t.equal(body, '{"a":1}');
  t.equal(headers['webhook-id'], 'id-1');
  t.equal(
    headers['webhook-signature'],
    signatureOf(secret, 'id-1', clock.now() / 1000, body),
    'over id, time and body',
  );
  t.not(headers['webhook-signature'], signatureOf(secret, 'id-2', clock.now() / 1000, body));
  t.equal(headers.authorization, undefined);

  const elsewhere = await receiver((response) => response.end());
  const cases: [string, (response: ServerResponse) => void][] = [
    ['redirected', (response) => response.writeHead(307, { location: elsewhere.url }).end()],
    ['receiver-failed', (response) => response.writeHead(500).end('no')],
    ['refused-by-receiver', (response) => response.writeHead(404).end()],
    ['timed-out', () => {}],
    ['too-large', (response) => response.writeHead(200).end(Buffer.alloc(1_000_000))],
    ['unreachable', (response) => response.socket?.destroy()],
  ];
  for (const [expected, answer] of cases) {
    const bad = await receiver(answer);
    t.equal(await failure(open.webhook({ url: bad.url, secret }, 'id', '{}')), expected, expected);
    await bad.close();
  }
  t.same(elsewhere.heard, [], 'a redirect is not followed');

  const careful = openOutbound({ ...settings, privateWebhooks: false }, clock, within);
  t.equal(await failure(careful.webhook(to, 'id', '{}')), 'not-secure', 'plain HTTP');
  const dressed = good.url.replace('http://127.0.0.1', 'https://localhost');
  t.equal(
    await failure(careful.webhook({ url: dressed, secret }, 'id', '{}')),
    'private-address',
    'a name for this machine',
  );
  t.equal(good.heard.length, 1, 'and nothing more arrived');
  await good.close();
  await elsewhere.close();
});

t.test('a search is told by webhook, e-mail and short message, again until heard, and when it is over', async (t) => {
  let broken = true;
  const hook = await receiver((response) => response.writeHead(broken ? 500 : 200).end());
  const gateway = await receiver((response) => response.writeHead(202).end());
  const hung = await receiver(() => {});
  const mails: string[] = [];
  const smtp = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, _session, done) {
      let mail = '';
      stream.on('data', (chunk: Buffer) => {
        mail += chunk;
      });
      stream.on('end', () => {
        mails.push(mail);
        done();
      });
    },
  });
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  const { port } = smtp.server.address() as AddressInfo;
  t.teardown(async () => {
    await new Promise<void>((resolve) => smtp.close(resolve));
    for (const each of [hook, gateway, hung]) await each.close();
  });

  const service = await searching(t, await freshDatabase(t), 10, {
    env: {
      WEBHOOK_PRIVATE_ADDRESSES: 'on',
      SMTP_URL: `smtp://127.0.0.1:${port}`,
      MAIL_FROM: 'dispatch@example.org',
      SMS_GATEWAY_URL: gateway.url,
      SMS_GATEWAY_TOKEN: 'invented',
      PUBLIC_URL: 'https://dispatch.example.org/',
    },
  });
  t.teardown(() => service.deps.outbound.close());
  const { ask, call, raise, does, read, wait, deliver, centre, time, db } = service;
  const desk = { webhook: { url: hook.url, secret }, emails: ['nurse@example.org'], phones: ['13911110000'] };
  t.equal((await ask('admin', 'PUT', '/v1/locate-desks/c-yuetan', desk)).status, 200);
  t.same(
    (await ask(centre('c-yuetan'), 'GET', '/v1/locate-desks/c-yuetan')).body.webhook,
    { url: hook.url },
    'without its secret',
  );
  await ask('admin', 'PUT', '/v1/locate-desks/c-guangwai', { webhook: { url: hung.url, secret } });

  const { call: taken } = await call();
  const raised = await raise(taken.callId);
  const id = raised.body.locateRequest.locateRequestId;
  t.notOk(
    raised.body.locateRequest.flags.includes('nobody-at-desk'),
    'somebody hears of it, though nobody has the page open',
  );
  const first = await deliver();
  t.equal(first.again.length, 1, 'the webhook is due again');
  t.equal(hook.heard.length, 1);
  t.equal(gateway.heard.length, 1);
  t.match(JSON.parse(gateway.heard[0]?.body ?? ''), { to: '13911110000', text: /急救寻人/ });
  t.equal(gateway.heard[0]?.headers.authorization, 'Bearer invented');
  t.match(mails, [/nurse@example.org/]);
  for (const open of [...mails, ...gateway.heard.map(({ body }) => body)])
    for (const word of ['张虚构', '三里河', '门禁'])
      t.notOk(open.includes(word), 'mail and short messages name nobody');
  await deliver();
  t.equal(hook.heard.length, 1, 'not before it is due');
  // It answers 500 for an hour.
  for (let minutes = 0; minutes < 60; minutes += 2) {
    time.now += 120_000;
    await deliver();
  }
  const tries = hook.heard.length;
  t.ok(tries > 25, `${tries} tries`);
  t.equal(new Set(hook.heard.map(({ headers }) => headers['webhook-id'])).size, 1, 'always the same message');
  t.match((await read(id)).asked[0].deliveries, [
    { channel: 'email', state: 'delivered' },
    { channel: 'sms' },
    { channel: 'webhook', state: 'waiting', failure: 'receiver-failed' },
  ]);
  broken = false;
  time.now += 120_000;
  await deliver();
  t.match(JSON.parse(hook.heard.at(-1)?.body ?? ''), {
    type: 'locate.requested',
    data: { locateRequestId: id, person: { name: '张虚构' }, howToGetIn: [{ entryNotes: '门禁 0000 (invented)' }] },
  });

  await wait(0);
  t.match((await read(id)).asked, [{ target: 'c-yuetan' }, { target: 'c-guangwai' }]);
  const heldUp = hook.heard.length;
  const delivering = deliver();
  await does(id, 'accept', centre('c-yuetan'));
  await does(id, 'close', centre('c-yuetan'));
  await deliver();
  t.equal(hook.heard.length, heldUp + 1, 'one that hangs holds up nobody else');
  t.match(JSON.parse(hook.heard.at(-1)?.body ?? ''), { type: 'locate.closed', data: { locateRequestId: id } });
  t.equal(gateway.heard.length, 2);
  t.match(mails, [/./, /nurse@example.org/]);
  await hung.close();
  await delivering;
  const { rows } = await db.query({
    text: `SELECT target, kind, given_up, delivered_at IS NOT NULL AS heard FROM locate_deliveries
           WHERE channel = 'webhook' ORDER BY target, kind`,
  });
  t.match(rows, [
    { target: 'c-guangwai', kind: 'over' },
    { target: 'c-guangwai', kind: 'request', given_up: 'over', heard: false },
    { target: 'c-guangwai', kind: 'taken', given_up: 'over' },
    { target: 'c-yuetan', kind: 'over', heard: true },
    { target: 'c-yuetan', kind: 'request', heard: true },
  ]);
  t.equal(
    (
      await db.query({
        text: "SELECT count(*) AS n FROM access_log WHERE role = 'centre' AND subject = 'c-yuetan' AND purpose = 'locate'",
      })
    ).rows[0].n >= 1,
    true,
  );
});
