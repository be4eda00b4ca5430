/** The map of response, and cover now or by plan. */
import { signal } from '@preact/signals';
import type { FeatureCollection } from 'geojson';
import { ask } from '../../shell/api.ts';
import { placeName } from '../../shell/gazetteer.ts';
import { speak } from '../../shell/language.ts';
import { emptyCollection, MapView, type PageLayer } from '../../shell/map-view.tsx';
import { Choices, download } from './choices.tsx';
import { type Cover, hexagons, query } from './data.ts';
import { percent } from './figures.ts';
import { Plot } from './plot.tsx';
import { words } from './words.ts';

const say = speak('planner', words);

/** Legible without colour vision: from light to dark. */
const fill = { fast: '#8fd0b4', near: '#e9c46a', late: '#b3151c' } as const;
const hexagonLayer = (source: string, colour: unknown): PageLayer =>
  ({
    id: source,
    type: 'fill',
    source,
    paint: { 'fill-color': colour, 'fill-opacity': 0.6, 'fill-outline-color': '#39434d' },
  }) as PageLayer;

export function ResponseMap() {
  const found = (hexagons.value ?? emptyCollection) as unknown as FeatureCollection;
  const colour = ['step', ['coalesce', ['get', 'meanSeconds'], 0], fill.fast, 361, fill.near, 481, fill.late];
  return (
    <>
      <Choices />
      <button type="button" onClick={() => void download('/v1/response-times/hexagons', 'response.geojson')}>
        {say('geojson')}
      </button>
      <Legend
        entries={[
          [fill.fast, say('legendFast')],
          [fill.near, say('legendNear')],
          [fill.late, say('legendLate')],
        ]}
      />
      <div class="tall">
        <MapView
          label={say('responseMap')}
          layers={() => [hexagonLayer('response', colour)]}
          data={{ response: found }}
        />
      </div>
    </>
  );
}

export function Legend({ entries }: { readonly entries: readonly (readonly [string, string])[] }) {
  return (
    <ul class="legend">
      {entries.map(([colour, text]) => (
        <li key={text}>
          <svg width="18" height="18" aria-hidden="true">
            <rect width="18" height="18" fill={colour} />
          </svg>{' '}
          {text}
        </li>
      ))}
    </ul>
  );
}

const basis = signal<'now' | 'plan'>('now');
const cover = signal<Cover | null>(null);
const byHour = signal<Cover['hours'] | null>(null);
export interface ToldGap {
  readonly unitId: string | null;
  readonly stationId: string | null;
}
/** Gaps told since the page was opened, by area. */
export const gaps = signal<ReadonlyMap<string, ToldGap>>(new Map());

export async function readCover(): Promise<void> {
  cover.value = await ask(`/v1/coverage?${query({ basis: basis.peek(), hexagons: true })}`);
  byHour.value ??= (await ask<Cover>(`/v1/coverage?${query({ basis: 'plan', byHour: true })}`)).hours;
}

export function Coverage() {
  const found = cover.value;
  if (!found) return <p class="lone">{say('loading')}</p>;
  const shape = (found.hexagons ?? emptyCollection) as unknown as FeatureCollection;
  const colour = ['match', ['get', 'cover'], 0, fill.late, 1, fill.near, fill.fast];
  const hours = byHour.value ?? [];
  return (
    <>
      {[...gaps.value].map(([area, { unitId, stationId }]) => (
        <p key={area} class="tag">
          {unitId && stationId ? say('gapNow', { unit: unitId, station: placeName(stationId) }) : say('gapNoMove')}
        </p>
      ))}
      <div class="choices">
        <label>
          {say('basis')}{' '}
          <select
            value={basis.value}
            onChange={({ currentTarget }) => {
              basis.value = currentTarget.value as 'now' | 'plan';
              void readCover();
            }}
          >
            <option value="now">{say('now')}</option>
            <option value="plan">{say('plan')}</option>
          </select>
        </label>
      </div>
      <div class="halves">
        <section class="card">
          <table>
            <thead>
              <tr>
                <th />
                <th>{say('once')}</th>
                <th>{say('twice')}</th>
              </tr>
            </thead>
            <tbody>
              {(
                [
                  ['people', found.people],
                  ['expectedCalls', found.calls],
                ] as const
              ).map(([key, sums]) => (
                <tr key={key}>
                  <th scope="row">{key === 'people' ? say('people') : say('expectedCalls')}</th>
                  <td class="figure">{percent(sums.singleShare)}</td>
                  <td class="figure">{percent(sums.doubleShare)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {hours.length > 0 && (
            <>
              <h2>{say('byHour')}</h2>
              <Plot
                label={say('byHour')}
                xLabel={say('hour')}
                x={hours.map(({ hour }) => hour)}
                xName={(hour) => (Number.isInteger(hour) ? String(hour) : '')}
                yName={(share) => `${Math.round(share * 100)} %`}
                series={[
                  {
                    label: say('once'),
                    values: hours.map(({ calls, people }) => calls.singleShare ?? people.singleShare),
                    kind: 'line',
                    colour: '--accent',
                  },
                  {
                    label: say('twice'),
                    values: hours.map(({ calls, people }) => calls.doubleShare ?? people.doubleShare),
                    kind: 'line',
                    colour: '--urgent',
                  },
                ]}
              />
            </>
          )}
        </section>
        <section class="card">
          <Legend
            entries={[
              [fill.late, say('cover0')],
              [fill.near, say('cover1')],
              [fill.fast, say('cover2')],
            ]}
          />
          <div class="tall">
            <MapView label={say('coverMap')} layers={() => [hexagonLayer('cover', colour)]} data={{ cover: shape }} />
          </div>
        </section>
      </div>
    </>
  );
}
