/** What was decided and why: the vehicle, who it is, their history, cautions, the way in, the hospitals, the reasons. */
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { placeName } from '../../shell/gazetteer.ts';
import { inLanguage, langOf, listed, minutes, name, speak } from '../../shell/language.ts';
import type { Desk, Shown } from './desk.ts';
import { codeText, effectOf, factOf, groupName, sourceTitle } from './reference.ts';
import { words } from './words.ts';

const say = speak('dispatcher', words);
const MATCHES_SHOWN = 6;

/** The line that is read first. */
export function Verdict({ shown }: { readonly shown: Shown }) {
  const { recommendation } = shown;
  if (!recommendation) return <p class="verdict quiet">{say('complaintNeeded')}</p>;
  const flags = new Set([...shown.flags, ...recommendation.flags]);
  return (
    <>
      <p class="verdict" aria-live="polite">
        <span class={`priority priority-${recommendation.priority}`}>{name('priority', recommendation.priority)}</span>
        <strong>{name('vehicle', recommendation.vehicleType)}</strong>
        <span>{name('basis', recommendation.basis)}</span>
      </p>
      {[...flags].map((flag) => (
        <p key={flag} class="flag">
          ⚠ {name('flag', flag)}
        </p>
      ))}
    </>
  );
}

export function Who({ made, shown }: { readonly made: Desk; readonly shown: Shown }) {
  const { matches, histories } = shown;
  const confirm = (residentId: string | null) => {
    made.fields.value = { ...made.fields.peek(), residentId };
  };
  if (matches.length === 0)
    return (
      <Part title={say('who')}>
        <p>{say('nobody')}</p>
      </Part>
    );
  return (
    <Part title={say('who')}>
      <ul class="plain">
        {matches.slice(0, MATCHES_SHOWN).map((match, place) => {
          const groups = histories.find(({ residentId }) => residentId === match.residentId)?.riskGroups ?? [];
          const agreeing = match.evidence.filter(({ field, weight }) => weight > 0 || field === 'confirmed');
          const confirmed = made.fields.value.residentId === match.residentId;
          return (
            <li key={match.residentId} class="match">
              <p>
                <strong lang="zh-CN" class="person" dir="auto">
                  {match.name}
                </strong>{' '}
                <strong>{say('years', { age: match.ageYears })}</strong> · {name('sex', match.sex)}
                {match.livesAlone === true && <> · {say('livesAlone')}</>} · {name('grade', match.grade)}{' '}
                {say('sure', { percent: (match.confidence * 100).toFixed(match.confidence > 0.995 ? 1 : 0) })}{' '}
                <button
                  type="button"
                  aria-pressed={confirmed}
                  onClick={() => confirm(confirmed ? null : match.residentId)}
                >
                  {say(confirmed ? 'confirmed' : 'confirmPatient')}
                  {place === 0 && (
                    <>
                      {' '}
                      <kbd>Alt+Y</kbd>
                    </>
                  )}
                </button>
              </p>
              {groups.length > 0 && (
                <p class="chips">
                  {groups.map((group) => (
                    <span key={group} class="chip">
                      {groupName(group)}
                    </span>
                  ))}
                </p>
              )}
              <p class="quiet">
                {say('evidence', { fields: listed(agreeing.map(({ field }) => name('field', field))) })}
              </p>
            </li>
          );
        })}
      </ul>
      {matches.length > MATCHES_SHOWN && <p>{say('moreMatches', { count: matches.length - MATCHES_SHOWN })}</p>}
    </Part>
  );
}

/** What the crew has to know before they ring the bell. */
export function Cautions({ shown }: { readonly shown: Shown }) {
  const cautions = shown.recommendation?.cautions ?? [];
  if (cautions.length === 0) return null;
  return (
    <Part title={say('cautions')}>
      <ul class="cautions">
        {cautions.map(({ code, text }) => (
          <li key={code}>⚠ {inLanguage(text)}</li>
        ))}
      </ul>
    </Part>
  );
}

export function WayIn({ shown }: { readonly shown: Shown }) {
  if (shown.howToGetIn.length === 0) return null;
  return (
    <Part title={say('wayIn')}>
      {shown.howToGetIn.map((each) => {
        const door = [
          each.address,
          each.building,
          each.unit,
          each.floor !== null && say('floor', { floor: each.floor }),
          each.room,
          each.hasLift === false && say('noLift'),
          each.hasLift === true && say('lift'),
        ].filter(Boolean);
        return (
          <div key={each.residentId ?? ''} dir="auto">
            <p>{door.join(' · ')}</p>
            {each.entryNotes && <p>{each.entryNotes}</p>}
            {each.contacts.map(({ name: contact, relation, phone, holdsKey }) => (
              <p key={phone}>
                {holdsKey && <strong>{say('holdsKey')} </strong>}
                {contact} {relation && name('relation', relation)} <span class="figure">{phone}</span>
              </p>
            ))}
            {each.pastPlaces.map(({ placeId, building, unit, room, entryNotes, confirmedAt }) => (
              <p key={placeId} class="quiet">
                {say('foundBefore', { day: confirmedAt.slice(0, 10) })}{' '}
                {[building, unit, room, entryNotes].filter(Boolean).join(' · ')}
              </p>
            ))}
          </div>
        );
      })}
    </Part>
  );
}

export function Needs({ made, shown }: { readonly made: Desk; readonly shown: Shown }) {
  const { recommendation } = shown;
  const all = useSignal(false);
  if (!recommendation) return null;
  const { required, preferred } = recommendation.capabilities;
  const names = (codes: readonly string[]) =>
    codes.length ? listed(codes.map((each) => name('capability', each))) : say('nothingSpecial');
  const complaint = made.fields.value.complaint;
  const SHOWN = 4;
  const reasons = all.value ? recommendation.reasons : recommendation.reasons.slice(0, SHOWN);
  return (
    <>
      <Part title={say('whyThisVehicle')}>
        <p>{say('colon', { title: say('required'), text: names(required) })}</p>
        <p>{say('colon', { title: say('preferred'), text: names(preferred) })}</p>
        <ul class="reasons">
          {reasons.map((reason) => (
            <li key={`${reason.rule} ${reason.fact}`}>
              <strong>{factOf(reason.fact, complaint)}</strong> → {effectOf(reason, recommendation.cautions)}
              <span class="quiet" title={sourceTitle(reason.source)}>
                {' '}
                {say('ruleAndSource', { rule: reason.rule, source: reason.source })}
              </span>
            </li>
          ))}
        </ul>
        {recommendation.reasons.length > SHOWN && (
          <button
            type="button"
            aria-expanded={all.value}
            onClick={() => {
              all.value = !all.value;
            }}
          >
            {all.value ? say('fewer') : say('more', { count: recommendation.reasons.length - SHOWN })}
          </button>
        )}
        {recommendation.unmapped.length > 0 && (
          <p class="quiet">
            {say('colon', {
              title: say('unmapped'),
              text: listed(
                recommendation.unmapped.map(({ system, code, display = '' }) =>
                  codeText(`${system} ${code} ${display}`),
                ),
              ),
            })}
          </p>
        )}
      </Part>
      <Part title={say('hospitals')}>
        <ol class="plain">
          {recommendation.hospitals.map(({ hospitalId, name: hospital, etaSeconds, why }) => (
            <li key={hospitalId}>
              <span lang={langOf(placeName(hospitalId, hospital))}>{placeName(hospitalId, hospital)}</span> ·{' '}
              {etaSeconds === null ? say('unpredicted') : say('minutesAway', { time: minutes(etaSeconds) })} ·{' '}
              {whyHospital(why)}
            </li>
          ))}
        </ol>
      </Part>
      <p class="quiet">{say('protocol', { version: recommendation.protocolVersion })}</p>
    </>
  );
}

const whyHospital = (why: string): string =>
  listed(
    why.split(', ').map((each) => {
      const lacking = /^lacks (.+)$/.exec(each)?.[1];
      return lacking ? say('lacks', { what: name('hospital', lacking) }) : name('hospital', each);
    }),
  );

export function Part({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <section class="part">
      <h3>{title}</h3>
      {children}
    </section>
  );
}
