/** Hospitals, ambulance stations, community health centres and micro fire stations of the demonstration: all invented. */
import type { HospitalCapability } from '../domain/vocabulary.ts';
import type { PlaceInput } from '../fleet/schema.ts';
import { placeInside, type Subdistrict, shortNameOf, subdistrictOf, subdistricts } from './geography.ts';
import type { Random } from './random.ts';

export const centreId = ({ pinyin }: Subdistrict) => `demo-centre-${pinyin.toLowerCase()}`;

/** Name, English name, sub-district, what it can take beside `emergency`, which those for some patients only lack. */
const hospitals: readonly (readonly [zh: string, en: string, code: string, HospitalCapability[], forSome?: true])[] = [
  ['第一', 'First', '110102007', ['chest-pain-centre', 'stroke-centre', 'trauma-centre', 'dialysis']],
  ['第二', 'Second', '110102011', ['chest-pain-centre', 'stroke-centre', 'paediatric', 'obstetric']],
  ['第三', 'Third', '110102012', ['chest-pain-centre', 'dialysis']],
  ['第四', 'Fourth', '110102018', ['stroke-centre', 'trauma-centre', 'burns']],
  ['第五', 'Fifth', '110102010', ['stroke-centre', 'fever-clinic', 'poisoning']],
  ['第六', 'Sixth', '110102016', ['chest-pain-centre', 'dialysis', 'fever-clinic']],
  ['心脏', 'Heart', '110102009', ['chest-pain-centre']],
  ['脑科', 'Brain', '110102019', ['stroke-centre']],
  ['儿童', 'Children’s', '110102007', ['paediatric', 'fever-clinic'], true],
  ['妇产', 'Maternity', '110102003', ['obstetric', 'paediatric'], true],
  ['精神卫生', 'Mental Health', '110102020', ['psychiatric', 'poisoning'], true],
  ['急救与高压氧', 'Emergency and Hyperbaric', '110102014', ['trauma-centre', 'hyperbaric', 'poisoning', 'burns']],
];

/** Sub-districts with an ambulance station: about one to 2.5 km, so that some homes lie beyond the eight minutes. */
const stationCodes = [
  '110102010',
  '110102009',
  '110102012',
  '110102007',
  '110102001',
  '110102020',
  '110102018',
  '110102014',
] as const;

const microFireStationCodes = [
  '110102010',
  '110102003',
  '110102012',
  '110102009',
  '110102007',
  '110102011',
  '110102013',
  '110102015',
  '110102017',
  '110102019',
] as const;

export const stationId = (index: number) => `demo-station-${index + 1}`;

/** The 45 places, in the same order and at the same spots for the same randomness. */
export function inventPlaces(random: Random): PlaceInput[] {
  const at = (subdistrict: Subdistrict) => ({
    position: placeInside(random, subdistrict),
    subdistrictCode: subdistrict.code,
  });
  return [
    ...hospitals.map(
      ([zh, en, code, capabilities, forSome], i): PlaceInput => ({
        placeId: `demo-hospital-${String(i + 1).padStart(2, '0')}`,
        kind: 'hospital',
        name: `示范${zh}医院（虚构）`,
        nameEn: `Demonstration ${en} Hospital (invented)`,
        ...at(subdistrictOf(code)),
        capabilities: forSome ? capabilities : ['emergency', ...capabilities],
      }),
    ),
    ...stationCodes.map(subdistrictOf).map(
      (subdistrict, i): PlaceInput => ({
        placeId: stationId(i),
        kind: 'station',
        name: `示范${shortNameOf(subdistrict)}急救站（虚构）`,
        nameEn: `Demonstration Ambulance Station ${subdistrict.pinyin} (invented)`,
        ...at(subdistrict),
      }),
    ),
    ...subdistricts.map(
      (subdistrict): PlaceInput => ({
        placeId: centreId(subdistrict),
        kind: 'community-centre',
        name: `示范${shortNameOf(subdistrict)}社区卫生服务中心（虚构）`,
        nameEn: `Demonstration Community Health Centre ${subdistrict.pinyin} (invented)`,
        ...at(subdistrict),
      }),
    ),
    ...microFireStationCodes.map(subdistrictOf).map(
      (subdistrict, i): PlaceInput => ({
        placeId: `demo-micro-fire-${String(i + 1).padStart(2, '0')}`,
        kind: 'micro-fire-station',
        name: `示范${shortNameOf(subdistrict)}微型消防站（虚构）`,
        nameEn: `Demonstration Micro Fire Station ${subdistrict.pinyin} (invented)`,
        ...at(subdistrict),
      }),
    ),
  ];
}
