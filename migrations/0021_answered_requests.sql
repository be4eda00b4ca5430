-- What was answered to requests sent with an Idempotency-Key, written with what they did: sent again they get it again.
-- Calls have a table of their own, whose answers are sealed decisions. Nothing here names a person.
CREATE TABLE answered_requests (
  actor text NOT NULL,
  key text NOT NULL,
  request_hash bytea NOT NULL,
  answer jsonb,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (actor, key)
);
CREATE INDEX answered_requests_created ON answered_requests USING brin (created_at);
