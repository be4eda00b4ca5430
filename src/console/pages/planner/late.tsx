/** By which leg late calls lose their time, and the latest of them one by one. */
import { dayTime, minutes, name, speak } from '../../shell/language.ts';
import { chosen, lateCalls, legs } from './data.ts';
import { chosenName, clockText } from './figures.ts';
import { words } from './words.ts';

const say = speak('planner', words);
const legWords = {
  answer: 'leg.answer',
  dispatch: 'leg.dispatch',
  turnout: 'leg.turnout',
  travel: 'leg.travel',
  reach: 'leg.reach',
} as const;
type Leg = keyof typeof legWords;
const legNames = Object.keys(legWords) as Leg[];

export function Late() {
  const found = legs.value;
  const own = chosen.value === undefined ? found?.total : found?.groups.find(({ key }) => key === chosen.value);
  if (!own) return null;
  const lost = (leg: Leg) => (own.lateLegs[leg] ?? 0) - (own.inTimeLegs[leg] ?? 0);
  const worst = Math.max(...legNames.map(lost), 1);
  return (
    <>
      <h2>{say('lateWhy', { group: chosenName() })}</h2>
      <p>{say('lateCount', { late: own.late, inTime: own.inTime })}</p>
      <table>
        <thead>
          <tr>
            <th>{say('leg')}</th>
            <th>{say('late')}</th>
            <th>{say('inTime')}</th>
            <th>{say('lost')}</th>
          </tr>
        </thead>
        <tbody>
          {legNames.map((leg) => (
            <tr key={leg}>
              <th scope="row">{say(legWords[leg])}</th>
              <td class="figure">{clockText(own.lateLegs[leg])}</td>
              <td class="figure">{clockText(own.inTimeLegs[leg])}</td>
              <td class={`figure ${lost(leg) === worst ? 'late' : ''}`}>
                {own.lateLegs[leg] === null || own.inTimeLegs[leg] === null
                  ? '–'
                  : `${Math.round(lost(leg)) >= 0 ? '+' : '−'}${minutes(Math.abs(lost(leg)))}`}{' '}
                <meter value={Math.max(0, lost(leg))} max={worst} aria-hidden="true" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>{say('lateCalls')}</h3>
      <table>
        <thead>
          <tr>
            <th>{say('received')}</th>
            <th>{say('by.priority')}</th>
            <th>{say('response')}</th>
            {legNames.map((leg) => (
              <th key={leg}>{say(legWords[leg])}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lateCalls.value.map((call) => (
            <tr key={`${call.receivedAt} ${call.responseSeconds}`}>
              <td>
                <time dateTime={call.receivedAt}>{dayTime(call.receivedAt)}</time>
              </td>
              <td>{call.priority === null ? '–' : name('priority', call.priority)}</td>
              <td class="figure late">{clockText(call.responseSeconds)}</td>
              {legNames.map((leg) => (
                <td key={leg} class="figure">
                  {clockText(call.legs[leg])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
