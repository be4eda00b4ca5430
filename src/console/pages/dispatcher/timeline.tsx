/** What happened on a call, in order, with the time since it was received. */
import { clockTime, listed, minutes, name, speak } from '../../shell/language.ts';
import { Part } from './answer.tsx';
import type { Desk } from './desk.ts';
import { words } from './words.ts';

const say = speak('dispatcher', words);

// biome-ignore lint/suspicious/noExplicitAny: each type has fields of its own
type Data = any;

export function Timeline({ made }: { readonly made: Desk }) {
  const events = made.events.value;
  if (events.length === 0) return null;
  return (
    <Part title={say('timeline')}>
      <ol class="timeline">
        {events.map(({ seq, type, at, data }) => (
          <li key={seq}>
            <span class="figure">+{minutes((Date.parse(momentOf(type, at, data)) - made.answeredAt) / 1000)}</span>{' '}
            {sentence(type, data)} <time class="quiet">{clockTime(at)}</time>
          </li>
        ))}
      </ol>
    </Part>
  );
}

/** When it happened, as far as it was reported; else when it was heard. */
const momentOf = (type: string, at: string, data: Data): string =>
  type === 'time-point.reported' ? data.reportedAt : at;

function sentence(type: string, given: unknown): string {
  const data = given as Data;
  switch (type) {
    case 'time-point.reported': {
      const flags = (data.flags ?? []).map((flag: string) => name('report', flag));
      const point = say('reported', { unit: data.unitId ?? '', point: name('point', data.point) });
      return flags.length ? say('colon', { title: point, text: listed(flags) }) : point;
    }
    case 'unit.assigned':
      return say('eventAssigned', { unit: data.unitId });
    case 'unit.stood-down':
      return say('eventStoodDown', { unit: data.unitId });
    case 'unit.status':
      return say('eventStatus', { unit: data.unitId, status: name('unit', data.status) });
    case 'unit.offered':
      return say(data.kind === 'pre-emption' ? 'offerPreempt' : 'offerNearer', {
        unit: data.unitId,
        time: minutes(data.gainSeconds),
      });
    case 'clock.warning':
    case 'clock.breached':
      return say('colon', { title: name('event', type), text: name('leg', data.longestLeg) });
    case 'call.received':
    case 'recommendation.changed':
      return say('colon', {
        title: name('event', type),
        text: listed([name('priority', data.priority), name('vehicle', data.vehicleType)]),
      });
    default:
      return name('event', type);
  }
}
