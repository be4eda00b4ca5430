-- First responders other than ambulances: who there is, who was offered for which call, alerted, and what came of it.
CREATE TABLE responders (
  responder_id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('micro-fire-station', 'fire-station', 'volunteer', 'defibrillator')),
  place geometry(Point, 4326) NOT NULL,
  raw_position jsonb NOT NULL,
  on_duty boolean NOT NULL,
  -- of the day in China, minutes after midnight; null: always. From after to: over midnight.
  from_minute smallint,
  to_minute smallint,
  channels text[] NOT NULL,
  -- names, addresses to alert, where exactly a defibrillator hangs
  sealed bytea NOT NULL,
  updated_at timestamptz NOT NULL,
  CHECK ((from_minute IS NULL) = (to_minute IS NULL))
);
CREATE INDEX responders_place ON responders USING gist (place);

-- Calls responders were looked for, and where it was then: a call that moves is looked at again.
CREATE TABLE responder_offers (
  call_id text PRIMARY KEY REFERENCES calls ON DELETE CASCADE,
  lon double precision NOT NULL,
  lat double precision NOT NULL,
  offered_at timestamptz NOT NULL
);

CREATE TABLE responder_alerts (
  alert_id text PRIMARY KEY,
  call_id text NOT NULL REFERENCES calls ON DELETE CASCADE,
  responder_id text NOT NULL REFERENCES responders,
  status text NOT NULL CHECK (status IN ('offered', 'alerted', 'accepted', 'declined', 'on-scene', 'stood-down')),
  distance_metres integer NOT NULL,
  -- from being alerted to being with the patient, as predicted
  predicted_seconds integer NOT NULL,
  offered_at timestamptz NOT NULL,
  alerted_at timestamptz,
  answered_at timestamptz,
  on_scene_at timestamptz,
  ended_at timestamptz,
  -- lets whoever was alerted answer without a role of their own
  answer_hash bytea,
  UNIQUE (call_id, responder_id)
);
-- Nobody is on two calls, whatever the code above does; a defibrillator is not alerted.
CREATE UNIQUE INDEX responder_alerts_busy ON responder_alerts (responder_id) WHERE status IN ('alerted', 'accepted', 'on-scene');
CREATE UNIQUE INDEX responder_alerts_answer ON responder_alerts (answer_hash) WHERE answer_hash IS NOT NULL;

-- What has to be said outside, until it was heard.
CREATE TABLE responder_deliveries (
  delivery_id text PRIMARY KEY,
  alert_id text NOT NULL REFERENCES responder_alerts ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('alert', 'over')),
  channel text NOT NULL CHECK (channel IN ('webhook', 'email', 'sms')),
  -- what is said, and the key to answer with
  sealed bytea NOT NULL,
  created_at timestamptz NOT NULL,
  due_at timestamptz,
  attempts integer NOT NULL DEFAULT 0,
  delivered_at timestamptz,
  failure text,
  UNIQUE (alert_id, kind, channel)
);
CREATE INDEX responder_deliveries_due ON responder_deliveries (due_at) WHERE due_at IS NOT NULL;
