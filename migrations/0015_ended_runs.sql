-- Completed runs of the last days are looked for every half minute, among all that ever were.
CREATE INDEX assignments_ended ON assignments (ended_at) WHERE ending IN ('completed', 'closed');
