-- An alert nobody answers: by when an answer is due, and that none came. Who let it lapse is free again and may still come.
ALTER TABLE responder_alerts
  ADD COLUMN answer_due_at timestamptz,
  DROP CONSTRAINT responder_alerts_status_check,
  ADD CONSTRAINT responder_alerts_status_check
    CHECK (status IN ('offered', 'alerted', 'accepted', 'declined', 'on-scene', 'stood-down', 'lapsed'));
UPDATE responder_alerts SET answer_due_at = alerted_at + interval '60 seconds' WHERE status = 'alerted';
CREATE INDEX responder_alerts_due ON responder_alerts (answer_due_at) WHERE status = 'alerted';
