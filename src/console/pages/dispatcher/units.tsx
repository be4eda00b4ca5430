/** The units, first to arrive first, each against the target; one key sends one. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { underWay } from '../../shell/actions.ts';
import { distance, listed, minutes, name, speak } from '../../shell/language.ts';
import { send } from './deeds.ts';
import { type Desk, file, type Shown } from './desk.ts';
import { words } from './words.ts';

const say = speak('dispatcher', words);

export type Ranked = Shown['units'][number];

/** What it lacks of the requirement; that nobody knows where it is, is no reason to have to give one. */
const isBelow = ({ shortfalls }: Ranked): boolean => shortfalls.some((each) => !each.startsWith('position-'));

const missing = ({ shortfalls }: Ranked): string =>
  listed(shortfalls.map((each) => name(each.startsWith('position-') ? 'shortfall' : 'capability', each)));

/** Sends the n-th unit of the list, filing the call first if need be; a unit below the requirement needs a reason. */
async function sendNth(made: Desk, place: number, reason?: string): Promise<'sent' | 'reason-needed' | 'not-sent'> {
  const unit = made.shown.peek()?.units[place];
  if (!unit) return 'not-sent';
  if (isBelow(unit) && !reason) return 'reason-needed';
  const callId = await file(made);
  const number = made.call.peek()?.number;
  if (!callId || number === undefined) return 'not-sent';
  return (await send(callId, number, unit.unitId, reason)) ? 'sent' : 'not-sent';
}

/** The place of the unit a reason is asked for. */
export function Units({
  made,
  shown,
  asking,
}: {
  readonly made: Desk;
  readonly shown: Shown;
  readonly asking: { value: number | null };
}) {
  const { units, targetSeconds } = shown;
  if (units.length === 0) return shown.recommendation ? <p>{say('noUnits')}</p> : null;
  const most = Math.max(targetSeconds * 1.25, ...units.map((each) => each.predictedResponseSeconds ?? 0));
  const share = (seconds: number) => `${Math.min(100, (seconds / most) * 100).toFixed(1)}%`;
  return (
    <table class="units">
      <thead>
        <tr>
          <th scope="col">{say('unit')}</th>
          <th scope="col">{say('arrives', { target: minutes(targetSeconds) })}</th>
          <th scope="col">{say('satisfies')}</th>
        </tr>
      </thead>
      <tbody>
        {units.map((unit, place) => {
          const seconds = unit.predictedResponseSeconds;
          const callId = made.call.value?.callId;
          const sending = underWay.value.has(`assign ${callId} ${unit.unitId}`);
          return (
            <tr
              key={unit.unitId}
              class={`${place === 0 && unit.satisfies ? 'best' : ''} ${sending ? 'under-way' : ''}`}
            >
              <td>
                <strong>{unit.unitId}</strong>
                <div class="quiet">
                  {name('vehicle', unit.vehicleType)}
                  {unit.status !== 'available' && <> · {name('unit', unit.status)}</>}
                  {unit.distanceMetres !== null && <> · {distance(unit.distanceMetres)}</>}
                </div>
              </td>
              <td>
                {seconds === null ? (
                  say('unpredicted')
                ) : (
                  <>
                    <span class="figure arrival">{minutes(seconds)}</span>{' '}
                    <span class={unit.meetsTarget ? 'in-time' : 'late'}>
                      {say(unit.meetsTarget ? 'inTime' : 'late')}
                    </span>
                    <svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                      <rect class="track" width="100" height="6" />
                      <rect
                        class={unit.meetsTarget ? 'fill' : 'fill over'}
                        width={Number.parseFloat(share(seconds))}
                        height="6"
                      />
                      <rect class="target" x={Number.parseFloat(share(targetSeconds))} width="0.8" height="6" />
                    </svg>
                  </>
                )}
              </td>
              <td>
                {unit.satisfies ? (
                  <span class="in-time">{say('yes')}</span>
                ) : (
                  <span class="lacks">✗ {say('lacks', { what: missing(unit) })}</span>
                )}{' '}
                {asking.value === place ? (
                  <Reason
                    onGiven={(reason) => {
                      asking.value = null;
                      void sendNth(made, place, reason);
                    }}
                    onBack={() => {
                      asking.value = null;
                    }}
                  />
                ) : (
                  <button
                    type="button"
                    class={place === 0 && unit.satisfies ? 'primary' : ''}
                    disabled={sending}
                    aria-label={say('sendUnit', { unit: unit.unitId })}
                    onClick={() => void trySend(made, place, asking)}
                  >
                    {sending ? say('sendingNow') : say('send')} {place < 9 && <kbd>Alt+{place + 1}</kbd>}
                  </button>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

export async function trySend(made: Desk, place: number, asking: { value: number | null }): Promise<void> {
  if ((await sendNth(made, place)) === 'reason-needed') asking.value = place;
}

/** Why something is done that needs a reason; Escape takes it back. */
export function Reason({
  onGiven,
  onBack,
  question,
}: {
  readonly onGiven: (reason: string) => void;
  readonly onBack: () => void;
  readonly question?: string;
}) {
  const field = useRef<HTMLInputElement>(null);
  const typed = useSignal('');
  useEffect(() => field.current?.focus(), []);
  return (
    <form
      class="reason"
      onSubmit={(event) => {
        event.preventDefault();
        const reason = typed.value.trim();
        if (reason) onGiven(reason);
      }}
    >
      <label>
        {question ?? say('whyBelow')}{' '}
        <input
          ref={field}
          required
          maxLength={500}
          dir="auto"
          autocomplete="off"
          value={typed}
          onInput={({ currentTarget }) => {
            typed.value = currentTarget.value;
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            event.preventDefault();
            event.stopPropagation();
            onBack();
          }}
        />
      </label>
      <button type="submit">{say('doIt')}</button>
      <button type="button" onClick={onBack}>
        {say('takeBack')}
      </button>
    </form>
  );
}
