/** Why a call will be late, and what can be done about it now: a nearer unit, one of a call that is not urgent, a fire station. */
import { underWay } from '../../shell/actions.ts';
import { placeName } from '../../shell/gazetteer.ts';
import { minutes, name, speak } from '../../shell/language.ts';
import { type BoardCall, hasEnded } from './board.ts';
import { offersOf, replacedBy, takeOffer } from './offers.ts';
import { words } from './words.ts';

const say = speak('dispatcher', words);

export function CanStill({ call }: { readonly call: BoardCall }) {
  const { warning, callId } = call;
  if (hasEnded(call) || call.onSceneAt) return null;
  return (
    <>
      {warning && (
        <p class="warning late">
          ⚠ {name('leg', warning.longestLeg)}{' '}
          {say('tookSeconds', { time: minutes(warning.legs[`${warning.longestLeg}Seconds`] ?? 0) })}
          {warning.unit && warning.unit.predictedResponseSeconds !== null && (
            <>
              {' '}
              ·{' '}
              {say('couldBeThere', { unit: warning.unit.unitId, time: minutes(warning.unit.predictedResponseSeconds) })}
            </>
          )}
          {warning.microFireStation && (
            <>
              {' '}
              ·{' '}
              {say('fireStationNear', {
                station: placeName(warning.microFireStation.placeId, warning.microFireStation.name),
                metres: warning.microFireStation.distanceMetres,
              })}
            </>
          )}
        </p>
      )}
      {offersOf(call).map((offer, place) => {
        const { kind, unitId, gainSeconds } = offer;
        const other = replacedBy(call, offer);
        const busy = underWay.value.has(`assign ${callId} ${unitId}`);
        return (
          <p key={`${kind} ${unitId}`} class={`warning soon ${busy ? 'under-way' : ''}`}>
            {say(kind === 'pre-emption' ? 'offerPreempt' : 'offerNearer', { unit: unitId, time: minutes(gainSeconds) })}{' '}
            <button type="button" disabled={busy} onClick={() => void takeOffer(call, offer)}>
              {offer.fromCallId
                ? say('divert', { unit: unitId })
                : other
                  ? say('swap', { unit: unitId, other })
                  : say('sendUnit', { unit: unitId })}{' '}
              {place === 0 && <kbd>Alt+B</kbd>}
            </button>
          </p>
        );
      })}
    </>
  );
}
