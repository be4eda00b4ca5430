/** Callers to try in the demonstration: what the line shows when they ring. Everybody in them is invented. */
import type { Fields } from './fields.ts';

const answers = { conscious: 'yes', breathing: 'normal' };

export const demoCalls = [
  {
    key: 'tryKnown',
    fields: {
      phone: '+8613800010001',
      relation: 'self',
      position: { lon: 116.347364, lat: 39.913137, crs: 'gcj02' },
      uncertaintyMetres: 30,
      source: 'network',
    },
  },
  {
    key: 'tryStranger',
    fields: {
      phone: '+8613800099999',
      relation: 'bystander',
      position: { lon: 116.378188, lat: 39.944503, crs: 'bd09' },
      uncertaintyMetres: 60,
      source: 'network',
    },
  },
  {
    key: 'tryPair',
    fields: {
      phone: '+8613800010002',
      position: { lon: 116.3655, lat: 39.9371, crs: 'wgs84' },
      uncertaintyMetres: 50,
      source: 'aml',
      complaint: 'breathing-difficulty',
      answers: { conscious: 'yes', breathing: 'abnormal' },
    },
  },
  {
    key: 'tryDevice',
    fields: {
      channel: 'one-key',
      deviceId: 'demo-sos-0001',
      complaint: 'device-alarm',
      answers: { conscious: 'unknown', breathing: 'unknown' },
    },
  },
  { key: 'tryNursingHome', fields: { phone: '+861055500100', relation: 'staff', complaint: 'fall', answers } },
] as const satisfies readonly { readonly key: string; readonly fields: Partial<Fields> }[];
