/** The live part's figures. */
import { Counter, Gauge, type Registry } from 'prom-client';

export interface LiveMetrics {
  readonly consoles: Gauge;
  readonly sent: Counter;
  readonly cutOff: Counter<'cause'>;
}

export function createLiveMetrics(registry: Registry): LiveMetrics {
  const registers = [registry];
  return {
    consoles: new Gauge({ name: 'live_consoles', help: 'Consoles connected to this instance.', registers }),
    sent: new Counter({ name: 'live_events_sent_total', help: 'Events sent, counted once a console.', registers }),
    cutOff: new Counter({
      name: 'live_cut_off_total',
      help: 'Connections ended from this side, by cause.',
      labelNames: ['cause'],
      registers,
    }),
  };
}
