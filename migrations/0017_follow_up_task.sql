-- The task as the plan had it when it was scheduled: a plan replaced since does not change what was asked for.
ALTER TABLE follow_ups ADD COLUMN task jsonb NOT NULL;
