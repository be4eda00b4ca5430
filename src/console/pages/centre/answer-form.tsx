/** The answer of somebody who walks with a phone in one hand: a few large fields, the likeliest door filled in by one touch. */
import { useSignal } from '@preact/signals';
import type { Search } from '../../locate/types.ts';
import { attempt, tell, underWay } from '../../shell/actions.ts';
import { distance } from '../../shell/language.ts';
import { answer, isMine, say } from './desk.ts';

export interface Point {
  readonly lon: number;
  readonly lat: number;
}

interface Props {
  readonly request: Search;
  readonly point: Point | null;
  readonly onPoint: (point: Point | null) => void;
}

const fields = ['building', 'unit', 'floor', 'room'] as const;

export function AnswerForm({ request, point, onPoint }: Props) {
  const how = useSignal<'found' | 'talking' | 'not-here'>('found');
  const far = useSignal<number | null>(null);
  const key = `answer ${request.locateRequestId}`;
  const isFound = how.value !== 'not-here';

  async function send(form: HTMLFormElement, confirmFar: boolean): Promise<void> {
    const given = new FormData(form);
    const text = (name: string) => String(given.get(name) ?? '').trim();
    const floor = text('floor');
    const said = isFound
      ? {
          ...Object.fromEntries(
            ['building', 'unit', 'room', 'entryNotes'].flatMap((name) => (text(name) ? [[name, text(name)]] : [])),
          ),
          ...(floor ? { floor: Number(floor) } : {}),
          ...(point ? { position: { ...point, crs: 'wgs84' } } : {}),
          ...(how.value === 'talking' ? { contact: 'talking' } : {}),
        }
      : {
          ...(text('tryInstead') ? { tryInstead: text('tryInstead') } : {}),
          ...(request.likelyPlaces.places[0] ? { dwellingId: request.likelyPlaces.places[0].dwellingId } : {}),
        };
    const done = await attempt(
      key,
      () => say('answering'),
      async () => {
        await answer(request, { found: isFound, ...said, ...(confirmFar ? { confirmFar } : {}) });
        return true;
      },
      (refusal) => {
        if (refusal.code !== 'locate-far') return false;
        far.value = Number(refusal.problem.distanceMetres);
        return true;
      },
    );
    if (!done) return;
    far.value = null;
    tell('done', () => say('sent'));
  }
  const submit = (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    void send(event.currentTarget, false);
  };
  const stand = () =>
    navigator.geolocation?.getCurrentPosition(
      ({ coords }) => onPoint({ lon: coords.longitude, lat: coords.latitude }),
      () => tell('refused', () => say('noPosition')),
      { enableHighAccuracy: true, timeout: 10_000 },
    );
  const isComment = request.status === 'answered';
  const busy = underWay.value.has(key);
  return (
    <form id="answer" class="answer card" onSubmit={submit}>
      <h2>{say(isComment ? 'comment' : 'answer')}</h2>
      <div class="how" role="radiogroup">
        {(
          [
            ['found', 'found', '1'],
            ['talking', 'talking', '2'],
            ['not-here', 'notHere', '3'],
          ] as const
        ).map(([value, word]) => (
          <label key={value}>
            <input
              type="radio"
              name="how"
              value={value}
              checked={how.value === value}
              onChange={() => {
                how.value = value;
              }}
            />{' '}
            {say(word)}
          </label>
        ))}
      </div>
      {isFound ? (
        <>
          <div class="door">
            {fields.map((name) => (
              <label key={name}>
                {say(name)}
                <input
                  name={name}
                  maxLength={60}
                  inputMode={name === 'floor' ? 'numeric' : 'text'}
                  {...(name === 'floor' ? { pattern: '-?[0-9]{1,3}' } : {})}
                />
              </label>
            ))}
          </div>
          <label>
            {say('entry')}
            <textarea name="entryNotes" rows={2} maxLength={1000} />
          </label>
          <p>
            <button type="button" onClick={stand}>
              {say('myPosition')}
            </button>{' '}
            <span class="quiet">{say(point ? 'pointSet' : 'pointHint')}</span>{' '}
            {point && (
              <button type="button" onClick={() => onPoint(null)}>
                {say('clearPoint')}
              </button>
            )}
          </p>
        </>
      ) : (
        <label>
          {say('instead')}
          <textarea name="tryInstead" rows={2} maxLength={300} />
        </label>
      )}
      {far.value !== null && (
        <p class="late" role="alert">
          {say('far', { distance: distance(far.value) })}{' '}
          <button
            type="button"
            onClick={(event) => event.currentTarget.form && void send(event.currentTarget.form, true)}
          >
            {say('farYes')}
          </button>
        </p>
      )}
      <button type="submit" class="primary large" disabled={busy || (!isComment && !isMine(request))}>
        {say('send')}
      </button>
    </form>
  );
}
