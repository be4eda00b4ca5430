/** Sends what is due once and waits until all of it was tried. */
import type { Deps } from '../../src/deps.ts';
import { startDeliveries } from '../../src/operations/deliver-locate.ts';

export async function deliverAll(deps: Deps): Promise<{ readonly again: number[] }> {
  const again: number[] = [];
  const deliveries = startDeliveries(deps, (_id, _attempts, at) => again.push(at));
  await deliveries.look();
  await deliveries.settled();
  return { again };
}
