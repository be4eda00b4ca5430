/**
 * What places and sub-districts are called in the page's language. Real data often have one name: it is then shown as it
 * is. Read once a page.
 */
import { signal } from '@preact/signals';
import { ask } from './api.ts';
import { language } from './language.ts';

interface Named {
  readonly name: string;
  readonly nameEn?: string | null;
}
export interface KnownPlace extends Named {
  readonly placeId: string;
  readonly kind: string;
  readonly position: { readonly lon: number; readonly lat: number };
}

export const places = signal<ReadonlyMap<string, KnownPlace>>(new Map());
const areas = signal<ReadonlyMap<string, Named>>(new Map());

export async function readGazetteer(): Promise<void> {
  if (areas.peek().size > 0 || places.peek().size > 0) return;
  const [known, outlined] = await Promise.all([
    ask<{ places: KnownPlace[] }>('/v1/places'),
    ask<{ areas: (Named & { subdistrictCode: string })[] }>('/v1/areas'),
  ]);
  places.value = new Map(known.places.map((each) => [each.placeId, each]));
  areas.value = new Map(outlined.areas.map((each) => [each.subdistrictCode, each]));
}

const inLanguage = ({ name, nameEn }: Named): string => (language.value === 'en' ? (nameEn ?? name) : name);

export const areaName = (code: string): string => {
  const area = areas.value.get(code);
  return area ? inLanguage(area) : code;
};

/** @param known what to call it where it is not in the list: what an answer said, else its id */
export const placeName = (placeId: string, known: string = placeId): string => {
  const place = places.value.get(placeId);
  return place ? inLanguage(place) : known;
};
