/** The planner's board: where minutes are lost, who is covered, where stations should stand. It names nobody. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { attempt } from '../../shell/actions.ts';
import { readGazetteer } from '../../shell/gazetteer.ts';
import { useCatchUp, useEvents } from '../../shell/hooks.ts';
import { useKeys } from '../../shell/keys.ts';
import { speak } from '../../shell/language.ts';
import { days, readHexagons, readTimes, readTrend } from './data.ts';
import { Coverage, gaps, ResponseMap, readCover } from './maps.tsx';
import { Report, readReport } from './report.tsx';
import { readEarlier } from './simulation/run.ts';
import { Simulations } from './simulation/simulation.tsx';
import { Siting } from './siting/siting.tsx';
import { Times } from './times.tsx';
import { words } from './words.ts';
import './style.css';

const say = speak('planner', words);
const views = ['clocks', 'where', 'coverage', 'siting', 'report', 'simulation'] as const;
type View = (typeof views)[number];
const view = signal<View>('clocks');

const readers: Readonly<Record<View, () => Promise<void>>> = {
  clocks: async () => void (await Promise.all([readTimes(), readTrend()])),
  where: readHexagons,
  coverage: readCover,
  siting: async () => {},
  report: async () => void (await Promise.all([readReport(), readTrend()])),
  simulation: readEarlier,
};

/** Once, whoever asks again while it is read: names first, as everything shows them. */
const readAll = () =>
  attempt(
    'planner',
    () => say('readAgain'),
    async () => {
      await readGazetteer();
      await readers[view.peek()]();
    },
  );

const show = (next: View) => {
  view.value = next;
};

export default function PlannerPage() {
  useCatchUp(async () => void (await readAll()), 'essential');
  useEffect(() => void readAll(), [view.value]);
  useEffect(() => {
    if (view.peek() === 'where') void attempt('hexagons', () => say('readAgain'), readHexagons);
  }, [days.value]);
  useEvents(({ type, data }) => {
    const told = data as { area?: string; unitId?: string | null; stationId?: string | null };
    if (type === 'coverage.gap' && told.area)
      gaps.value = new Map(gaps.value).set(told.area, {
        unitId: told.unitId ?? null,
        stationId: told.stationId ?? null,
      });
    if (type === 'coverage.restored') gaps.value = new Map([...gaps.value].filter(([area]) => area !== told.area));
  });
  useKeys(
    () => say('keysTitle'),
    [
      { key: '1', label: () => say('clocks'), run: () => show('clocks') },
      { key: '2', label: () => say('where'), run: () => show('where') },
      { key: '3', label: () => say('coverage'), run: () => show('coverage') },
      { key: '4', label: () => say('siting'), run: () => show('siting') },
      { key: '5', label: () => say('report'), run: () => show('report') },
      { key: '6', label: () => say('simulation'), run: () => show('simulation') },
      { key: 'R', label: () => say('readAgain'), run: () => void readAll() },
      { key: 'P', label: () => say('print'), run: () => print(), when: () => view.value === 'report' },
    ],
  );
  const titles = {
    clocks: say('clocks'),
    where: say('where'),
    coverage: say('coverage'),
    siting: say('siting'),
    report: say('report'),
    simulation: say('simulation'),
  };
  return (
    <div class="planner">
      <header class="not-printed">
        <h2>{say('board')}</h2>
        <nav aria-label={say('tabs')}>
          {views.map((each, place) => (
            <button
              key={each}
              type="button"
              aria-current={each === view.value ? 'page' : undefined}
              onClick={() => show(each)}
            >
              <kbd>{place + 1}</kbd> {titles[each]}
            </button>
          ))}
        </nav>
        <span class="quiet">{say('noIdentities')}</span>
      </header>
      {view.value === 'clocks' && <Times />}
      {view.value === 'where' && <ResponseMap />}
      {view.value === 'coverage' && <Coverage />}
      {view.value === 'siting' && <Siting />}
      {view.value === 'report' && <Report />}
      {view.value === 'simulation' && <Simulations />}
    </div>
  );
}
