/** A suggested move of an idle unit: what it would gain and cost, taken or refused by one key. */
import { signal } from '@preact/signals';
import { attempt, underWay } from '../../shell/actions.ts';
import { ask, pathOf } from '../../shell/api.ts';
import { placeName } from '../../shell/gazetteer.ts';
import { useCatchUp, useEvents } from '../../shell/hooks.ts';
import { useKeys } from '../../shell/keys.ts';
import { minutes, speak } from '../../shell/language.ts';
import { words } from './help-words.ts';

const say = speak('help', words);

interface Redeployment {
  readonly redeploymentId: string;
  readonly unitId: string;
  readonly stationId: string;
  readonly status: 'suggested' | 'accepted' | 'refused' | 'withdrawn';
  readonly coverBefore: number;
  readonly coverAfter: number;
  readonly driveSeconds: number;
  readonly crewBusySeconds: number;
  readonly crewDriveSeconds: number;
  readonly crewMoves: number;
}

const suggested = signal<Redeployment | null>(null);

async function readMoves(): Promise<void> {
  const { redeployments } = await ask<{ redeployments: Redeployment[] }>('/v1/redeployments');
  suggested.value = redeployments.find(({ status }) => status === 'suggested') ?? null;
}

function decide(how: 'accept' | 'refuse'): void {
  const open = suggested.peek();
  if (!open) return;
  void attempt(
    `move ${open.redeploymentId}`,
    () => say('deciding'),
    async () => {
      await ask(pathOf('v1', 'redeployments', open.redeploymentId, how), { body: {} });
      await readMoves();
    },
  );
}

export function Moves() {
  useCatchUp(readMoves);
  useEvents((event) => {
    if (event.type.startsWith('redeployment.')) void readMoves().catch(() => {});
  });
  const open = suggested.value;
  useKeys(
    () => say('move'),
    [
      {
        key: 'Alt+M',
        label: () => say('accept'),
        run: () => decide('accept'),
        when: () => suggested.value !== null,
        whileTyping: true,
      },
      {
        key: 'Alt+N',
        label: () => say('refuse'),
        run: () => decide('refuse'),
        when: () => suggested.value !== null,
        whileTyping: true,
      },
    ],
  );
  if (!open) return null;
  const percent = (cover: number) => (cover * 100).toFixed(1);
  const busy = underWay.value.has(`move ${open.redeploymentId}`);
  return (
    <section class={`part move ${busy ? 'under-way' : ''}`} aria-label={say('move')} aria-live="polite">
      <h3>{say('move')}</h3>
      <p>
        <strong>{say('moveTo', { unit: open.unitId, station: placeName(open.stationId) })}</strong>
      </p>
      <p class="quiet">
        {say('moveGain', {
          before: percent(open.coverBefore),
          after: percent(open.coverAfter),
          time: minutes(open.driveSeconds),
          hours: (open.crewBusySeconds / 3600).toFixed(1),
          drives: (open.crewDriveSeconds / 3600).toFixed(1),
          moves: open.crewMoves,
        })}
      </p>
      <p class="deeds">
        <button type="button" disabled={busy} onClick={() => decide('accept')}>
          {say('accept')} <kbd>Alt+M</kbd>
        </button>
        <button type="button" disabled={busy} onClick={() => decide('refuse')}>
          {say('refuse')} <kbd>Alt+N</kbd>
        </button>
      </p>
    </section>
  );
}
