/** What only the demonstration has: callers to try, and how fast its day runs. */
import { signal } from '@preact/signals';
import { attempt } from '../../shell/actions.ts';
import { ask, Refusal } from '../../shell/api.ts';
import { useCatchUp } from '../../shell/hooks.ts';
import { speak } from '../../shell/language.ts';
import { demoCalls } from './demo-calls.ts';
import { answerPhone } from './desk.ts';
import { words } from './words.ts';

const say = speak('dispatcher', words);
const FACTORS = [1, 10, 60];
const RATES = [0, 10, 20, 40];

interface Settings {
  readonly running: boolean;
  readonly callsPerHour: number;
  readonly factor: number;
  readonly autopilot: boolean;
}

const settings = signal<Settings | null>(null);

const set = (change: Partial<Settings>) =>
  attempt(
    'day',
    () => say('day'),
    async () => {
      settings.value = await ask<Settings>('/v1/demo/day', { method: 'PUT', body: change });
    },
  );

/** A setting made elsewhere may be none of those offered here. */
const withChosen = (values: readonly number[], chosen: number) =>
  [...new Set([...values, chosen])].sort((a, b) => a - b);

export function Day() {
  useCatchUp(async () => {
    settings.value = await ask<Settings>('/v1/demo/day').catch((error: unknown) => {
      if (error instanceof Refusal) return null; // no demonstration
      throw error;
    });
  });
  const now = settings.value;
  if (!now) return null;
  const note = !now.running
    ? say('dayStands')
    : now.factor > 1
      ? say('dayIsFast', { factor: now.factor })
      : say('dayIsReal');
  return (
    <details class="demo" open>
      <summary>{say('demo')}</summary>
      <fieldset>
        <legend>{say('tryCall')}</legend>
        {demoCalls.map(({ key, fields }) => (
          <button key={key} type="button" onClick={() => answerPhone(fields)}>
            {say(key)}
          </button>
        ))}
      </fieldset>
      <fieldset>
        <legend>{say('day')}</legend>
        <label>
          <input
            type="checkbox"
            checked={now.running}
            onChange={({ currentTarget }) => void set({ running: currentTarget.checked })}
          />{' '}
          {say('dayRuns')}
        </label>
        <label>
          {say('daySpeed')}{' '}
          <select
            value={now.factor}
            onChange={({ currentTarget }) => void set({ factor: Number(currentTarget.value) })}
          >
            {withChosen(FACTORS, now.factor).map((factor) => (
              <option key={factor} value={factor}>
                ×{factor}
              </option>
            ))}
          </select>
        </label>
        <label>
          {say('dayCalls')}{' '}
          <select
            value={now.callsPerHour}
            onChange={({ currentTarget }) => void set({ callsPerHour: Number(currentTarget.value) })}
          >
            {withChosen(RATES, now.callsPerHour).map((rate) => (
              <option key={rate} value={rate}>
                {rate ? say('callsAnHour', { count: rate }) : say('noCallsComing')}
              </option>
            ))}
          </select>
        </label>
        <label>
          <input
            type="checkbox"
            checked={now.autopilot}
            onChange={({ currentTarget }) => void set({ autopilot: currentTarget.checked })}
          />{' '}
          {say('dayAutopilot')}
        </label>
        <p class="quiet">{note}</p>
      </fieldset>
    </details>
  );
}
