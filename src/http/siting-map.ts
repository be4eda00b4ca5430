/** A siting plan as a map: the sites there are, the new ones with what each wins, and who stays beyond the standard. */
import { cellToBoundary, isValidCell } from 'h3-js';
import { type Static, Type } from 'typebox';
import { oneOf } from '../domain/vocabulary.ts';
import { postKinds } from '../planning/siting/schema.ts';
import type { SitingPlan } from './siting-routes.ts';

const Feature = <G extends Parameters<typeof Type.Object>[0], P extends Parameters<typeof Type.Object>[0]>(
  geometry: G,
  properties: P,
) =>
  Type.Object({
    type: oneOf(['Feature']),
    id: Type.String(),
    geometry: Type.Object(geometry),
    properties: Type.Object(properties),
  });
const Numbers = Type.Array(Type.Number());
const Nullable = (description: string) => Type.Union([Type.Number(), Type.Null()], { description });

export const SitingMap = Type.Object({
  type: oneOf(['FeatureCollection']),
  features: Type.Array(
    Type.Union([
      Feature(
        { type: oneOf(['Point']), coordinates: Numbers },
        {
          role: oneOf(['site']),
          name: Type.Union([Type.String(), Type.Null()]),
          existing: Type.Boolean(),
          chosen: Type.Boolean(),
          kind: oneOf(postKinds),
          units: Type.Integer({ description: 'busy units: how many stand there; else 1 or 0' }),
          demandShare: Nullable('of the demand, nearest to a new site'),
          savedSeconds: Nullable('saved that demand'),
        },
      ),
      Feature(
        { type: oneOf(['Polygon']), coordinates: Type.Array(Type.Array(Numbers)) },
        { role: oneOf(['uncovered']) },
      ),
    ]),
  ),
});
type SitingMap = Static<typeof SitingMap>;

/** Demand that a request named by ids of its own has no outline and is left out. */
export function sitingMap({ places, wins, joint, chosen, uncovered }: SitingPlan): SitingMap {
  const sites = places.map(({ siteId, name, position: { lon, lat }, existing, chosen: isChosen }) => {
    const win = wins.find((each) => each.siteId === siteId);
    return {
      type: 'Feature' as const,
      id: siteId,
      geometry: { type: 'Point' as const, coordinates: [lon, lat] },
      properties: {
        role: 'site' as const,
        name,
        existing,
        chosen: isChosen,
        kind: joint?.posts.find((post) => post.siteId === siteId)?.kind ?? ('ambulance' as const),
        units: chosen.filter((each) => each === siteId).length,
        demandShare: win?.demandShare ?? null,
        savedSeconds: win?.savedSeconds ?? null,
      },
    };
  });
  const beyond = uncovered
    .filter((id) => isValidCell(id))
    .map((id) => ({
      type: 'Feature' as const,
      id,
      geometry: { type: 'Polygon' as const, coordinates: [cellToBoundary(id, true)] },
      properties: { role: 'uncovered' as const },
    }));
  return { type: 'FeatureCollection', features: [...beyond, ...sites] };
}
