/** Calls to try in the demonstration. Everybody in them is invented; the first is for the resident the README tells of. */

const answers = { conscious: 'yes', breathing: 'normal' };

/** @type {readonly { readonly say: string, readonly call: Record<string, unknown> }[]} */
export const demoCalls = [
  {
    say: 'tryKnown',
    call: {
      channel: 'phone',
      caller: { phone: '+8613800010001', relation: 'self' },
      patient: { ageYears: 84, sex: 'female' },
      location: {
        position: { lon: 116.347364, lat: 39.913137, crs: 'gcj02' },
        uncertaintyMetres: 30,
        source: 'network',
        address: '月坛示范北里12号楼',
      },
      complaint: { code: 'chest-pain', text: '胸口闷，不舒服', answers },
    },
  },
  {
    say: 'tryStranger',
    call: {
      channel: 'phone',
      caller: { phone: '+8613800099999', relation: 'bystander' },
      location: {
        position: { lon: 116.378188, lat: 39.944503, crs: 'bd09' },
        uncertaintyMetres: 60,
        source: 'network',
        address: '新街口示范前街公交站',
      },
      complaint: { code: 'chest-pain', text: '路人胸口闷', answers },
    },
  },
  {
    say: 'tryPair',
    call: {
      channel: 'phone',
      caller: { phone: '+8613800010002', relation: 'unknown' },
      location: { position: { lon: 116.3655, lat: 39.9371, crs: 'wgs84' }, uncertaintyMetres: 50, source: 'aml' },
      complaint: { code: 'breathing-difficulty', answers: { conscious: 'yes', breathing: 'abnormal' } },
    },
  },
  {
    say: 'tryDevice',
    call: {
      channel: 'one-key',
      device: { deviceId: 'demo-sos-0001' },
      complaint: { code: 'device-alarm', answers: { conscious: 'unknown', breathing: 'unknown' } },
    },
  },
  {
    say: 'tryNursingHome',
    call: {
      channel: 'phone',
      caller: { phone: '+861055500100', relation: 'staff' },
      complaint: { code: 'fall', answers },
    },
  },
];
