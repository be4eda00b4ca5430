/** The parts a search is drawn from: evidence, likely places, the ladder, answers, and how to get in. */

import { now } from '../shell/clock.ts';
import { clockTime, dayTime, distance, language, listed } from '../shell/language.ts';
import { ageText, doorText, named, percent, radiusText, say, worthGoing } from './names.ts';
import type { Answer, GettingInEntry, LikelyPlaces, Search } from './types.ts';
import './style.css';

export function Evidence({ request }: { readonly request: Search }) {
  return (
    <section>
      <h3>{say('evidence')}</h3>
      <ol class="locate-evidence">
        {request.evidence.map(({ rank, kind, text, radiusMetres, at, support }) => (
          <li key={rank}>
            <b>{named(`evidence.${kind}`)}</b> {text}{' '}
            <span class="quiet figure">
              {listed(
                [
                  radiusMetres === null ? '' : radiusText(radiusMetres),
                  at === null ? '' : ageText((now.value - Date.parse(at)) / 1000),
                  percent(support),
                ].filter(Boolean),
              )}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

export function Likely({ places, elsewhere, onPick }: LikelyPlaces & { readonly onPick?: (index: number) => void }) {
  return (
    <section>
      <h3>{say('likely')}</h3>
      <ol class="locate-likely">
        {worthGoing(places).map(({ dwellingId, kind, address, confidence }, i) => (
          <li key={dwellingId}>
            <meter min={0} max={1} value={confidence} /> <b class="figure">{percent(confidence)}</b>{' '}
            {onPick ? (
              <button type="button" class="plain" onClick={() => onPick(i)}>
                {address ?? named(`door.${kind}`)}
              </button>
            ) : (
              (address ?? named(`door.${kind}`))
            )}{' '}
            <span class="quiet">{named(`door.${kind}`)}</span>
          </li>
        ))}
        <li class="quiet">
          <meter min={0} max={1} value={elsewhere} /> <span class="figure">{percent(elsewhere)}</span>{' '}
          {say('elsewhere')}
        </li>
      </ol>
    </section>
  );
}

/** How long until the next people are asked; nothing where no deadline runs. */
export function Countdown({ dueAt }: { readonly dueAt: string | null }) {
  if (dueAt === null) return null;
  const seconds = Math.max(0, Math.ceil((Date.parse(dueAt) - now.value) / 1000));
  return <span class="soon figure">{say('nextStep', { seconds })}</span>;
}

/** Each step of the ladder, who was asked at it, and who has it. */
export function Ladder({ request }: { readonly request: Search }) {
  const { ladder, step, asked, holder, toRing } = request;
  return (
    <section>
      <h3>
        {say('ladder')} <Countdown dueAt={request.dueAt} />
      </h3>
      <ol class="locate-ladder">
        {ladder.map(({ kind }, i) => (
          <li
            key={`${i} ${kind}`}
            class={i <= step ? 'reached' : 'quiet'}
            aria-current={i === step ? 'step' : undefined}
          >
            {named(kind)}
            <ul>
              {asked
                .filter((ask) => ask.step === i)
                .map((ask) => (
                  <li key={`${ask.kind} ${ask.target}`}>
                    {(language.value === 'en' ? ask.nameEn : null) ?? ask.name ?? ask.target}{' '}
                    <span class="quiet">
                      {holder?.centreId === ask.target
                        ? `✓ ${say('holds')} ${holder.person ?? ''}`
                        : ask.declinedAt
                          ? `✕ ${say('declined')}`
                          : say('asked', { time: clockTime(ask.askedAt) })}
                    </span>
                  </li>
                ))}
            </ul>
          </li>
        ))}
      </ol>
      {step >= ladder.length - 2 && <ToRing toRing={toRing} />}
    </section>
  );
}

function ToRing({ toRing: { duty, police, microFireStation } }: Pick<Search, 'toRing'>) {
  return (
    <div class="locate-ring">
      <h3>{say('ring')}</h3>
      <ul>
        {duty && (
          <li>
            {say('duty')} {duty.name} {duty.phone && <a href={`tel:${duty.phone.replaceAll(' ', '')}`}>{duty.phone}</a>}
          </li>
        )}
        {microFireStation && (
          <li>
            {say('fire')} {(language.value === 'en' ? microFireStation.nameEn : null) ?? microFireStation.name}{' '}
            {distance(microFireStation.distanceMetres)}
          </li>
        )}
        <li>
          {say('police')} {police.name} <a href={`tel:${police.phone.replaceAll(' ', '')}`}>{police.phone}</a>
        </li>
      </ul>
    </div>
  );
}

export function Answers({
  answers,
  onRefute,
}: {
  readonly answers: readonly Answer[];
  readonly onRefute?: (placeId: string) => void;
}) {
  if (answers.length === 0) return <p class="quiet">{say('noAnswerYet')}</p>;
  return (
    <ul class="locate-answers">
      {answers.map((answer) => (
        <li key={answer.answerId} class={answer.stands ? 'card' : 'quiet'}>
          <b class={answer.found ? 'in-time' : 'late'}>
            {say(answer.found ? (answer.contact === 'talking' ? 'answerTalking' : 'answerFound') : 'answerNot')}
          </b>{' '}
          <strong>{doorText(answer)}</strong> {answer.entryNotes}{' '}
          {answer.tryInstead && say('answerInstead', { place: answer.tryInstead })}{' '}
          {!answer.stands && <span class="tag">{say('answerComment')}</span>}{' '}
          {answer.refuted && <span class="tag">{say('answerRefuted')}</span>}{' '}
          <span class="quiet">
            {say('answerBy', { who: answer.person ?? answer.centreId, time: clockTime(answer.at) })}
          </span>{' '}
          {onRefute && answer.placeId && !answer.refuted && (
            <button type="button" onClick={() => onRefute(answer.placeId ?? '')}>
              {say('refute')}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

export function GettingIn({ entries }: { readonly entries: readonly GettingInEntry[] }) {
  if (entries.length === 0) return null;
  return (
    <section>
      <h3>{say('howIn')}</h3>
      {entries.map((entry) => (
        <div key={entry.residentId ?? ''} class="locate-in">
          <p>
            <b>{entry.name}</b> {entry.address}{' '}
            <span class="quiet">
              {listed(
                [
                  entry.livesAlone ? say('alone') : '',
                  entry.floor === null ? '' : say('floorNo', { floor: entry.floor }),
                  entry.hasLift === null ? '' : say(entry.hasLift ? 'lift' : 'noLift'),
                ].filter(Boolean),
              )}
            </span>
          </p>
          {entry.entryNotes && <p>{entry.entryNotes}</p>}
          <ul>
            {entry.contacts.map(({ name: who, phone, holdsKey }) => (
              <li key={phone}>
                {holdsKey && <b>{say('holdsKey')} </b>}
                {who} <a href={`tel:${phone}`}>{phone}</a>
              </li>
            ))}
            {entry.pastPlaces.map((place) => (
              <li key={place.placeId}>
                {say('evidencePast')} <b>{doorText(place)}</b> {place.entryNotes}{' '}
                <span class="quiet">{dayTime(place.confirmedAt)}</span>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}
