/** What a dispatcher does with a call: sends units, stands them down, ends it. */
import { ask, Refusal } from './api.js';
import { say } from './language.js';
import { askReason } from './reason-form.js';
import { tellNews } from './status-line.js';

/** @param {string} callId */
export const pathOf = (callId) => `/v1/calls/${encodeURIComponent(callId)}`;

/**
 * @param {{
 *   act: (action: () => Promise<unknown>) => Promise<void>,
 *   show: (answer: any) => void,
 *   changed: (callId: string) => Promise<unknown>,
 * }} page
 */
export function createDispatch({ act, show, changed }) {
  /** @param {any} answer @param {any} unit @param {string} [overrideReason] */
  async function send(answer, unit, overrideReason) {
    const { callId, number } = answer.call;
    const { unitId } = unit;
    try {
      await ask(`${pathOf(callId)}/assignments`, { body: { unitId, ...(overrideReason ? { overrideReason } : {}) } });
      tellNews(() => say('sent', { unit: unitId, number }));
      await changed(callId);
    } catch (error) {
      if (!(error instanceof Refusal && error.code === 'unit-not-available')) throw error;
      // Somebody else was faster: whom to send instead is decided by somebody who sees who is left.
      show({ ...answer, units: error.problem.units });
      tellNews(() => say('taken', { unit: unitId }));
    }
  }

  return {
    /** The first unit that satisfies, as the units stand now. @param {string} callId */
    sendFirst: (callId) =>
      act(async () => {
        const answer = await ask(pathOf(callId));
        const first = answer.units.find((/** @type {any} */ unit) => unit.satisfies);
        if (first) return send(answer, first);
        show(answer);
        tellNews(() => say('nobodySatisfies'));
      }),
    /** @param {any} answer @param {any} unit @param {HTMLElement} cell where the reason is asked for if one is needed */
    sendChosen(answer, unit, cell) {
      const below = unit.shortfalls.some((/** @type {string} */ each) => !each.startsWith('position-'));
      if (!below) return void act(() => send(answer, unit));
      askReason(cell, say('whyBelow'), (reason) => void act(() => send(answer, unit, reason)));
    },
    /** @param {string} callId @param {string} unitId */
    standDown: (callId, unitId) =>
      act(() => ask(`${pathOf(callId)}/assignments/${encodeURIComponent(unitId)}`, { method: 'DELETE' })),
    /** @param {string} callId @param {'close' | 'cancel'} ending @param {HTMLElement} place */
    end(callId, ending, place) {
      askReason(
        place,
        say('whyEnd'),
        (reason) => void act(() => ask(`${pathOf(callId)}/${ending}`, { body: { reason } })),
      );
    },
  };
}
