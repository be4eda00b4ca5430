-- A call lived through: who was sent, what was reported when, and when the clocks spoke.

-- The call a unit is on. Claiming a unit is one conditional update of its row.
ALTER TABLE units ADD COLUMN call_id text REFERENCES calls;

CREATE TABLE assignments (
  assignment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  call_id text NOT NULL REFERENCES calls ON DELETE CASCADE,
  unit_id text NOT NULL REFERENCES units,
  assigned_at timestamptz NOT NULL,
  role text NOT NULL,
  subject text NOT NULL,
  -- what the unit lacked of the requirement as it then was; empty: it qualifies for the response clock
  shortfalls text[] NOT NULL,
  -- why it was sent all the same, sealed: free text may name people
  sealed_reason bytea,
  predicted_on_scene_at timestamptz,
  ended_at timestamptz,
  ending text CHECK (ending IN ('stood-down', 'completed', 'closed', 'cancelled')),
  CHECK ((ended_at IS NULL) = (ending IS NULL))
);
-- No unit is on two calls, whatever the code above does.
CREATE UNIQUE INDEX assignments_unit ON assignments (unit_id) WHERE ended_at IS NULL;
CREATE INDEX assignments_call ON assignments (call_id);

-- Every report as it was heard; `counts` marks the one the clocks use. Nothing is updated but that mark, nothing deleted.
CREATE TABLE time_points (
  report_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  call_id text NOT NULL REFERENCES calls ON DELETE CASCADE,
  unit_id text,
  point text NOT NULL CHECK (point IN
    ('call-received', 'unit-notified', 'unit-acknowledged', 'en-route', 'on-scene', 'at-patient', 'left-scene',
     'at-destination', 'handed-over', 'in-service', 'cancelled')),
  at timestamptz NOT NULL,
  heard_at timestamptz NOT NULL,
  role text NOT NULL,
  subject text NOT NULL,
  flags text[] NOT NULL DEFAULT '{}',
  counts boolean NOT NULL
);
CREATE UNIQUE INDEX time_points_counting ON time_points (call_id, coalesce(unit_id, ''), point) WHERE counts;
CREATE INDEX time_points_call ON time_points (call_id, at);

-- First responders other than ambulances: recorded apart, they stop no clock.
CREATE TABLE responder_arrivals (
  call_id text NOT NULL REFERENCES calls ON DELETE CASCADE,
  responder_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('micro-fire-station', 'fire-station', 'volunteer', 'defibrillator')),
  at timestamptz NOT NULL,
  heard_at timestamptz NOT NULL,
  PRIMARY KEY (call_id, responder_id)
);

-- The clocks of a call, from the first qualifying ambulance, kept beside it so that a million calls are one scan.
ALTER TABLE calls
  ADD COLUMN en_route_at timestamptz,
  ADD COLUMN on_scene_at timestamptz,
  ADD COLUMN at_patient_at timestamptz,
  ADD COLUMN first_unit_id text,
  ADD COLUMN predicted_on_scene_at timestamptz,
  -- which warnings were given: `predicted` arrival past the target, `time` running out
  ADD COLUMN warnings text[] NOT NULL DEFAULT '{}',
  ADD COLUMN breached_at timestamptz,
  ADD COLUMN ended_at timestamptz,
  ADD COLUMN end_reason bytea;
-- Deadlines are these rows: whoever wakes up looks here for what is due.
CREATE INDEX calls_clock ON calls (response_due_at)
  WHERE on_scene_at IS NULL AND breached_at IS NULL AND status NOT IN ('closed', 'cancelled');

-- Every position as it was heard; odd ones are flagged and not used.
CREATE TABLE positions (
  unit_id text NOT NULL,
  at timestamptz NOT NULL,
  heard_at timestamptz NOT NULL,
  lon double precision NOT NULL,
  lat double precision NOT NULL,
  raw_position jsonb NOT NULL,
  speed real,
  heading real,
  flags text[] NOT NULL DEFAULT '{}'
);
CREATE INDEX positions_unit ON positions (unit_id, at DESC);

-- One-use tickets for the websocket, as hashes.
CREATE TABLE live_tickets (
  ticket_hash bytea PRIMARY KEY,
  role text NOT NULL,
  subject text NOT NULL,
  expires_at timestamptz NOT NULL
);

-- How far the relay has handed events to the queues.
CREATE TABLE relay_cursors (
  name text PRIMARY KEY,
  seq bigint NOT NULL
);
