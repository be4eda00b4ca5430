-- The way back: what the crew saw and did, what the hospital found, what was learned of the resident, who follows up.

-- What was learned of a resident after the file was filed, sealed like the file and read with it in the same look-up.
-- Filing anew does not name this column, so it never erases it. Null costs nothing.
ALTER TABLE residents ADD COLUMN learned bytea;
ALTER TABLE residents ALTER COLUMN learned SET STORAGE EXTERNAL;

-- Who the patient of a call is: confirmed by a dispatcher, matched, said by the hospital, or settled by a person.
CREATE TABLE call_patients (
  call_id text PRIMARY KEY REFERENCES calls ON DELETE CASCADE,
  resident_id text NOT NULL REFERENCES residents (resident_id),
  how text NOT NULL CHECK (how IN ('confirmed', 'matched', 'outcome', 'person')),
  confidence real NOT NULL,
  settled_at timestamptz NOT NULL
);
CREATE INDEX call_patients_resident ON call_patients (resident_id, call_id);

-- Hospitals a patient is or was bound for; they see this call's care record, and nobody else's.
CREATE TABLE call_hospitals (
  call_id text NOT NULL REFERENCES calls ON DELETE CASCADE,
  hospital_id text NOT NULL,
  how text NOT NULL CHECK (how IN ('destination', 'handover', 'outcome', 'transfer')),
  since timestamptz NOT NULL,
  PRIMARY KEY (call_id, hospital_id)
);
CREATE INDEX call_hospitals_hospital ON call_hospitals (hospital_id, since DESC);

-- The care record: entries with ids made where they were written, so that what was written offline can be sent again.
-- Nothing is updated or deleted: an amendment is an entry of its own that names the one it amends.
CREATE TABLE care_entries (
  call_id text NOT NULL REFERENCES calls ON DELETE CASCADE,
  entry_id text NOT NULL,
  place bigint GENERATED ALWAYS AS IDENTITY,
  kind text NOT NULL CHECK (kind IN
    ('vitals', 'assessment', 'medication', 'procedure', 'history', 'identity', 'destination', 'handover', 'note')),
  at timestamptz NOT NULL,
  heard_at timestamptz NOT NULL,
  role text NOT NULL,
  subject text NOT NULL,
  amends text,
  flags text[] NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (call_id, entry_id),
  FOREIGN KEY (call_id, amends) REFERENCES care_entries (call_id, entry_id)
);
ALTER TABLE care_entries ALTER COLUMN sealed SET STORAGE EXTERNAL;

CREATE TABLE care_attachments (
  call_id text NOT NULL REFERENCES calls ON DELETE CASCADE,
  attachment_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('twelve-lead-ecg', 'photo', 'document')),
  media_type text NOT NULL,
  bytes integer NOT NULL,
  at timestamptz NOT NULL,
  heard_at timestamptz NOT NULL,
  role text NOT NULL,
  subject text NOT NULL,
  -- keyed, so that a repetition is known without opening the content
  content_token bigint NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (call_id, attachment_id)
);
ALTER TABLE care_attachments ALTER COLUMN sealed SET STORAGE EXTERNAL;

-- Reports of hospitals as they came; a later part is a row of its own, a correction supersedes the row it corrects.
CREATE TABLE outcomes (
  outcome_id text PRIMARY KEY,
  place bigint GENERATED ALWAYS AS IDENTITY,
  hospital_id text NOT NULL,
  -- the hospital's own name for the report
  report_id text,
  call_id text REFERENCES calls,
  state text NOT NULL CHECK (state IN ('matched', 'unmatched', 'dismissed', 'superseded')),
  -- why it waits for a person, or why a person put it aside
  reason text,
  corrects text REFERENCES outcomes,
  disposition text CHECK (disposition IN ('discharged', 'admitted', 'transferred', 'left', 'died')),
  arrived_at timestamptz,
  received_at timestamptz NOT NULL,
  written_back_at timestamptz,
  role text NOT NULL,
  subject text NOT NULL,
  source text NOT NULL CHECK (source IN ('json', 'fhir')),
  idempotency_key text,
  content_token bigint NOT NULL,
  sealed bytea NOT NULL,
  CHECK (state <> 'matched' OR call_id IS NOT NULL)
);
ALTER TABLE outcomes ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE INDEX outcomes_call ON outcomes (call_id, place);
CREATE INDEX outcomes_waiting ON outcomes (received_at DESC) WHERE state = 'unmatched';
CREATE INDEX outcomes_hospital ON outcomes (hospital_id, received_at DESC);
CREATE UNIQUE INDEX outcomes_report ON outcomes (hospital_id, report_id) WHERE report_id IS NOT NULL AND state <> 'superseded';
CREATE UNIQUE INDEX outcomes_key ON outcomes (role, subject, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- Each follow-up plan ever used, as its file stood.
CREATE TABLE follow_up_plans (
  version text PRIMARY KEY,
  text text NOT NULL,
  first_used_at timestamptz NOT NULL
);

-- What somebody has to do after a call. Reminder and due date are columns somebody looks at, not jobs.
CREATE TABLE follow_ups (
  follow_up_id text PRIMARY KEY,
  call_id text NOT NULL REFERENCES calls,
  resident_id text NOT NULL REFERENCES residents (resident_id),
  rule text NOT NULL,
  plan_version text NOT NULL REFERENCES follow_up_plans,
  -- where it goes without a family doctor, and when it is overdue
  community_centre_id text,
  status text NOT NULL CHECK (status IN ('due', 'overdue', 'done', 'cancelled')),
  scheduled_at timestamptz NOT NULL,
  remind_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  reminded_at timestamptz,
  overdue_at timestamptz,
  ended_at timestamptz,
  ended_role text,
  ended_subject text,
  -- what was found, in the words and codes of whoever followed up
  sealed_result bytea,
  -- one task a rule and call, however many reports ask for it
  UNIQUE (call_id, rule),
  CHECK ((status IN ('done', 'cancelled')) = (ended_at IS NOT NULL))
);
ALTER TABLE follow_ups ALTER COLUMN sealed_result SET STORAGE EXTERNAL;
CREATE INDEX follow_ups_remind ON follow_ups (remind_at) WHERE status = 'due' AND reminded_at IS NULL;
CREATE INDEX follow_ups_due ON follow_ups (due_at) WHERE status = 'due';
CREATE INDEX follow_ups_resident ON follow_ups (resident_id, due_at);
CREATE INDEX follow_ups_centre ON follow_ups (community_centre_id, due_at);
