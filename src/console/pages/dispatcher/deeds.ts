/** What is done about a call: a unit sent, stood down again, the call ended. */
import { attempt, tell } from '../../shell/actions.ts';
import { ask, pathOf } from '../../shell/api.ts';
import { speak } from '../../shell/language.ts';
import { type Desk, desk, file } from './desk.ts';
import { words } from './words.ts';

const say = speak('dispatcher', words);

/** Sends a unit to a filed call. Somebody else may be faster: then the units that are left are shown. */
export async function send(callId: string, number: number, unitId: string, overrideReason?: string): Promise<boolean> {
  const path = pathOf('v1', 'calls', callId, 'assignments');
  const done = await attempt(
    `assign ${callId} ${unitId}`,
    () => say('sending', { unit: unitId, number }),
    () => ask<{ unitId: string }>(path, { body: { unitId, ...(overrideReason ? { overrideReason } : {}) } }),
    (refusal) => {
      if (refusal.code !== 'unit-not-available') return false;
      const made = desk.peek();
      const shown = made?.shown.peek();
      if (made && shown && made.call.peek()?.callId === callId)
        made.shown.value = { ...shown, units: refusal.problem.units };
      tell('refused', () => say('taken', { unit: unitId }));
      return true;
    },
  );
  if (done) tell('done', () => say('sent', { unit: unitId, number }));
  return done !== null;
}

/** Files the call on the desk where it is not filed, and sends the first unit that satisfies. */
export async function sendFirst(made: Desk): Promise<void> {
  const callId = await file(made);
  const call = made.call.peek();
  const shown = made.shown.peek();
  if (!callId || !call || !shown) return;
  const first = shown.units.find(({ satisfies }) => satisfies);
  if (!first) return tell('refused', () => say('nobodySatisfies'));
  await send(callId, call.number, first.unitId);
}

export const standDown = (callId: string, unitId: string): Promise<unknown> =>
  attempt(
    `stand-down ${callId} ${unitId}`,
    () => say('standingDown', { unit: unitId }),
    () => ask(pathOf('v1', 'calls', callId, 'assignments', unitId), { method: 'DELETE' }),
  );

export const endCall = (callId: string, ending: 'close' | 'cancel', reason: string): Promise<unknown> =>
  attempt(
    `end ${callId}`,
    () => say('ending'),
    () => ask(pathOf('v1', 'calls', callId, ending), { body: { reason } }),
  );
