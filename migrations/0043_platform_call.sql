-- What was sent of a call before is looked up for each event that changes it.
CREATE INDEX platform_deliveries_call ON platform_deliveries (call_id, resident_id, seq DESC);
