/** What OpenStreetMap's tags say: may one drive here, which way, how fast; and is this a place the fleet knows. Pure. */
import type { HospitalCapability } from '../../../domain/vocabulary.ts';
import type { PlaceKind } from '../../schema.ts';
import { AGAINST, ALONG, type RoadClass, roadClasses } from '../graph.ts';

export type Tags = Readonly<Record<string, string | undefined>>;

/** What a tag says; control characters, which the database would not take, left out. Null where it says nothing. */
const said = (value: string | undefined): string | null => value?.replace(/\p{Cc}+/gu, ' ').trim() || null;

const classOf: Readonly<Record<string, RoadClass>> = {
  motorway: 'motorway',
  trunk: 'trunk',
  primary: 'primary',
  secondary: 'secondary',
  tertiary: 'tertiary',
  unclassified: 'unclassified',
  road: 'unclassified',
  residential: 'residential',
  living_street: 'living-street',
  service: 'service',
  motorway_link: 'link',
  trunk_link: 'link',
  primary_link: 'link',
  secondary_link: 'link',
  tertiary_link: 'link',
};

/** Closed to traffic for good. `private`, `destination` and the like are not: an ambulance is let in. */
const CLOSED = new Set(['no']);

export interface RoadTags {
  /** Index into `roadClasses`. */
  readonly roadClass: number;
  readonly directions: number;
  /** Tagged limit in km/h, or 0. */
  readonly kmh: number;
}

/** Null where an ambulance cannot drive: not a road, closed, under construction, an area to walk about in. */
export function roadOf(tags: Tags): RoadTags | null {
  const roadClass = classOf[tags.highway ?? ''];
  if (!roadClass || tags.area === 'yes') return null;
  const emergency = tags.emergency;
  // The most particular tag decides, as the map's own rule has it: emergency before motor_vehicle before access.
  const access = tags.motor_vehicle ?? tags.vehicle ?? tags.access;
  if (emergency === 'no' || (emergency === undefined && access !== undefined && CLOSED.has(access))) return null;
  return { roadClass: roadClasses.indexOf(roadClass), directions: directionsOf(tags), kmh: limitOf(tags.maxspeed) };
}

function directionsOf(tags: Tags): number {
  const oneway = tags['oneway:emergency'] ?? tags['oneway:motor_vehicle'] ?? tags.oneway;
  switch (oneway) {
    case 'yes':
    case 'true':
    case '1':
      return ALONG;
    case '-1':
    case 'reverse':
      return AGAINST;
    case 'no':
    case 'false':
    case '0':
      return ALONG | AGAINST;
    default: // `reversible` and `alternating` change with the hour: open both ways to somebody under lights
      break;
  }
  const turnsRound = tags.junction === 'roundabout' || tags.junction === 'circular';
  return turnsRound || tags.highway === 'motorway' || tags.highway === 'motorway_link' ? ALONG : ALONG | AGAINST;
}

const KMH_A_MILE_AN_HOUR = 1.609344;

/** `50`, `30 mph`, `CN:urban` (no figure: 0). */
function limitOf(maxspeed: string | undefined): number {
  const [, figure, unit] = /^(\d+(?:\.\d+)?)\s*(mph|km\/h|kmh)?$/.exec(maxspeed?.trim() ?? '') ?? [];
  const kmh = Number(figure ?? 0) * (unit === 'mph' ? KMH_A_MILE_AN_HOUR : 1);
  return Math.min(255, Math.round(kmh));
}

export interface PlaceTags {
  readonly kind: PlaceKind;
  readonly name: string;
  readonly nameEn: string | null;
  readonly capabilities: readonly HospitalCapability[];
}

const unnamed: Readonly<Record<PlaceKind, string>> = {
  hospital: '医院',
  clinic: '诊所',
  station: '急救站',
  'community-centre': '社区卫生服务中心',
  'micro-fire-station': '微型消防站',
  'fire-station': '消防站',
  defibrillator: '自动体外除颤器',
};

const specialities: Readonly<Record<string, HospitalCapability>> = {
  paediatrics: 'paediatric',
  obstetrics: 'obstetric',
  gynaecology: 'obstetric',
  psychiatry: 'psychiatric',
  dialysis: 'dialysis',
  trauma: 'trauma-centre',
  burns: 'burns',
  hyperbaric: 'hyperbaric',
};

/** Null where it is none of the places the fleet knows. */
export function placeOfTags(tags: Tags): PlaceTags | null {
  const name = said(tags['name:zh'] ?? tags.name) ?? '';
  const kind = kindOf(tags, name);
  if (!kind) return null;
  return {
    kind,
    name: (name || unnamed[kind]).slice(0, 120),
    nameEn: said(tags['name:en'])?.slice(0, 120) ?? null,
    capabilities: kind === 'hospital' ? capabilitiesOf(tags, name) : [],
  };
}

function kindOf(tags: Tags, name: string): PlaceKind | null {
  if (/社区卫生服务/.test(name)) return 'community-centre';
  if (/微型消防站/.test(name)) return 'micro-fire-station';
  if (tags.emergency === 'ambulance_station') return 'station';
  if (tags.emergency === 'defibrillator') return 'defibrillator';
  if (tags.amenity === 'fire_station') return 'fire-station';
  if (tags.amenity === 'hospital' || tags.healthcare === 'hospital') return 'hospital';
  if (tags.amenity === 'clinic' || tags.amenity === 'doctors' || tags.healthcare === 'clinic') return 'clinic';
  return tags.healthcare === 'centre' ? 'community-centre' : null;
}

/** Hospitals for children, births, teeth, eyes, minds or after the illness: the nearest is no place for somebody's heart. */
const FOR_SOME = /儿童|妇产|妇幼|妇儿|口腔|牙|眼科|精神|安定|康复|整形|美容/;
const specialitiesForSome = new Set([
  'paediatrics',
  'obstetrics',
  'gynaecology',
  'fertility',
  'psychiatry',
  'dentist',
  'dentistry',
  'ophthalmology',
  'rehabilitation',
  'plastic_surgery',
]);

/**
 * A hospital that does not say it has no emergency department is taken to have one, unless its name or all its
 * specialities say that it is for some patients only: a children's emergency department takes no adult.
 */
function capabilitiesOf(tags: Tags, name: string): HospitalCapability[] {
  const words = (tags['healthcare:speciality'] ?? '').split(';').flatMap((word) => said(word) ?? []);
  const forSome = FOR_SOME.test(name) || (words.length > 0 && words.every((word) => specialitiesForSome.has(word)));
  const named = words.flatMap((word) => specialities[word] ?? []);
  const taken = tags.emergency === 'no' || forSome ? [] : (['emergency'] as const);
  return [...new Set<HospitalCapability>([...taken, ...named])];
}

/** `广安门内大街 12号`; null without a street and a number. */
export function addressOf(tags: Tags): string | null {
  const full = said(tags['addr:full']);
  if (full) return full.slice(0, 200);
  const number = said(tags['addr:housenumber']);
  const street = said(tags['addr:street'] ?? tags['addr:place']);
  if (!number || !street) return null;
  const district = [said(tags['addr:city']), said(tags['addr:district'])].join('');
  return `${district}${street}${/^\d+$/.test(number) ? `${number}号` : number}`.slice(0, 200);
}

export interface BoundaryTags {
  /** Nine digits as in GB/T 2260; null where none is tagged. */
  readonly code: string | null;
  readonly name: string;
  readonly nameEn: string | null;
}

const CODE_TAGS = ['ref:GB/T2260', 'ref:xzqh', 'xzqhdm', 'adcode', 'gb:admin_code', 'ref'] as const;

/** An administrative area of a level (8: sub-district or township, in China), or null. */
export function boundaryOf(tags: Tags, level: number): BoundaryTags | null {
  if (tags.boundary !== 'administrative' || tags.admin_level !== String(level)) return null;
  const name = said(tags['name:zh'] ?? tags.name);
  if (!name) return null;
  // Twelve digits name a community; those of its sub-district end in zeros.
  const code = CODE_TAGS.map((tag) => tags[tag]?.trim() ?? '').find((value) => /^\d{9}(?:000)?$/.test(value));
  return { code: code?.slice(0, 9) ?? null, name, nameEn: tags['name:en']?.trim().slice(0, 120) || null };
}
