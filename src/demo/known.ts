/** The invented people documentation and page speak of by name: the same in every demonstration. */
import type { PositionInput } from '../domain/position.ts';
import type { Instant } from '../domain/time.ts';
import type { Resident } from '../residents/schema.ts';
import { atorvastatin, clopidogrel, insulin, metoprolol, stent } from './conditions.ts';
import { dayBefore, momentBefore, type Numbers } from './people.ts';

/** 84 until the next birthday, whenever the demonstration is loaded. */
const YEARS_84_AND_A_WEEK = 84 * 365.2425 + 7;

const homeOfWang: PositionInput = { lon: 116.3412, lat: 39.9118, crs: 'wgs84' };
const homeOfZhao: PositionInput = { lon: 116.3655, lat: 39.9371, crs: 'wgs84' };

/** Lives alone on the fifth floor without a lift; an infarction is filed. The first three numbers go to these people. */
export function knownResidents(numbers: Numbers, now: Instant): Resident[] {
  const phoneOfWang = numbers.phone();
  const phoneOfZhaoAndLi = numbers.phone();
  const phoneOfDaughter = numbers.phone();
  const bornWang = dayBefore(now, YEARS_84_AND_A_WEEK);
  const bornZhao = dayBefore(now, YEARS_84_AND_A_WEEK + 800);
  const bornLi = dayBefore(now, YEARS_84_AND_A_WEEK - 900);
  const filed = { filedAt: momentBefore(now, 400), confirmedAt: momentBefore(now, 60) };
  const coupleHome = {
    address: '北京市西城区新街口示范南里3号楼2单元302室',
    subdistrictCode: '110102003',
    position: homeOfZhao,
    building: '3号楼',
    unit: '2单元',
    floor: 3,
    room: '302',
    hasLift: false,
  };
  return [
    {
      residentId: 'demo-r-0001',
      name: '王秀英',
      sex: 'female',
      birthDate: bornWang,
      idNumber: numbers.citizen(bornWang, 'female'),
      phones: [phoneOfWang],
      devices: [{ deviceId: 'demo-sos-0001', kind: 'one-key' }],
      livesAlone: true,
      home: {
        address: '北京市西城区月坛示范北里12号楼3单元501室',
        subdistrictCode: '110102007',
        position: homeOfWang,
        building: '12号楼',
        unit: '3单元',
        floor: 5,
        room: '501',
        hasLift: false,
        entryNotes: '女儿和社区卫生服务中心有钥匙（示范，虚构人物）',
      },
      contacts: [{ name: '陈丽', relation: 'daughter', phone: phoneOfDaughter, holdsKey: true }],
      communityCentreId: 'demo-centre-yuetan',
      familyDoctorId: 'demo-doctor-07',
      history: {
        conditions: [
          { system: 'icd-10', code: 'I21.9', display: '急性心肌梗死', status: 'resolved', onset: dayBefore(now, 2600) },
          { system: 'icd-10', code: 'I25.2', display: '陈旧性心肌梗死', status: 'active', onset: dayBefore(now, 2500) },
          { system: 'icd-10', code: 'I10', display: '原发性高血压', status: 'active', onset: dayBefore(now, 7000) },
        ],
        allergies: [{ system: 'atc', code: 'J01C', display: '青霉素类' }],
        medications: [clopidogrel, atorvastatin, metoprolol],
        implants: [stent],
        weightKg: 58,
        mobility: 'walks',
        pregnancyDueDate: null,
      },
      ...filed,
    },
    {
      residentId: 'demo-r-0002',
      name: '赵德福',
      sex: 'male',
      birthDate: bornZhao,
      idNumber: numbers.citizen(bornZhao, 'male'),
      phones: [phoneOfZhaoAndLi],
      livesAlone: false,
      home: coupleHome,
      communityCentreId: 'demo-centre-xinjiekou',
      familyDoctorId: 'demo-doctor-04',
      history: {
        conditions: [
          { system: 'icd-10', code: 'J44.9', display: '慢性阻塞性肺疾病', status: 'active' },
          { system: 'text', code: '家庭氧疗', status: 'active' },
        ],
        medications: [{ system: 'atc', code: 'R03BB04', display: '噻托溴铵' }],
        weightKg: 64,
        mobility: 'wheelchair',
      },
      ...filed,
    },
    {
      residentId: 'demo-r-0003',
      name: '李淑珍',
      sex: 'female',
      birthDate: bornLi,
      idNumber: numbers.citizen(bornLi, 'female'),
      phones: [phoneOfZhaoAndLi],
      livesAlone: false,
      home: coupleHome,
      communityCentreId: 'demo-centre-xinjiekou',
      familyDoctorId: 'demo-doctor-04',
      history: {
        conditions: [{ system: 'icd-10', code: 'E11.4', display: '2型糖尿病性神经病变', status: 'active' }],
        medications: [insulin],
        weightKg: 55,
        mobility: 'walks',
      },
      ...filed,
    },
  ];
}
