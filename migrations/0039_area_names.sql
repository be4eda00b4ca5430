-- What a sub-district is called in English, where a map says so; nobody makes names up.
ALTER TABLE areas ADD COLUMN name_en text;
