-- Exchange in FHIR: who is who by the identifiers others use, and what goes to an external record platform.

-- Blind tokens of identifiers (system and value) a resident was filed with by Bundle; citizen numbers stand in resident_keys.
CREATE TABLE fhir_identifiers (
  token bigint NOT NULL,
  resident_id text NOT NULL REFERENCES residents (resident_id) ON DELETE CASCADE,
  PRIMARY KEY (token, resident_id)
);
CREATE INDEX fhir_identifiers_resident ON fhir_identifiers (resident_id);

-- What is to reach the record platform, one row for each event that changed a record. `seq` is the event's and in the
-- order of commit, so the rows of a resident are in the order in which things happened; the first that is neither
-- delivered nor discarded holds back those after it.
CREATE TABLE platform_deliveries (
  seq bigint PRIMARY KEY,
  resident_id text NOT NULL,
  call_id text,
  cause text NOT NULL,
  state text NOT NULL CHECK (state IN ('pending', 'delivered', 'dead', 'discarded')),
  -- the Bundle as it is sent, sealed
  sealed bytea NOT NULL,
  created_at timestamptz NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  -- when it may be tried; while one is trying, when that one has given up for sure
  due_at timestamptz NOT NULL,
  last_attempt_at timestamptz,
  -- status or kind of the last failure; never a text of the platform's
  last_failure text,
  ended_at timestamptz,
  ended_role text,
  ended_subject text,
  CHECK ((state IN ('delivered', 'discarded')) = (ended_at IS NOT NULL))
);
ALTER TABLE platform_deliveries ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE INDEX platform_deliveries_waiting ON platform_deliveries (resident_id, seq) WHERE state IN ('pending', 'dead');
CREATE INDEX platform_deliveries_due ON platform_deliveries (due_at) WHERE state = 'pending';
CREATE INDEX platform_deliveries_state ON platform_deliveries (state, seq DESC);
