-- What a tagged address is found by: its words in pairs of characters, its numbers whole; the import writes both, so an
-- address that was there before is found from the next import on.
ALTER TABLE addresses
  ADD COLUMN keys text[] NOT NULL DEFAULT '{}',
  -- the first number in it, for the nearest door where the one asked for is not on the map
  ADD COLUMN number integer;
CREATE INDEX addresses_by_key ON addresses USING gin (keys);
