/** Who sees what: every event type for every role, and what is left of it for planners. */
import fc from 'fast-check';
import t from 'tap';
import { eventTypes, type StoredEvent } from '../../src/domain/events.ts';
import { roles } from '../../src/domain/vocabulary.ts';
import { CrewLog } from '../../src/live/crews.ts';
import { nameless, seesPosition, sightOf } from '../../src/live/rooms.ts';

const at = '2026-03-02T02:00:00.000Z';
const event = (type: string, data: object = {}, callId: string | null = 'c-1', seq = 5): StoredEvent =>
  ({ seq, type, at, callId, data }) as StoredEvent;

const nobody = new CrewLog(100);
const onCall = new CrewLog(100);
onCall.take(event('unit.assigned', { unitId: 'u-1' }, 'c-1', 2));

/** What an event says when it is about everybody's own. */
const ofAll = { unitId: 'u-1', communityCentreId: 'z-1', hospitalId: 'h-1', doctorId: 'd-1' };
const subjects = { crew: 'u-1', centre: 'z-1', hospital: 'h-1', doctor: 'd-1' } as const;

const isFollowing = (type: string) =>
  type.startsWith('follow-up.') || type === 'record.written-back' || type === 'resident.called';

t.test('the desk sees everything, whole', async (t) => {
  for (const type of eventTypes) {
    for (const role of ['dispatcher', 'admin'] as const) {
      t.equal(sightOf({ role, subject: 'x' }, event(type), nobody), 'whole', `${role} ${type}`);
    }
  }
});

t.test('the others see of their own what is written here, and nothing else', async (t) => {
  const own: Record<string, readonly string[]> = {
    crew: [
      'call.updated',
      'recommendation.changed',
      'unit.assigned',
      'unit.stood-down',
      'unit.status',
      'time-point.reported',
      'time-point.suggested',
      'responder.alerted',
      'responder.accepted',
      'responder.declined',
      'responder.lapsed',
      'responder.arrived',
      'responder.stood-down',
      'redeployment.accepted',
      'clock.warning',
      'clock.breached',
      'locate.requested',
      'locate.accepted',
      'locate.declined',
      'locate.escalated',
      'locate.answered',
      'locate.commented',
      'locate.refuted',
      'locate.closed',
      'care.recorded',
      'call.closed',
    ],
    centre: eventTypes.filter((type) => type.startsWith('locate.') || isFollowing(type)),
    doctor: eventTypes.filter(isFollowing),
    registry: [],
    planner: [
      'coverage.gap',
      'coverage.restored',
      'call.received',
      'unit.assigned',
      'unit.stood-down',
      'unit.status',
      'time-point.reported',
      'responder.alerted',
      'responder.accepted',
      'responder.declined',
      'responder.lapsed',
      'responder.arrived',
      'responder.stood-down',
      'redeployment.suggested',
      'redeployment.accepted',
      'redeployment.refused',
      'redeployment.withdrawn',
      'clock.warning',
      'clock.breached',
      'call.closed',
    ],
  };
  for (const [role, types] of Object.entries(own)) {
    const viewer = { role: role as 'crew', subject: subjects[role as 'crew'] ?? role };
    const seen = eventTypes.filter((type) => sightOf(viewer, event(type, ofAll), nobody) !== null);
    t.same([...seen].sort(), [...types].sort(), role);
    if (role === 'planner') continue;
    const others = { ...viewer, subject: 'another' };
    for (const type of eventTypes)
      t.equal(sightOf(others, event(type, ofAll), nobody), null, `another ${role} ${type}`);
    for (const type of eventTypes) t.equal(sightOf(viewer, event(type), nobody), null, `${role} ${type} about nobody`);
  }
  const hospital = { role: 'hospital', subject: 'h-1' } as const;
  t.equal(sightOf(hospital, event('time-point.reported', ofAll), nobody), 'whole');
  t.equal(sightOf(hospital, event('time-point.reported', { hospitalId: 'h-2' }), nobody), null);
});

t.test('a type nobody has thought of reaches nobody', async (t) => {
  for (const role of roles) t.equal(sightOf({ role, subject: 'x' }, event('patient.sold', ofAll), nobody), null);
});

t.test('a crew sees the events of its call while it is on it', async (t) => {
  const crew = { role: 'crew', subject: 'u-1' } as const;
  t.equal(sightOf(crew, event('clock.warning'), onCall), 'whole');
  t.equal(sightOf(crew, event('clock.warning', {}, 'c-2'), onCall), null, 'of another call');
  t.equal(sightOf(crew, event('call.updated', {}, 'c-1', 1), onCall), null, 'from before it was sent');
  t.equal(sightOf({ ...crew, subject: 'u-2' }, event('clock.warning'), onCall), null, 'another crew');
  t.equal(
    sightOf(crew, event('clock.warning', { unitIds: ['u-3', 'u-1'] }, 'c-9'), nobody),
    'whole',
    'named among units',
  );
});

t.test('positions: the desk and planners all, a crew its own and those on its call', async (t) => {
  const crews = new CrewLog(100);
  crews.take(event('unit.assigned', { unitId: 'u-1' }, 'c-1', 1));
  crews.take(event('unit.assigned', { unitId: 'u-2' }, 'c-1', 2));
  crews.take(event('unit.assigned', { unitId: 'u-3' }, 'c-2', 3));
  const where = (unitId: string) => ({ unitId, position: { lon: 116.3, lat: 39.9, crs: 'wgs84' as const }, at: 0 });
  const seen = (role: (typeof roles)[number], subject: string) =>
    ['u-1', 'u-2', 'u-3', 'u-4'].filter((unitId) => seesPosition({ role, subject }, where(unitId), crews));
  t.same(seen('dispatcher', 'x'), ['u-1', 'u-2', 'u-3', 'u-4']);
  t.same(seen('planner', 'x'), ['u-1', 'u-2', 'u-3', 'u-4']);
  t.same(seen('crew', 'u-1'), ['u-1', 'u-2']);
  t.same(seen('crew', 'u-4'), ['u-4'], 'a unit on no call is not with others on none');
  for (const role of ['centre', 'hospital', 'doctor', 'registry'] as const) t.same(seen(role, 'u-1'), []);
});

t.test('what a planner is shown holds no nested value and no field beyond the list', async (t) => {
  const whole = {
    unitId: 'u-1',
    status: 'on-scene',
    flags: ['late'],
    residentId: 'r-1',
    position: { lon: 1, lat: 2 },
    complaint: 'chest-pain',
    point: { address: 'smuggled' },
  };
  t.same(nameless(whole), { unitId: 'u-1', status: 'on-scene', flags: ['late'] });
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.constantFrom('residentId', 'name', 'phone', 'address', 'position', 'unitId', 'status'),
        fc.jsonValue(),
      ),
      (data) => {
        const shown = nameless(data);
        return Object.entries(shown).every(
          ([field, value]) =>
            ['unitId', 'status'].includes(field) &&
            (typeof value !== 'object' || value === null || Array.isArray(value)),
        );
      },
    ),
  );
});
