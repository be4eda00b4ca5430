/** Ambulances and first responders in one budget: what that wins over separate plans, and where a shared post is worth it. */
import type { SitingResult } from '../../../../planning/siting/schema.ts';
import { placeName } from '../../../shell/gazetteer.ts';
import { speak } from '../../../shell/language.ts';
import { percent } from '../figures.ts';
import { type Plan, siteName } from './plan.ts';
import { words } from './words.ts';

const say = speak('siting', words);

export function Joint({ found, joint }: { readonly found: Plan; readonly joint: NonNullable<SitingResult['joint']> }) {
  const all = found.demandWeight ?? 1;
  // Both standards count alike: their sum is what was asked to be most.
  const share = (weight: number) => percent(weight / all);
  const posts = joint.posts.filter(({ existing, kind }) => !existing || kind === 'joint');
  const nameOf = (siteId: string) => {
    const place = found.places.find((each) => each.siteId === siteId);
    return place ? siteName(place) : placeName(siteId);
  };
  return (
    <>
      <table data-test="joint">
        <thead>
          <tr>
            <th />
            <th>{say('apart')}</th>
            <th>{say('together')}</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{say('firstHelpShare')}</th>
            <td class="figure">{share(joint.separate.firstHelpWeight)}</td>
            <td class="figure">{share(joint.firstHelpWeight)}</td>
          </tr>
          <tr>
            <th scope="row">{say('ambulanceShare')}</th>
            <td class="figure">{share(joint.separate.ambulanceWeight)}</td>
            <td class="figure">{share(joint.ambulanceWeight)}</td>
          </tr>
        </tbody>
      </table>
      <p class="quiet">{say('cost', { cost: joint.cost })}</p>
      <h2>{say('posts')}</h2>
      <ul data-test="new-stations">
        {posts.map(({ siteId, kind, gain, gainBound }) => (
          <li key={siteId}>
            <strong>{nameOf(siteId)}</strong> {say(`post.${kind}`)}
            {gain !== null &&
              ` · ${gain > 0 ? say('worth', { share: percent(gain / (2 * all)) }) : say('worthUpTo', { share: percent((gainBound ?? 0) / (2 * all)) })}`}
          </li>
        ))}
      </ul>
    </>
  );
}
