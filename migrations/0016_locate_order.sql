-- The centres in the order in which a search turns to them, as they were when it was raised: climbing asks for no more.
ALTER TABLE locate_requests ADD COLUMN centre_order text[] NOT NULL DEFAULT '{}';
-- What was asked under an Idempotency-Key, so that the same key with another body is refused.
ALTER TABLE locate_requests ADD COLUMN raised_hash bytea;
