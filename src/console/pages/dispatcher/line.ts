/**
 * The telephone line: what rings, and taking it. A softphone on the same desk hands the number over by
 * `new BroadcastChannel('precision-dispatch.line').postMessage({ phone })`; it never leaves this browser before the call
 * is asked about.
 */
import { signal } from '@preact/signals';
import { raise, withdraw } from '../../shell/alarms.ts';
import { speak } from '../../shell/language.ts';
import { answerPhone } from './desk.ts';
import type { Fields } from './fields.ts';
import { words } from './words.ts';

const say = speak('dispatcher', words);
const KEY = 'line';

export const ringing = signal<Partial<Fields> | null>(null);

export function ring(fields: Partial<Fields>): void {
  ringing.value = fields;
  withdraw(KEY);
  raise({
    key: KEY,
    level: 'urgent',
    text: () => say('ringing', { phone: fields.phone || fields.deviceId || '—' }),
    open: takeCall,
  });
}

/** Answers what rings, or begins a call that came another way. */
export function takeCall(): void {
  const fields = ringing.peek();
  stopRinging();
  if (fields?.phone) line.postMessage({ answered: fields.phone });
  answerPhone(fields ?? {});
}

function stopRinging(): void {
  ringing.value = null;
  withdraw(KEY);
}

const PHONE = /^[+0-9 ()*#./-]{3,32}$/;
const line = new BroadcastChannel('precision-dispatch.line');
line.addEventListener('message', ({ data }) => {
  if (typeof data?.phone === 'string' && PHONE.test(data.phone)) ring({ phone: data.phone });
  // Another tab of this desk took it; a softphone whose caller gave up says the same.
  if (typeof data?.answered === 'string' && data.answered === ringing.peek()?.phone) stopRinging();
});
