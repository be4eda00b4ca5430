-- A sub-district that was stated stands; one found by outline is found again when the outlines are corrected. Of what is
-- there already nobody knows which it was, and outlines are the surer word.
ALTER TABLE residents ADD COLUMN subdistrict_stated boolean NOT NULL DEFAULT false;
ALTER TABLE places ADD COLUMN subdistrict_stated boolean NOT NULL DEFAULT false;
