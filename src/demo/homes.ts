/** Invented buildings: old walk-ups, towers with lifts, and single-storey lanes; every household gets a door of its own. */
import type { PositionInput } from '../domain/position.ts';
import type { Resident } from '../residents/schema.ts';
import { placeInside, type Subdistrict, shortNameOf, subdistricts } from './geography.ts';
import type { Random } from './random.ts';
import { estates } from './words.ts';

export type Home = NonNullable<Resident['home']>;

export interface Dwelling {
  readonly home: Home;
  readonly subdistrict: Subdistrict;
}

const kinds = [
  { storeys: 6, stairwells: 4, doors: 3, hasLift: false },
  { storeys: 18, stairwells: 2, doors: 6, hasLift: true },
  { storeys: 1, stairwells: 1, doors: 12, hasLift: false },
] as const;
const KIND_WEIGHTS = [0.5, 0.3, 0.2];
const BUILDINGS_EACH = 12;

const entryNotes = [
  '单元门有门禁，请按门铃（示范）',
  '邻居有备用钥匙（示范）',
  '听不清门铃，请打电话（示范）',
  '楼道窄，担架难转弯（示范）',
  '东门夜间关闭，请走北门（示范）',
];

interface Building {
  readonly subdistrict: Subdistrict;
  readonly street: string;
  readonly number: number;
  readonly position: PositionInput;
  readonly kind: (typeof kinds)[number];
}

/** Deals out doors, none twice. */
export function inventHomes(random: Random): () => Dwelling {
  const buildings: Building[] = subdistricts.flatMap((subdistrict) =>
    Array.from({ length: BUILDINGS_EACH }, (_, i) => ({
      subdistrict,
      street: `北京市西城区${shortNameOf(subdistrict)}示范${random.pick(estates)}`,
      number: i + 1,
      position: placeInside(random, subdistrict),
      kind: kinds[random.weighted(KIND_WEIGHTS)] ?? kinds[0],
    })),
  );
  const taken = new Set<string>();
  return () => {
    for (;;) {
      const { subdistrict, street, number, position, kind } = random.pick(buildings);
      const floor = random.whole(1, kind.storeys);
      const stairwell = random.whole(1, kind.stairwells);
      const door = String(floor * 100 + random.whole(1, kind.doors));
      const address =
        kind.storeys === 1 ? `${street}${number}号${door}室` : `${street}${number}号楼${stairwell}单元${door}室`;
      if (taken.has(address)) continue;
      taken.add(address);
      const home: Home = {
        address,
        subdistrictCode: subdistrict.code,
        position,
        building: kind.storeys === 1 ? `${number}号` : `${number}号楼`,
        ...(kind.storeys === 1 ? {} : { unit: `${stairwell}单元` }),
        floor,
        room: door,
        hasLift: kind.hasLift,
        ...(random.chance(0.25) ? { entryNotes: random.pick(entryNotes) } : {}),
      };
      return { home, subdistrict };
    }
  };
}
