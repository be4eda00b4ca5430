/** Reports of hospitals that wait for a person: which call and whose history each belongs to, or that it is put aside. */
import { computed, signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ListedOutcome, OutcomeDetail } from '../../../operations/resolve-outcome.ts';
import { attempt, underWay } from '../../shell/actions.ts';
import { ask, pathOf } from '../../shell/api.ts';
import { placeName, readGazetteer } from '../../shell/gazetteer.ts';
import { useCatchUp } from '../../shell/hooks.ts';
import { useKeys } from '../../shell/keys.ts';
import { dayTime, name, speak } from '../../shell/language.ts';
import { words } from './words.ts';
import '../../shell/list-and-detail.css';

const say = speak('registry', words);
const why = (reason: string | null): string => name('waits', reason ?? '');

const waiting = signal<readonly ListedOutcome[]>([]);
const openId = signal<string | null>(null);
const open = computed(() => waiting.value.find((each) => each.outcomeId === openId.value) ?? waiting.value[0] ?? null);

async function read(): Promise<void> {
  waiting.value = (await ask<{ outcomes: ListedOutcome[] }>('/v1/outcomes?state=unmatched&limit=100')).outcomes;
}

export default function RegistryPage() {
  useCatchUp(async () => {
    await Promise.all([readGazetteer(), read()]);
  }, 'essential');
  // The registry hears no events of its own: it looks again now and then.
  useEffect(() => {
    const timer = setInterval(() => void read().catch(() => {}), 15_000);
    return () => clearInterval(timer);
  }, []);
  const chosen = open.value;
  const step = (by: number) => {
    const at = chosen === null ? -1 : waiting.value.indexOf(chosen);
    openId.value = waiting.value[Math.max(0, Math.min(waiting.value.length - 1, at + by))]?.outcomeId ?? null;
  };
  useKeys(
    () => say('keys'),
    [
      { key: 'J', label: () => say('next'), run: () => step(1), repeats: true },
      { key: 'K', label: () => say('previous'), run: () => step(-1), repeats: true },
    ],
  );
  return (
    <div class="list-and-detail">
      <aside>
        <h2>{say('waiting')}</h2>
        {waiting.value.length === 0 && <p class="quiet">{say('none')}</p>}
        <ul>
          {waiting.value.map((each) => (
            <li key={each.outcomeId}>
              <button
                type="button"
                aria-current={each === chosen}
                onClick={() => {
                  openId.value = each.outcomeId;
                }}
              >
                <b>{each.patient?.name ?? say('unnamed')}</b>
                <span class="soon">{why(each.reason)}</span>
                <span class="quiet">
                  {say('from', { hospital: placeName(each.hospitalId), time: dayTime(each.receivedAt) })}
                </span>
              </button>
            </li>
          ))}
        </ul>
      </aside>
      {chosen && <Open key={chosen.outcomeId} outcomeId={chosen.outcomeId} />}
    </div>
  );
}

const dismissals = ['not-by-ambulance', 'not-our-call', 'duplicate', 'unusable'] as const;
const AS_SETTLED = '';
const NOBODY = '-';

function Open({ outcomeId }: { readonly outcomeId: string }) {
  const detail = useSignal<OutcomeDetail | null>(null);
  const resident = useSignal(AS_SETTLED);
  useEffect(() => {
    ask<OutcomeDetail>(pathOf('v1', 'outcomes', outcomeId)).then(
      (answer) => {
        detail.value = answer;
      },
      () => {},
    );
  }, [outcomeId]);
  const shown = detail.value;
  if (!shown) return null;
  const { patient, candidates } = shown;
  const isBusy = underWay.value.has(outcomeId);
  const resolve = async (what: () => string, action: string, body: object) => {
    const done = await attempt(outcomeId, what, () => ask(pathOf('v1', 'outcomes', outcomeId, action), { body }));
    if (done) await read();
  };
  const link = (callId: string) => {
    const residentId = resident.value === NOBODY ? null : resident.value;
    return resolve(() => say('linking'), 'link', { callId, ...(residentId === AS_SETTLED ? {} : { residentId }) });
  };
  const percent = (confidence: number) => Math.floor(confidence * 100);
  return (
    <section class={`opened ${isBusy ? 'under-way' : ''}`}>
      <div class="card">
        <h2>{patient?.name ?? say('unnamed')}</h2>
        <p>
          {patient?.birthDate && <>{say('born', { date: patient.birthDate })} · </>}
          {shown.arrivedAt && say('arrived', { time: dayTime(shown.arrivedAt) })}
        </p>
        <p class="soon">{why(shown.reason)}</p>
        <p>{(shown.outcome.diagnoses ?? []).map(({ code, display }) => display ?? code).join(' · ')}</p>
      </div>
      <fieldset class="card">
        <legend>{say('residents')}</legend>
        {[
          { value: AS_SETTLED, text: say('asSettled') },
          { value: NOBODY, text: say('notFiled') },
          ...candidates.residents.map(({ residentId, name: called, birthDate, confidence }) => ({
            value: residentId,
            text: `${called} · ${say('born', { date: birthDate })} · ${say('sure', { percent: percent(confidence) })}`,
          })),
        ].map(({ value, text }) => (
          <p key={value}>
            <label>
              <input
                type="radio"
                name="resident"
                checked={resident.value === value}
                onChange={() => {
                  resident.value = value;
                }}
              />{' '}
              {text}
            </label>
          </p>
        ))}
      </fieldset>
      <div class="card">
        <h3>{say('calls')}</h3>
        {candidates.calls.length === 0 && <p class="quiet">{say('noCalls')}</p>}
        {candidates.calls.map((call) => (
          <p key={call.callId} class="candidate">
            <button type="button" disabled={isBusy} onClick={() => void link(call.callId)}>
              {say('link')}
            </button>{' '}
            {say('call', { number: call.callNumber, time: dayTime(call.receivedAt) })} ·{' '}
            {say('sure', { percent: percent(call.confidence) })}
          </p>
        ))}
      </div>
      <p>
        {say('dismiss')}{' '}
        {dismissals.map((reason) => (
          <>
            <button
              key={reason}
              type="button"
              disabled={isBusy}
              onClick={() => void resolve(() => say('dismissing'), 'dismiss', { reason })}
            >
              {say(reason)}
            </button>{' '}
          </>
        ))}
      </p>
    </section>
  );
}
