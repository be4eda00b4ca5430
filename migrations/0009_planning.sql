-- Siting plans under way and made: a plan outlives the instance that was making it with the best it had.
CREATE TABLE siting_plans (
  plan_id text PRIMARY KEY,
  role text NOT NULL,
  subject text NOT NULL,
  idempotency_key text,
  body_hash bytea NOT NULL,
  status text NOT NULL CHECK (status IN
    ('queued', 'running', 'optimal', 'feasible', 'infeasible', 'cancelled', 'interrupted', 'failed')),
  progress double precision NOT NULL DEFAULT 0,
  -- what was asked, without its numbers
  asked jsonb NOT NULL,
  -- the best so far, then the answer
  result jsonb,
  -- sites of the plan and existing ones, where their places are known
  places jsonb,
  cancel_asked boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL,
  -- when its instance last said that it is at it
  seen_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE UNIQUE INDEX siting_plans_key ON siting_plans (role, subject, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX siting_plans_created ON siting_plans (created_at DESC);

-- Calls of the past from other systems, for statistics and demand. Nobody is named, nothing here is sealed. Seconds are
-- kept as the clocks count them (a begun one counts), so that a million calls are one pass over a narrow table; null
-- where a time is missing or contradicts another.
CREATE TABLE past_calls (
  received_at timestamptz NOT NULL,
  -- H3 cell of resolution 9; the number h3-js writes in hexadecimal
  cell bigint,
  lon double precision,
  lat double precision,
  response_seconds integer,
  patient_seconds integer,
  travel_seconds integer,
  answer_seconds integer,
  dispatch_seconds integer,
  turnout_seconds integer,
  reach_seconds integer,
  -- hour of the day in China, 0 to 23
  hour smallint NOT NULL,
  priority smallint CHECK (priority BETWEEN 1 AND 4),
  cancelled boolean NOT NULL,
  subdistrict_code text,
  station_id text,
  vehicle_type text,
  unit_id text,
  complaint text,
  source_id text NOT NULL PRIMARY KEY
);
CREATE INDEX past_calls_received ON past_calls USING brin (received_at);

-- The H3 cell of calls taken here, found after the call was taken: intake waits for nothing planners need.
CREATE TABLE call_cells (
  call_id text PRIMARY KEY REFERENCES calls ON DELETE CASCADE,
  cell bigint NOT NULL
);

-- Cover as it was last told, so that a gap is told when it opens and not again while it lasts.
CREATE TABLE coverage_gaps (
  cell text PRIMARY KEY,
  opened_at timestamptz NOT NULL
);
