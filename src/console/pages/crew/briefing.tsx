/** What a crew reads before it rings the bell: the door, the person, the cautions, where to go from there. */
import type { CrewCall } from '../../../calls/schema.ts';
import { SearchAnswer } from '../../locate/search-answer.tsx';
import { attempt, tell, underWay } from '../../shell/actions.ts';
import { ask, pathOf } from '../../shell/api.ts';
import { inLanguage, listed, minutes, name, speak } from '../../shell/language.ts';
import { destination, write } from './care/record.ts';
import { words } from './words.ts';

const say = speak('crew', words);

const doorOf = (way: CrewCall['howToGetIn'][number]) =>
  [
    way.building,
    way.unit,
    way.floor !== null && say('floor', { floor: way.floor }),
    way.room,
    way.hasLift === true && say('lift'),
    way.hasLift === false && say('noLift'),
  ]
    .filter(Boolean)
    .join(' · ');

export function WhereTo({ current }: { readonly current: CrewCall }) {
  const { location, howToGetIn, callId } = current;
  const address = location.address ?? howToGetIn[0]?.address;
  const asking = underWay.value.has(`locate ${callId}`);
  const askForHelp = () =>
    attempt(
      `locate ${callId}`,
      () => say('asking'),
      async () => {
        await ask(pathOf('v1', 'calls', callId, 'locate-requests'), { body: { reason: 'no-answer-at-door' } });
        tell('done', () => say('asked'));
      },
    );
  return (
    <section class="card">
      <h3>{say('destination')}</h3>
      <p class="where" dir="auto">
        {address ?? (location.position ? '' : say('placeUnknown'))}
      </p>
      <SearchAnswer callId={callId} />
      {location.position && (
        <p class="quiet figure">
          {location.position.lat.toFixed(5)}, {location.position.lon.toFixed(5)}{' '}
          {location.source && name('source', location.source)}
          {location.uncertaintyMetres !== null && (
            <> · {say('within', { metres: Math.round(location.uncertaintyMetres) })}</>
          )}
        </p>
      )}
      <h3>{say('wayIn')}</h3>
      {howToGetIn.length === 0 && <p>{say('noWayIn')}</p>}
      {howToGetIn.map((way) => (
        <div key={way.residentId ?? ''} dir="auto">
          <p class="door">{doorOf(way)}</p>
          {way.entryNotes && <p class="door">{way.entryNotes}</p>}
          {way.contacts.map(({ name: contact, relation, phone, holdsKey }) => (
            <p key={phone}>
              {holdsKey && <strong>{say('holdsKey')} </strong>}
              {contact} {relation && name('relation', relation)} <a href={`tel:${phone}`}>{phone}</a>
            </p>
          ))}
          {way.pastPlaces.map((place) => (
            <p key={place.placeId}>
              {say('foundBefore')}{' '}
              {[place.building, place.unit, place.room, place.entryNotes].filter(Boolean).join(' · ')}
            </p>
          ))}
        </div>
      ))}
      {current.callerPhone && (
        <p>
          <a href={`tel:${current.callerPhone}`}>{say('caller', { phone: current.callerPhone })}</a>
        </p>
      )}
      <p>
        <button type="button" class="big" disabled={asking} onClick={() => void askForHelp()}>
          {say('noAnswer')} · {say('askForHelp')}
        </button>
      </p>
    </section>
  );
}

export function Patient({ current }: { readonly current: CrewCall }) {
  return (
    <section class="card">
      <h3>{say('patient')}</h3>
      {current.patients.length === 0 && <p>{say('unknownPatient')}</p>}
      {current.patients.map(({ residentId, name: patient, ageYears, sex, grade, livesAlone }) => (
        <p key={residentId} class="door">
          {grade === 'possible' && <>{say('possibly')} </>}
          <strong dir="auto">{patient}</strong> · {say('years', { age: ageYears })} · {name('sex', sex)}
          {livesAlone && <> · {say('livesAlone')}</>}
        </p>
      ))}
    </section>
  );
}

export function Cautions({ current }: { readonly current: CrewCall }) {
  return (
    <section class="card">
      <h3>{say('cautions')}</h3>
      {current.cautions.length === 0 && <p>{say('noCautions')}</p>}
      <ul class="crew-cautions">
        {current.cautions.map(({ code, text }) => (
          <li key={code}>⚠ {inLanguage(text)}</li>
        ))}
      </ul>
      <h3>{say('equipment')}</h3>
      <p>{listed(current.capabilities.required.map((each) => name('capability', each)))}</p>
    </section>
  );
}

/** The hospitals advised; the one pressed is told that its patient is coming. */
export function Hospitals({ current }: { readonly current: CrewCall }) {
  const chosen = destination();
  return (
    <section class="card">
      <h3>{say('hospitals')}</h3>
      <ol class="hospitals">
        {current.hospitals.slice(0, 3).map(({ hospitalId, name: hospital, etaSeconds }) => (
          <li key={hospitalId}>
            {hospital} {etaSeconds !== null && <> · {say('minutesAway', { time: minutes(etaSeconds) })}</>}{' '}
            {hospitalId === chosen ? (
              <strong class="in-time">{say('going')}</strong>
            ) : (
              <button
                type="button"
                aria-label={`${say('goingTo')}: ${hospital}`}
                onClick={() => write('destinations', { hospitalId })}
              >
                {say('goingTo')}
              </button>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
