-- A simulation that is broken off keeps the days it had, as a report that says so.
ALTER TABLE simulations DROP CONSTRAINT simulations_status_check;
ALTER TABLE simulations ADD CONSTRAINT simulations_status_check
  CHECK (status IN ('waiting', 'running', 'done', 'cancelled', 'interrupted', 'failed'));

-- Seconds the crew drove on moves in the same twelve hours: they count as its hours on calls do.
ALTER TABLE redeployments ADD COLUMN crew_drive_seconds integer NOT NULL DEFAULT 0;
