-- Ended calls taken here a second time, packed by day as `past_days` packs those brought in. Calls that have not ended
-- are not in it, nor is anything of a day that is not over: both are few, and are read where they are.
CREATE TABLE call_days (
  day date PRIMARY KEY,
  calls integer NOT NULL,
  subdistricts text[],
  -- first units: a unit's station is looked up when it is read
  units text[],
  vehicle_types text[],
  -- H3 cells of resolution 9, in hexadecimal
  cells text[],
  subdistrict bytea,
  unit bytea,
  vehicle_type bytea,
  cell bytea,
  priority bytea,
  -- milliseconds since the day began
  received bytea,
  -- seconds; −1 where there are none; of the clocks −2 where the call was cancelled
  response bytea,
  patient bytea,
  travel bytea,
  answer bytea,
  dispatch bytea,
  turnout bytea,
  reach bytea,
  -- drives that were foreseen: the place of their call in the columns above, and actual less foreseen seconds (float4)
  drive_call bytea,
  drive_error bytea
);
ALTER TABLE call_days
  ALTER COLUMN subdistrict SET STORAGE EXTERNAL, ALTER COLUMN unit SET STORAGE EXTERNAL,
  ALTER COLUMN vehicle_type SET STORAGE EXTERNAL, ALTER COLUMN cell SET STORAGE EXTERNAL,
  ALTER COLUMN priority SET STORAGE EXTERNAL, ALTER COLUMN received SET STORAGE EXTERNAL,
  ALTER COLUMN response SET STORAGE EXTERNAL, ALTER COLUMN patient SET STORAGE EXTERNAL,
  ALTER COLUMN travel SET STORAGE EXTERNAL, ALTER COLUMN answer SET STORAGE EXTERNAL,
  ALTER COLUMN dispatch SET STORAGE EXTERNAL, ALTER COLUMN turnout SET STORAGE EXTERNAL,
  ALTER COLUMN reach SET STORAGE EXTERNAL, ALTER COLUMN drive_call SET STORAGE EXTERNAL,
  ALTER COLUMN drive_error SET STORAGE EXTERNAL;

-- Packed days of which something changed since: they are read call by call until they are packed anew. Rows are only
-- added and, by the packer, deleted: nobody who ends a call waits for another who does.
CREATE TABLE call_days_changed (day date NOT NULL);
CREATE INDEX call_days_changed_day ON call_days_changed (day);

-- In the transaction that changes a call. Whoever changes a day holds it in common with others who do; whoever packs it
-- holds it alone, so that a packed day has all that was committed, and what comes later finds it packed and marks it.
CREATE FUNCTION mark_call_days(days date[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(46, day - date '2000-01-01') FROM unnest(days) AS d (day);
  INSERT INTO call_days_changed (day)
  SELECT day FROM call_days d
  WHERE day = ANY (days) AND NOT EXISTS (SELECT FROM call_days_changed c WHERE c.day = d.day);
END $$;

-- A call is taken in open, so taking one in asks for none of this.
CREATE FUNCTION mark_call_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM mark_call_days(ARRAY[china_day(OLD.received_at), china_day(NEW.received_at)]);
  RETURN NULL;
END $$;
CREATE TRIGGER calls_ended_changed AFTER UPDATE ON calls FOR EACH ROW
  WHEN (OLD.status IN ('closed', 'cancelled') OR NEW.status IN ('closed', 'cancelled'))
  EXECUTE FUNCTION mark_call_day();

CREATE FUNCTION mark_days_of_calls() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM mark_call_days(days) FROM (
    SELECT array_agg(DISTINCT china_day(c.received_at)) AS days
    FROM changed JOIN calls c USING (call_id) WHERE c.status IN ('closed', 'cancelled')
  ) of_ended WHERE days IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER call_cells_filed AFTER INSERT ON call_cells
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION mark_days_of_calls();
CREATE TRIGGER road_runs_kept AFTER INSERT ON road_runs
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION mark_days_of_calls();

CREATE FUNCTION forget_call_days() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM call_days;
  RETURN NULL;
END $$;
CREATE TRIGGER calls_gone AFTER DELETE OR TRUNCATE ON calls FOR EACH STATEMENT EXECUTE FUNCTION forget_call_days();
