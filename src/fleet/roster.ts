/** Units and places as this instance knows them, kept current by what each call's look-up brings along. */
import type { Capability, UnitStatus, VehicleType } from '../domain/vocabulary.ts';
import type { Place, PlaceKind, Unit } from './schema.ts';

/** A row of `units` as PostgreSQL's to_json writes it. */
export interface FleetRow {
  unit_id: string;
  vehicle_type: VehicleType;
  capabilities: Capability[];
  status: UnitStatus;
  station_id: string | null;
  lon: number | null;
  lat: number | null;
  position_at: string | null;
}

/** A row of `places` as PostgreSQL's to_json writes it. */
export interface PlaceRow {
  place_id: string;
  kind: PlaceKind;
  name: string;
  name_en: string | null;
  lon: number;
  lat: number;
  subdistrict_code: string | null;
  capabilities: string[];
}

export const unitOf = (row: FleetRow): Unit => ({
  unitId: row.unit_id,
  vehicleType: row.vehicle_type,
  capabilities: row.capabilities,
  status: row.status,
  position: row.lon === null || row.lat === null ? null : { lon: row.lon, lat: row.lat, crs: 'wgs84' },
  positionAt: row.position_at === null ? null : Date.parse(row.position_at),
  stationId: row.station_id,
});

export const placeOf = (row: PlaceRow): Place => ({
  placeId: row.place_id,
  kind: row.kind,
  name: row.name,
  nameEn: row.name_en,
  position: { lon: row.lon, lat: row.lat, crs: 'wgs84' },
  subdistrictCode: row.subdistrict_code,
  capabilities: row.capabilities,
});

/**
 * A cache that is never older than the look-up it came with. `horizon` is the oldest transaction still running then:
 * rows written by it or any later one are asked for next time, so that no commit is missed in whatever order they come.
 */
export class Roster {
  #units = new Map<string, Unit>();
  #places = new Map<string, Place>();
  #unitList: readonly Unit[] = [];
  #hospitals: readonly Place[] = [];
  #horizon = '0';

  get horizon(): string {
    return this.#horizon;
  }
  get units(): readonly Unit[] {
    return this.#unitList;
  }
  get hospitals(): readonly Place[] {
    return this.#hospitals;
  }
  unit(unitId: string): Unit | undefined {
    return this.#units.get(unitId);
  }
  placesOf(kind: PlaceKind): Place[] {
    return [...this.#places.values()].filter((place) => place.kind === kind);
  }

  /** All places anew: an import took some away. */
  replacePlaces(places: readonly Place[]): void {
    this.#places = new Map(places.map((place) => [place.placeId, place]));
    this.#hospitals = places.filter((place) => place.kind === 'hospital');
  }

  take(units: readonly FleetRow[], places: readonly PlaceRow[], horizon: string): void {
    for (const row of units) this.#units.set(row.unit_id, unitOf(row));
    for (const row of places) this.#places.set(row.place_id, placeOf(row));
    if (units.length) this.#unitList = [...this.#units.values()];
    if (places.length) this.#hospitals = [...this.#places.values()].filter((place) => place.kind === 'hospital');
    this.#horizon = horizon;
  }
}
