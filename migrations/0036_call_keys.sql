-- What a call is found by from a report that does not know its number: blind tokens of who the patient was by the crew's
-- card, the caller's words and earlier reports. Not the tokens residents are filed under, so that a dump joins nobody to a call.
CREATE TABLE call_keys (
  token bigint NOT NULL,
  call_id text NOT NULL REFERENCES calls ON DELETE CASCADE,
  PRIMARY KEY (token, call_id)
);
CREATE INDEX call_keys_call ON call_keys (call_id);
