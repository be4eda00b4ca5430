-- The city's roads, prepared, and what completed runs taught of the speeds on them.

-- A whole graph at a time: an instance asks which is the newest and takes it over while it serves.
CREATE TABLE road_graphs (
  graph_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  imported_at timestamptz NOT NULL,
  -- who is to be named for the data
  source text NOT NULL,
  -- SHA-256 of the prepared bytes, hex: an instance that has them on disk does not fetch them
  checksum text NOT NULL,
  bytes bigint NOT NULL,
  -- what was read and what was left out, as the import said it
  report jsonb NOT NULL
);
CREATE TABLE road_graph_parts (
  graph_id bigint NOT NULL REFERENCES road_graphs ON DELETE CASCADE,
  part integer NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (graph_id, part)
);
-- Numbers that hardly compress: trying costs time on every write.
ALTER TABLE road_graph_parts ALTER COLUMN bytes SET STORAGE EXTERNAL;

ALTER TABLE places DROP CONSTRAINT places_kind_check;
ALTER TABLE places ADD CONSTRAINT places_kind_check CHECK (kind IN
  ('hospital', 'station', 'community-centre', 'micro-fire-station', 'fire-station', 'clinic', 'defibrillator'));
-- What an import brought and the next one replaces; null: filed by hand, which no import touches.
ALTER TABLE places ADD COLUMN source text;

-- Tagged addresses of the map.
CREATE TABLE addresses (
  address_id text PRIMARY KEY,
  address text NOT NULL,
  lon double precision NOT NULL,
  lat double precision NOT NULL
);

-- One row a completed run that was looked at, whether it taught anything or not: no run teaches twice.
CREATE TABLE road_runs (
  assignment_id bigint PRIMARY KEY REFERENCES assignments ON DELETE CASCADE,
  call_id text NOT NULL REFERENCES calls ON DELETE CASCADE,
  unit_id text NOT NULL,
  en_route_at timestamptz NOT NULL,
  -- what was foreseen with the speeds known before this run; null where it could not be driven by road
  predicted_seconds real,
  actual_seconds real NOT NULL,
  -- why it taught nothing: `no-position`, `off-road`, `too-short`, `implausible`
  left_out text
);
CREATE INDEX road_runs_call ON road_runs (call_id);

-- Sums of what runs said of a zone (H3 cell), class and hour: shares of runs, and logarithms of speed against the table.
CREATE TABLE road_speeds (
  zone text NOT NULL,
  road_class text NOT NULL,
  hour smallint NOT NULL CHECK (hour BETWEEN 0 AND 23),
  weight double precision NOT NULL,
  log_sum double precision NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (zone, road_class, hour)
);
