/** A suggested move on the dispatcher's page: one key refuses, one key accepts, and nothing moves without one. */
import t from 'tap';
import { lookForMoves, startRedeployment } from '../../src/operations/suggest-redeployment.ts';
import { callFrom } from '../support/people.ts';
import { launch, listeningService, openPage, shot } from './support.ts';

const service = await listeningService(t);
const browser = await launch(t);
const watch = startRedeployment();
const look = () => lookForMoves(service.deps, watch);
const list = async () => (await service.ask('dispatcher', 'GET', '/v1/redeployments')).body.redeployments;
const moving = async (): Promise<string[]> =>
  (await service.ask('dispatcher', 'GET', '/v1/units')).body.units
    .filter(({ status }: { status: string }) => status === 'returning')
    .map(({ unitId }: { unitId: string }) => unitId);

t.test('refused, accepted while typing, and gone when the unit is busy; on both pages', async (t) => {
  const { rows } = await service.db.query<{ place_id: string }>({
    text: "SELECT place_id FROM places WHERE kind = 'station' ORDER BY place_id LIMIT 1",
  });
  // Everybody waits at one station, so that a move gains.
  await service.db.query({
    text: "UPDATE units SET station_id = $1, status = 'available', changed = pg_current_xact_id()",
    values: [rows[0]?.place_id],
  });
  const ours = await openPage(t, browser, `${service.url}/#/dispatcher`);
  const theirs = await openPage(t, browser, `${service.url}/#/dispatcher`, { locale: 'en-GB' });
  await ours.page.getByText('实时更新').waitFor();
  await theirs.page.getByText('Live', { exact: true }).waitFor();
  const shownTo = [ours.page.getByLabel('移动建议'), theirs.page.getByLabel('Suggested move')];

  await look();
  const [first] = await list();
  for (const shown of shownTo) await shown.getByText(first.unitId).waitFor();
  t.match(
    await shownTo[0]?.innerText(),
    /覆盖 [\d.]+% → [\d.]+% · 行驶 [\s\S]*近 12 小时出车 0\.0 小时、移动 0\.0 小时 · 近 4 小时已移动 0 次/,
  );
  t.same(await moving(), [], 'a question moves nobody');
  await ours.page.keyboard.press('Alt+N');
  for (const shown of shownTo) await shown.waitFor({ state: 'detached' });
  t.match(await list(), [{ redeploymentId: first.redeploymentId, status: 'refused' }]);
  t.same(await moving(), []);

  await look();
  const [second] = await list();
  for (const shown of shownTo) await shown.getByText(second.unitId).waitFor();
  const crew = await openPage(t, browser, `${service.url}/#/crew/${second.unitId}`, { locale: 'en-GB' });
  await crew.page.getByText(/^Wait at /).waitFor();
  await ours.page.keyboard.press('F2');
  await ours.page.keyboard.type('0105');
  await ours.page.keyboard.press('Alt+M');
  for (const shown of shownTo) await shown.waitFor({ state: 'detached' });
  t.equal(await ours.page.getByLabel('来电号码').inputValue(), '0105', 'what was being typed stays as it is');
  t.equal((await list())[0].status, 'accepted');
  t.same(await moving(), [second.unitId]);
  await crew.page
    .locator('.where')
    .getByText(/➜ Drive to .+ and wait there/)
    .waitFor();
  await shot(crew.page, 'moved-en');
  await crew.page.context().close();

  await look();
  const [third] = await list();
  for (const shown of shownTo) await shown.getByText(third.unitId).waitFor();
  const call = await service.ask('dispatcher', 'POST', '/v1/calls', callFrom());
  const assignment = { unitId: third.unitId, overrideReason: 'test' };
  const { callId } = call.body.call;
  t.equal((await service.ask('dispatcher', 'POST', `/v1/calls/${callId}/assignments`, assignment)).status, 201);
  await look();
  const asked = (await list()).find(({ status }: { status: string }) => status === 'suggested');
  t.not(asked?.unitId, third.unitId);
  for (const shown of shownTo) await shown.getByText(third.unitId).waitFor({ state: 'detached' });
  t.same(await moving(), [second.unitId], 'nobody else moves');
  t.same([...ours.faults, ...theirs.faults], []);
});
