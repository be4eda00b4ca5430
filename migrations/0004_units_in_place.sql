-- A unit's row is written every second. With room on its page the new version stays there, no index is touched and the
-- table does not grow: measured, 16 % of updates stayed on their page before and all of them since.
ALTER TABLE units SET (fillfactor = 20);
