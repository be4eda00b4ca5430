/** What a plan says: what it wins and how certain that is, proof or gap, before and after, new stations, who stays beyond. */
import type { SitingStatus } from '../../../../planning/siting/schema.ts';
import { underWay } from '../../../shell/actions.ts';
import { speak } from '../../../shell/language.ts';
import { clockText, percent, rounded } from '../figures.ts';
import { Joint } from './joint.tsx';
import { added, newAmbulances, type Plan, siteName } from './plan.ts';
import { simulate } from './simulated.tsx';
import { words } from './words.ts';

const say = speak('siting', words);

const endings: Partial<
  Record<SitingStatus, 'status.infeasible' | 'status.failed' | 'status.cancelled' | 'status.interrupted'>
> = {
  infeasible: 'status.infeasible',
  failed: 'status.failed',
  cancelled: 'status.cancelled',
  interrupted: 'status.interrupted',
};

const sources = { calls: 'from.calls', residents: 'from.residents', request: 'from.request' } as const;

export function Result({ found }: { readonly found: Plan }) {
  const ending = endings[found.status];
  const fresh = added(found);
  const ambulances = newAmbulances(found);
  return (
    <>
      {ending && <p class="late">{say(ending)}</p>}
      {found.objective !== null && (
        <>
          <p class="big" data-test="gain">
            {headline(found)}
          </p>
          <p class={found.proven ? 'in-time' : 'soon'}>
            {found.proven
              ? say('proven')
              : found.gap === null
                ? say('unknownGap')
                : say('unproven', { gap: percent(found.gap) })}
          </p>
        </>
      )}
      <p class="quiet">{say('source', { what: say(sources[found.demandFrom]) })}</p>
      {found.joint ? <Joint found={found} joint={found.joint} /> : found.plan && <BeforeAfter found={found} />}
      <Beyond found={found} />
      {found.objective !== null && !found.joint && (
        <>
          <h2>{say('newStations')}</h2>
          {fresh.length === 0 && <p>{say('noNew')}</p>}
          <ul data-test="new-stations">
            {fresh.map((place) => (
              <li key={place.siteId}>
                <strong title={place.siteId}>{siteName(place)}</strong> <Wins found={found} siteId={place.siteId} />{' '}
                {place.name === null && <code class="quiet">{place.siteId}</code>}
              </li>
            ))}
          </ul>
        </>
      )}
      {ambulances.length > 0 && (
        <button type="button" disabled={underWay.value.has('simulate')} onClick={() => void simulate(ambulances)}>
          {say('simulate')}
        </button>
      )}
    </>
  );
}

/** What was asked for, answered in one line. */
function headline({ problem, gain, plan, existing, objective, demandWeight, chosen, places, joint }: Plan): string {
  const seconds = (value: number) => value.toFixed(1);
  switch (problem) {
    case 'joint':
      return say('jointGain', { share: percent((joint?.gainOverSeparate ?? 0) / ((demandWeight ?? 1) * 2)) });
    case 'lscp':
      return say('fewest', {
        all: chosen.length,
        more: chosen.length - places.filter(({ existing: isThere }) => isThere).length,
      });
    case 'p-center':
      return say('longest', {
        before: clockText(rounded(existing?.longestSeconds)),
        after: clockText(rounded(plan?.longestSeconds)),
      });
    case 'mexclp':
      return say('expected', { share: percent((objective ?? 0) / (demandWeight ?? 1)) });
    case 'mclp': {
      const share = gain?.coveredShare ?? (plan?.coveredShare ?? 0) - (existing?.coveredShare ?? 0);
      const between = gain?.coveredShareInterval;
      return between
        ? say('coversBetween', { share: percent(share), low: percent(between[0]), high: percent(between[1]) })
        : say('covers', { share: percent(share) });
    }
    case 'p-median': {
      if (!gain) return `${say('meanDrive')} ${clockText(rounded(plan?.meanSeconds))}`;
      const between = gain.meanSecondsInterval;
      return between
        ? say('winsBetween', {
            seconds: seconds(gain.meanSeconds),
            low: seconds(between[0]),
            high: seconds(between[1]),
          })
        : say('wins', { seconds: seconds(gain.meanSeconds) });
    }
  }
}

function BeforeAfter({ found }: { readonly found: Plan }) {
  const { existing, plan, standardSeconds } = found;
  const row = (label: string, before: string, after: string) => (
    <tr>
      <th scope="row">{label}</th>
      <td class="figure">{before}</td>
      <td class="figure">{after}</td>
    </tr>
  );
  const time = (seconds: number | null | undefined) => clockText(rounded(seconds));
  return (
    <table>
      <thead>
        <tr>
          <th />
          <th>{say('before')}</th>
          <th>{say('after')}</th>
        </tr>
      </thead>
      <tbody>
        {row(say('meanDrive'), time(existing?.meanSeconds), time(plan?.meanSeconds))}
        {row(say('longestDrive'), time(existing?.longestSeconds), time(plan?.longestSeconds))}
        {standardSeconds !== null &&
          row(
            say('inTime', { minutes: standardSeconds / 60 }),
            percent(existing?.coveredShare ?? null),
            percent(plan?.coveredShare ?? null),
          )}
      </tbody>
    </table>
  );
}

function Wins({ found, siteId }: { readonly found: Plan; readonly siteId: string }) {
  const win = found.wins.find((each) => each.siteId === siteId);
  const units = found.problem === 'mexclp' ? found.chosen.filter((each) => each === siteId).length : 0;
  return (
    <span>
      {units > 0 && `${say('units', { count: units })} · `}
      {win &&
        (win.savedSeconds === null
          ? say('siteServes', { share: percent(win.demandShare) })
          : say('siteWins', { share: percent(win.demandShare), time: clockText(rounded(win.savedSeconds)) }))}
    </span>
  );
}

function Beyond({ found }: { readonly found: Plan }) {
  const count = found.uncovered.length;
  if (found.status === 'infeasible') return count > 0 ? <p class="late">{say('unreachable', { count })}</p> : null;
  if (found.objective === null) return null;
  return count > 0 ? (
    <p class="soon" data-test="uncovered">
      {say('uncovered', { count })}
    </p>
  ) : (
    <p class="in-time">{say('allCovered')}</p>
  );
}
