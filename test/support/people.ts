/** Invented residents and fleet for tests; nobody of them exists. */
export const zhang = {
  residentId: 'r-1',
  name: '张虚构',
  sex: 'female',
  birthDate: '1941-03-02',
  idNumber: '110102194103020023',
  phones: ['010-66551234', '13800138001'],
  devices: [{ deviceId: 'sos-17', kind: 'one-key' }],
  livesAlone: true,
  home: {
    address: '北京市西城区月坛街道三里河一区5号楼2单元501室',
    position: { lon: 116.3467, lat: 39.9115, crs: 'gcj02' },
    building: '5号楼',
    unit: '2单元',
    floor: 5,
    room: '501',
    hasLift: false,
    entryNotes: '门禁 0000 (invented)',
  },
  contacts: [{ name: '李虚构', relation: 'daughter', phone: '13900139001', holdsKey: true }],
  communityCentreId: 'c-yuetan',
  familyDoctorId: 'd-1',
  history: {
    conditions: [
      { system: 'icd-10', code: 'I25.2', display: '陈旧性心肌梗死', status: 'active', onset: '2019-05-01' },
      { system: 'icd-10', code: 'Z99.9XX', display: 'no group claims this' },
    ],
    medications: [{ system: 'atc', code: 'B01AC04', display: '氯吡格雷' }],
    weightKg: 58,
    mobility: 'walks',
  },
  confirmedAt: '2026-01-15T09:00:00+08:00',
} as const;

/** Lives at the same number as `zhang`, with no history at all. */
export const wang = {
  residentId: 'r-2',
  name: '王虚构',
  sex: 'male',
  birthDate: '1939-11-20',
  phones: ['010-66551234'],
  home: {
    address: '三里河一区5栋2门501',
    position: { lon: 116.3467, lat: 39.9115, crs: 'gcj02' },
    floor: 5,
    hasLift: false,
  },
  confirmedAt: '2026-01-15T09:00:00+08:00',
} as const;

const everything = [
  'transport',
  'monitoring',
  'advanced-airway',
  'ventilator',
  'defibrillator',
  'twelve-lead-ecg',
  'stair-chair',
];
export const fleet = [
  { unitId: 'u-basic', vehicleType: 'basic', capabilities: ['transport', 'stair-chair'], lon: 116.3412, lat: 39.9101 },
  { unitId: 'u-intensive', vehicleType: 'intensive', capabilities: everything, lon: 116.365, lat: 39.905 },
  {
    unitId: 'u-isolation',
    vehicleType: 'isolation',
    capabilities: [...everything, 'negative-pressure'],
    lon: 116.39,
    lat: 39.93,
  },
].map(({ lon, lat, ...unit }) => ({ ...unit, status: 'available', position: { lon, lat, crs: 'wgs84' } }));

export const chestPain = {
  code: 'chest-pain',
  answers: { conscious: 'yes', breathing: 'normal' },
} as const;

/** A call from a number both `zhang` and `wang` are filed with, or from whatever `over` says. */
export const callFrom = (over: Record<string, unknown> = {}) => ({
  channel: 'phone',
  caller: { phone: '13800138001', relation: 'self' },
  location: { position: { lon: 116.3467, lat: 39.9115, crs: 'gcj02' }, uncertaintyMetres: 30, source: 'network' },
  complaint: chestPain,
  ...over,
});
