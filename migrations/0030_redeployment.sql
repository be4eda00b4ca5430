-- Moves of idle units that were suggested, and what a dispatcher made of them. Nobody moves by themselves.
CREATE TABLE redeployments (
  redeployment_id text PRIMARY KEY,
  unit_id text NOT NULL REFERENCES units,
  from_station_id text,
  station_id text NOT NULL REFERENCES places,
  status text NOT NULL CHECK (status IN ('suggested', 'accepted', 'refused', 'withdrawn')),
  -- of expected cover, 0 to 1: before the move and after it
  cover_before double precision NOT NULL,
  cover_after double precision NOT NULL,
  drive_seconds integer NOT NULL,
  -- on calls in the twelve hours before, and moves accepted in the four before
  crew_busy_seconds integer NOT NULL,
  crew_moves integer NOT NULL,
  suggested_at timestamptz NOT NULL,
  decided_at timestamptz,
  role text,
  subject text
);
-- One question at a time, whatever the number of instances that look.
CREATE UNIQUE INDEX redeployments_open ON redeployments ((true)) WHERE status = 'suggested';
CREATE INDEX redeployments_unit ON redeployments (unit_id, decided_at DESC);
CREATE INDEX redeployments_suggested ON redeployments (suggested_at DESC);
