-- A caller nobody answers: who is asked where they are, in which order, and what was found. What names a person is sealed.

-- What a community health centre wants to be asked for and how it wants to be told. A centre without a row has its
-- sub-district and its desk page.
CREATE TABLE locate_desks (
  centre_id text PRIMARY KEY,
  catchment geometry(MultiPolygon, 4326),
  -- webhook with its secret, e-mail addresses, mobile numbers
  sealed bytea NOT NULL,
  channels text[] NOT NULL
);
CREATE INDEX locate_desks_catchment ON locate_desks USING gist (catchment);

-- Who is on duty for a sub-district, and its police.
CREATE TABLE locate_duties (
  subdistrict_code text PRIMARY KEY,
  sealed bytea NOT NULL,
  channels text[] NOT NULL
);

-- Centres with a desk page open somewhere, as each instance last saw them.
CREATE TABLE locate_presence (
  centre_id text PRIMARY KEY,
  seen_at timestamptz NOT NULL
);

CREATE TABLE locate_requests (
  locate_request_id text PRIMARY KEY,
  call_id text NOT NULL REFERENCES calls ON DELETE CASCADE,
  reason text NOT NULL CHECK (reason IN ('no-answer-at-door', 'address-not-found', 'callback-unanswered')),
  status text NOT NULL CHECK (status IN ('requested', 'accepted', 'answered', 'escalated', 'closed')),
  raised_at timestamptz NOT NULL,
  role text NOT NULL,
  subject text NOT NULL,
  -- role, subject and Idempotency-Key of whoever raised it
  raised_key text UNIQUE,
  -- where the search begins
  lon double precision,
  lat double precision,
  subdistrict_code text,
  -- the centre it was routed to first; null: there is none
  community_centre_id text,
  flags text[] NOT NULL,
  -- the steps it climbs, as they were set when it was raised, and the one it has reached
  ladder jsonb NOT NULL,
  step smallint NOT NULL,
  -- the deadline: when nobody held it, or its holder did not answer, the next step is taken
  due_at timestamptz,
  -- exactly one centre and one person has it
  holder_centre_id text,
  sealed_holder bytea,
  held_at timestamptz,
  accepted_at timestamptz,
  answered_at timestamptz,
  closed_at timestamptz,
  closed_because text,
  -- whom they look for, the evidence, the likeliest places
  sealed bytea NOT NULL,
  CHECK ((holder_centre_id IS NULL) = (sealed_holder IS NULL)),
  CHECK ((status = 'closed') = (closed_at IS NOT NULL))
);
-- One search a call at a time: whoever raises a second is shown the first.
CREATE UNIQUE INDEX locate_requests_searching ON locate_requests (call_id)
  WHERE status IN ('requested', 'accepted', 'escalated');
CREATE INDEX locate_requests_call ON locate_requests (call_id);
CREATE INDEX locate_requests_due ON locate_requests (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX locate_requests_raised ON locate_requests (raised_at);

-- Who was disturbed, and at which step. `target` is a centre's id, or a sub-district's code for its duty.
CREATE TABLE locate_asks (
  locate_request_id text NOT NULL REFERENCES locate_requests ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('centre', 'subdistrict-duty')),
  target text NOT NULL,
  step smallint NOT NULL,
  asked_at timestamptz NOT NULL,
  declined_at timestamptz,
  PRIMARY KEY (locate_request_id, kind, target)
);
CREATE INDEX locate_asks_target ON locate_asks (target, asked_at DESC) WHERE kind = 'centre';

-- Every answer as it was given; the first stands, later ones are comments.
CREATE TABLE locate_answers (
  answer_id text PRIMARY KEY,
  locate_request_id text NOT NULL REFERENCES locate_requests ON DELETE CASCADE,
  at timestamptz NOT NULL,
  centre_id text NOT NULL,
  found boolean NOT NULL,
  stands boolean NOT NULL,
  flags text[] NOT NULL,
  sealed bytea NOT NULL
);
CREATE INDEX locate_answers_request ON locate_answers (locate_request_id, at);

-- Where somebody was really found. Known again by the resident, or by the phone or device of the call (blind keys).
CREATE TABLE confirmed_places (
  place_id text PRIMARY KEY,
  answer_id text NOT NULL UNIQUE REFERENCES locate_answers ON DELETE CASCADE,
  resident_ref bigint REFERENCES residents ON DELETE SET NULL,
  confirmed_at timestamptz NOT NULL,
  centre_id text NOT NULL,
  refuted_at timestamptz,
  refuted_by text,
  sealed bytea NOT NULL
);
CREATE INDEX confirmed_places_resident ON confirmed_places (resident_ref) WHERE resident_ref IS NOT NULL;
CREATE TABLE confirmed_place_keys (
  token bigint NOT NULL,
  place_id text NOT NULL REFERENCES confirmed_places ON DELETE CASCADE,
  PRIMARY KEY (token, place_id)
);
CREATE INDEX confirmed_place_keys_place ON confirmed_place_keys (place_id);

-- What has to be said outside, until it was heard. One message of a kind to each target by each channel.
CREATE TABLE locate_deliveries (
  delivery_id text PRIMARY KEY,
  locate_request_id text NOT NULL REFERENCES locate_requests ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('request', 'taken', 'over')),
  target_kind text NOT NULL CHECK (target_kind IN ('centre', 'subdistrict-duty')),
  target text NOT NULL,
  channel text NOT NULL CHECK (channel IN ('webhook', 'email', 'sms')),
  created_at timestamptz NOT NULL,
  due_at timestamptz,
  attempts integer NOT NULL DEFAULT 0,
  delivered_at timestamptz,
  -- why the last attempt failed, and why no more are made
  failure text,
  given_up text,
  UNIQUE (locate_request_id, kind, target_kind, target, channel)
);
CREATE INDEX locate_deliveries_due ON locate_deliveries (due_at) WHERE due_at IS NOT NULL;

ALTER TABLE locate_requests ALTER COLUMN sealed SET STORAGE EXTERNAL;
