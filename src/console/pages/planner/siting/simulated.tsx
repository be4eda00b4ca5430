/** A plan tried in the simulation beside the stations there are, over the same days. */
import { signal } from '@preact/signals';
import { speak } from '../../../shell/language.ts';
import { Outcome } from '../simulation/outcome.tsx';
import { type Simulation, start } from '../simulation/run.ts';
import type { Place } from './plan.ts';
import { words } from './words.ts';

const say = speak('siting', words);
const DAYS = 200;

export const simulation = signal<Simulation | null>(null);

/** @param added where new ambulance stations would stand */
export const simulate = (added: readonly Place[]): Promise<void> =>
  start(simulation, () => say('simulate'), {
    days: DAYS,
    policy: 'closest-idle',
    addStations: added.map(({ siteId, position: { lon, lat } }) => ({
      stationId: `plan-${siteId}`.slice(0, 64),
      position: { lon, lat, crs: 'wgs84' },
    })),
    against: { policy: 'closest-idle' },
  });

export const Simulated = () => <Outcome into={simulation} names={{ plan: say('thePlan'), against: say('today') }} />;
