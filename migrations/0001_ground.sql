-- Residents, calls, decisions and their events. What names a person is sealed; the rest is what queries need.
CREATE EXTENSION IF NOT EXISTS postgis;

-- A resident's whole file is one sealed value; the columns beside it serve look-up, access rules and planning.
CREATE TABLE residents (
  resident_ref bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  resident_id text NOT NULL UNIQUE,
  sealed bytea NOT NULL,
  keys bigint[] NOT NULL,
  home geometry(Point, 4326),
  subdistrict_code text,
  community_centre_id text,
  family_doctor_id text,
  filed_at timestamptz NOT NULL,
  confirmed_at timestamptz
);
-- Sealed values do not compress; trying costs time on every write.
ALTER TABLE residents ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE INDEX residents_home ON residents USING gist (home);
CREATE INDEX residents_doctor ON residents (family_doctor_id);

-- Blind index: keyed tokens of phones, devices, numbers, names and addresses. The key order makes the index cover the look-up.
CREATE TABLE resident_keys (
  token bigint NOT NULL,
  resident_ref bigint NOT NULL REFERENCES residents ON DELETE CASCADE,
  PRIMARY KEY (token, resident_ref)
);

-- Codes no risk group claims, counted so that the concept map can be mended. No resident is named here.
CREATE TABLE unmapped_codes (
  system text NOT NULL,
  code text NOT NULL,
  display text,
  times bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (system, code)
);

CREATE TABLE areas (
  subdistrict_code text PRIMARY KEY,
  name text NOT NULL,
  outline geometry(MultiPolygon, 4326) NOT NULL,
  source text
);
CREATE INDEX areas_outline ON areas USING gist (outline);

-- `changed` is the writing transaction: an instance asks for what changed since the oldest transaction that was
-- still running when it last looked, so it can miss no commit, in whatever order commits arrive.
CREATE TABLE units (
  unit_id text PRIMARY KEY,
  vehicle_type text NOT NULL CHECK (vehicle_type IN ('basic', 'intensive', 'isolation', 'special')),
  capabilities text[] NOT NULL,
  status text NOT NULL CHECK (status IN
    ('available', 'notified', 'en-route', 'on-scene', 'transporting', 'at-hospital', 'returning', 'off-duty')),
  station_id text,
  lon double precision,
  lat double precision,
  raw_position jsonb,
  position_at timestamptz,
  changed xid8 NOT NULL DEFAULT pg_current_xact_id()
);

CREATE TABLE places (
  place_id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('hospital', 'station', 'community-centre', 'micro-fire-station', 'fire-station')),
  name text NOT NULL,
  name_en text,
  lon double precision NOT NULL,
  lat double precision NOT NULL,
  subdistrict_code text,
  capabilities text[] NOT NULL DEFAULT '{}',
  changed xid8 NOT NULL DEFAULT pg_current_xact_id()
);

-- Each protocol ever decided with, so that a stored decision can be replayed after the protocol was replaced.
CREATE TABLE protocols (
  version text PRIMARY KEY,
  files jsonb NOT NULL,
  first_used_at timestamptz NOT NULL
);

CREATE TABLE calls (
  call_id text PRIMARY KEY,
  number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  status text NOT NULL CHECK (status IN
    ('open', 'assigned', 'en-route', 'on-scene', 'with-patient', 'transporting', 'at-hospital', 'closed', 'cancelled')),
  revision integer NOT NULL DEFAULT 1,
  channel text NOT NULL CHECK (channel IN ('phone', 'one-key', 'app', 'wearable', 'relay')),
  complaint text NOT NULL,
  priority smallint NOT NULL CHECK (priority BETWEEN 1 AND 4),
  vehicle_type text NOT NULL,
  received_at timestamptz NOT NULL,
  response_due_at timestamptz NOT NULL,
  accepted_at timestamptz NOT NULL,
  resident_id text,
  lon double precision,
  lat double precision,
  raw_position jsonb,
  uncertainty_metres double precision,
  location_source text,
  subdistrict_code text,
  flags text[] NOT NULL,
  -- the intake as it was accepted: caller, device, patient, address, words, answers
  sealed bytea NOT NULL
);
CREATE INDEX calls_live ON calls (received_at DESC) WHERE status NOT IN ('closed', 'cancelled');
CREATE INDEX calls_received ON calls (received_at DESC);

-- What was decided, from which facts, and what the dispatcher was shown; one row a revision of the call.
CREATE TABLE decisions (
  call_id text NOT NULL REFERENCES calls ON DELETE CASCADE,
  revision integer NOT NULL,
  decided_at timestamptz NOT NULL,
  protocol_version text NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (call_id, revision)
);

ALTER TABLE calls ALTER COLUMN sealed SET STORAGE EXTERNAL;
ALTER TABLE decisions ALTER COLUMN sealed SET STORAGE EXTERNAL;

-- The event log is the outbox. `event_head` hands out the sequence inside the writing transaction and its row lock is
-- held to the commit, so the sequence is gapless and in commit order: whoever has read up to n has missed nothing below n.
CREATE TABLE event_head (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  seq bigint NOT NULL
);
INSERT INTO event_head (seq) VALUES (0);

CREATE TABLE events (
  seq bigint PRIMARY KEY,
  type text NOT NULL,
  at timestamptz NOT NULL,
  call_id text,
  data jsonb NOT NULL
);
CREATE INDEX events_call ON events (call_id, seq);

CREATE TABLE idempotency_keys (
  actor text NOT NULL,
  key text NOT NULL,
  body_hash bytea NOT NULL,
  call_id text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (actor, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

-- Who read whose history, when, and for which call.
CREATE TABLE access_log (
  access_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  role text NOT NULL,
  subject text NOT NULL,
  resident_id text NOT NULL,
  call_id text,
  purpose text NOT NULL
);
CREATE INDEX access_log_resident ON access_log (resident_id, at);

-- How far a file import got, so that a broken-off one goes on where it stopped.
CREATE TABLE imports (
  file_hash text PRIMARY KEY,
  lines_done bigint NOT NULL,
  updated_at timestamptz NOT NULL
);
