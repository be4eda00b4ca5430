/** Lines and areas the map asks the service for: the ways of units under way, and how far one gets in time. */
import { signal, useComputed, useSignalEffect } from '@preact/signals';
import type { Feature, FeatureCollection } from 'geojson';
import type { Position } from '../../../domain/position.ts';
import { ask, pathOf } from '../../shell/api.ts';
import { now } from '../../shell/clock.ts';
import { emptyCollection } from '../../shell/map-view.tsx';
import { board } from './board.ts';
import { desk } from './desk.ts';
import { collection } from './map-layers.ts';

const ROUTES_EVERY_MS = 5_000;
export const REACH_MINUTES = 8;

export const routes = signal<FeatureCollection>(emptyCollection);
export const reach = signal<FeatureCollection>(emptyCollection);
export const reachShown = signal(false);

export function switchReach(): void {
  reachShown.value = !reachShown.value;
}

/** The ways of the units on their way to the opened call. */
export function useRoutes(): void {
  const asked = useComputed(() => {
    const callId = desk.value?.call.value?.callId;
    const call = callId ? board.value.find((each) => each.peek().callId === callId)?.value : undefined;
    const coming = call?.units.filter(({ status }) => status === 'notified' || status === 'en-route') ?? [];
    return callId && coming.length > 0 ? `${callId} ${coming.map(({ unitId }) => unitId).join(' ')}` : '';
  });
  const turn = useComputed(() => `${asked.value}|${Math.floor(now.value / ROUTES_EVERY_MS)}`);
  useSignalEffect(() => {
    const [callId] = turn.value.split(/[ |]/);
    if (!callId) {
      routes.value = emptyCollection;
      return;
    }
    void ask<{ routes: { unitId: string; points: Position[] }[] }>(pathOf('v1', 'calls', callId, 'routes')).then(
      (answer) => {
        if (asked.peek().startsWith(callId))
          routes.value = collection(
            answer.routes.map(({ unitId, points }) => ({
              type: 'Feature',
              geometry: { type: 'LineString', coordinates: points.map(({ lon, lat }) => [lon, lat]) },
              properties: { unitId },
            })),
          );
      },
      () => {},
    );
  });
}

/** What the first units of the list reach in time; from where the call is, who could be there. */
export function useReach(): void {
  const from = useComputed(() => {
    if (!reachShown.value) return '';
    const first = desk.value?.shown.value?.units.find(({ satisfies }) => satisfies);
    return first ? `unitId=${encodeURIComponent(first.unitId)}` : '';
  });
  useSignalEffect(() => {
    const query = from.value;
    reach.value = emptyCollection;
    if (!query) return;
    void ask<FeatureCollection | Feature>(`/v1/reach?${query}&minutes=${REACH_MINUTES}`).then(
      (answer) => {
        if (from.peek() === query) reach.value = answer.type === 'Feature' ? collection([answer]) : answer;
      },
      () => {},
    );
  });
}
