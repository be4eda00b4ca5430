-- Simulations planners asked for. Whoever runs one says so every second; silence means that its instance is gone.
CREATE TABLE simulations (
  simulation_id text PRIMARY KEY,
  role text NOT NULL,
  subject text NOT NULL,
  idempotency_key text,
  body_hash bytea NOT NULL,
  request jsonb NOT NULL,
  status text NOT NULL CHECK (status IN ('waiting', 'running', 'done', 'cancelled', 'failed')),
  progress double precision NOT NULL DEFAULT 0,
  report jsonb,
  -- why it failed, in words that name nobody
  problem text,
  created_at timestamptz NOT NULL,
  heard_at timestamptz NOT NULL,
  finished_at timestamptz
);
CREATE UNIQUE INDEX simulations_key ON simulations (role, subject, idempotency_key);
CREATE INDEX simulations_created ON simulations (created_at DESC);
