-- Past calls a second time, a day in China a row and a column a value: what planners ask of a million of them is read in
-- a fraction of the time, and counted exactly. Values are big-endian integers one behind the other, the calls in the
-- same order in each column; names are places in the day's own list of names.
CREATE TABLE past_days (
  day date PRIMARY KEY,
  -- null: calls of the day changed, the rest of the row holds no longer and is packed anew before it is read
  calls integer,
  subdistricts text[],
  stations text[],
  vehicle_types text[],
  subdistrict bytea,
  station bytea,
  vehicle_type bytea,
  -- 0: not known
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
  reach bytea
);
-- Random seconds do not compress; trying to takes longer than reading them.
ALTER TABLE past_days
  ALTER COLUMN subdistrict SET STORAGE EXTERNAL, ALTER COLUMN station SET STORAGE EXTERNAL,
  ALTER COLUMN vehicle_type SET STORAGE EXTERNAL, ALTER COLUMN priority SET STORAGE EXTERNAL,
  ALTER COLUMN received SET STORAGE EXTERNAL, ALTER COLUMN response SET STORAGE EXTERNAL,
  ALTER COLUMN patient SET STORAGE EXTERNAL, ALTER COLUMN travel SET STORAGE EXTERNAL,
  ALTER COLUMN answer SET STORAGE EXTERNAL, ALTER COLUMN dispatch SET STORAGE EXTERNAL,
  ALTER COLUMN turnout SET STORAGE EXTERNAL,
  ALTER COLUMN reach SET STORAGE EXTERNAL;

-- The day in China, whatever the session's time zone.
CREATE FUNCTION china_day(at timestamptz) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT ((at AT TIME ZONE 'UTC') + interval '8 hours')::date $$;

-- A day is packed again by whoever reads it next. Marked in the transaction that changes a call, by the table itself, so
-- that no way of changing one forgets it; in the order of days, so that two imports at once do not deadlock.
CREATE FUNCTION mark_past_days() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    UPDATE past_days SET calls = NULL;
    RETURN NULL;
  END IF;
  INSERT INTO past_days (day) SELECT DISTINCT china_day(received_at) FROM changed ORDER BY 1
  ON CONFLICT (day) DO UPDATE SET calls = NULL WHERE past_days.calls IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER past_calls_filed AFTER INSERT ON past_calls
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION mark_past_days();
CREATE TRIGGER past_calls_changed_from AFTER UPDATE ON past_calls
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION mark_past_days();
CREATE TRIGGER past_calls_changed_to AFTER UPDATE ON past_calls
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION mark_past_days();
CREATE TRIGGER past_calls_deleted AFTER DELETE ON past_calls
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION mark_past_days();
CREATE TRIGGER past_calls_emptied AFTER TRUNCATE ON past_calls FOR EACH STATEMENT EXECUTE FUNCTION mark_past_days();

INSERT INTO past_days (day) SELECT DISTINCT china_day(received_at) FROM past_calls;

-- A day's calls are found by their time, in whatever order they were brought in.
DROP INDEX past_calls_received;
CREATE INDEX past_calls_received ON past_calls (received_at);
