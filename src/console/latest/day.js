/** The switch of the demonstration's day: how fast it runs, whether calls come by themselves, whether somebody sends. */
import { ask, Refusal } from './api.js';
import { byId, el } from './dom.js';
import { say } from './language.js';

const FACTORS = [1, 10, 60];
const RATES = [0, 10, 20, 40];

/** @param {(error: unknown) => void} onFailure */
export function createDaySwitch(onFailure) {
  const group = byId('day', HTMLElement);
  const running = byId('day-running', HTMLInputElement);
  const autopilot = byId('day-autopilot', HTMLInputElement);
  const factor = byId('day-factor', HTMLSelectElement);
  const rate = byId('day-rate', HTMLSelectElement);
  const note = byId('day-note', HTMLElement);
  /** @type {any} */
  let settings = null;

  /** A setting made elsewhere may be none of those offered here. @param {number[]} values @param {number} chosen */
  const withChosen = (values, chosen) => [...new Set([...values, chosen])].sort((a, b) => a - b);
  /** @param {HTMLSelectElement} select @param {number[]} values @param {number} chosen @param {(value: number) => string} text */
  function fill(select, values, chosen, text) {
    const options = withChosen(values, chosen).map((value) => el('option', { value: String(value) }, text(value)));
    select.replaceChildren(...options);
    select.value = String(chosen);
  }

  function show() {
    group.hidden = settings === null;
    if (!settings) return;
    running.checked = settings.running;
    autopilot.checked = settings.autopilot;
    fill(factor, FACTORS, settings.factor, (value) => `×${value}`);
    fill(rate, RATES, settings.callsPerHour, (value) =>
      value ? say('callsAnHour', { count: value }) : say('noCallsComing'),
    );
    note.textContent = !settings.running
      ? say('dayStands')
      : settings.factor > 1
        ? say('dayIsFast', { factor: settings.factor })
        : say('dayIsReal');
  }

  /** @param {Record<string, unknown>} change */
  async function set(change) {
    try {
      settings = await ask('/v1/demo/day', { method: 'PUT', body: change });
    } catch (error) {
      onFailure(error);
    }
    show();
  }
  running.addEventListener('change', () => void set({ running: running.checked }));
  autopilot.addEventListener('change', () => void set({ autopilot: autopilot.checked }));
  factor.addEventListener('change', () => void set({ factor: Number(factor.value) }));
  rate.addEventListener('change', () => void set({ callsPerHour: Number(rate.value) }));

  return {
    show,
    /** As it stands on the service, which another page may have changed; hidden where there is none, or not for this role. */
    async read() {
      try {
        settings = await ask('/v1/demo/day');
      } catch (error) {
        if (!(error instanceof Refusal)) return;
        settings = null;
      }
      // Not under somebody's hands.
      if (!group.contains(document.activeElement)) show();
    },
  };
}
