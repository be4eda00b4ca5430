/** The units as they stand. Positions come hundreds a second and go straight to the map; only a status draws anything else. */
import { signal } from '@preact/signals';
import type { Position } from '../../../domain/position.ts';
import type { UnitStatus, VehicleType } from '../../../domain/vocabulary.ts';
import { ask } from '../../shell/api.ts';
import type { LiveEvent } from '../../shell/live.ts';

export interface FleetUnit {
  readonly unitId: string;
  readonly vehicleType: VehicleType;
  status: UnitStatus;
  position: Position | null;
  /** Milliseconds since the epoch, by the service's clock. */
  positionAt: number | null;
}

/** Older than this a position is drawn as old; a crew on the road reports every few seconds. */
export const OLD_POSITION_MS = 60_000;

export const fleet = new Map<string, FleetUnit>();
/** Changes with every status. */
const fleetChanged = signal(0);
/** Told of every move. */
const watchers = new Set<() => void>();

export function onMove(watch: () => void): () => void {
  watchers.add(watch);
  return () => void watchers.delete(watch);
}
const moved = () => {
  for (const watch of watchers) watch();
};

interface Listed extends Omit<FleetUnit, 'positionAt'> {
  readonly positionAt: string | null;
}

export async function readFleet(): Promise<void> {
  const { units } = await ask<{ units: Listed[] }>('/v1/units');
  fleet.clear();
  for (const { unitId, vehicleType, status, position, positionAt } of units)
    fleet.set(unitId, {
      unitId,
      vehicleType,
      status,
      position,
      positionAt: positionAt ? Date.parse(positionAt) : null,
    });
  fleetChanged.value += 1;
  moved();
}

export function hearPosition({ at, data }: LiveEvent): void {
  const unit = fleet.get(data.unitId);
  if (!unit) return;
  unit.position = data.position;
  unit.positionAt = Date.parse(at);
  moved();
}

export function hearUnit(type: LiveEvent['type'], data: LiveEvent['data']): void {
  const unit = type === 'unit.status' ? fleet.get(data.unitId) : undefined;
  if (!unit || unit.status === data.status) return;
  unit.status = data.status;
  fleetChanged.value += 1;
  moved();
}
