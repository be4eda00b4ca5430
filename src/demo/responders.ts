/** Invented first responders: the micro fire stations of the district, neighbours who were trained, defibrillators in public places. */
import type { ResponderInput } from '../fleet/responders-schema.ts';
import type { PlaceInput } from '../fleet/schema.ts';
import { placeInside, shortNameOf, subdistricts } from './geography.ts';
import type { Random } from './random.ts';
import { estates, givenNames, surnames } from './words.ts';

const VOLUNTEERS_EACH = 3;
const DEFIBRILLATORS_EACH = 2;
const WALLS = ['地铁站厅服务台旁（示范）', '商场一层服务台（示范）', '社区服务中心大厅（示范）', '写字楼前台（示范）'];

export type DemoResponder = ResponderInput & { readonly responderId: string };

export function inventResponders(random: Random, places: readonly PlaceInput[]): DemoResponder[] {
  const stations = places
    .filter(({ kind }) => kind === 'micro-fire-station')
    .map(
      ({ placeId, name, position }): DemoResponder => ({
        responderId: placeId,
        kind: 'micro-fire-station',
        name,
        position,
      }),
    );
  const number = (i: number) => String(i + 1).padStart(2, '0');
  const volunteers = subdistricts.flatMap((subdistrict, s) =>
    Array.from(
      { length: VOLUNTEERS_EACH },
      (_, i): DemoResponder => ({
        responderId: `demo-volunteer-${number(s * VOLUNTEERS_EACH + i)}`,
        kind: 'volunteer',
        name: `${random.pick(surnames)}${random.pick(givenNames(random.chance(0.5) ? 'female' : 'male', 1985))}（虚构志愿者）`,
        position: placeInside(random, subdistrict),
        ...(random.chance(0.3) ? { hours: { from: '07:00', to: '22:00' } } : {}),
      }),
    ),
  );
  const defibrillators = subdistricts.flatMap((subdistrict, s) =>
    Array.from(
      { length: DEFIBRILLATORS_EACH },
      (_, i): DemoResponder => ({
        responderId: `demo-aed-${number(s * DEFIBRILLATORS_EACH + i)}`,
        kind: 'defibrillator',
        name: `${shortNameOf(subdistrict)}示范${random.pick(estates)} AED`,
        whereExactly: random.pick(WALLS),
        position: placeInside(random, subdistrict),
      }),
    ),
  );
  return [...stations, ...volunteers, ...defibrillators];
}
