-- How old a past caller's patient was, where the other system says it: whose history may stand in for theirs.
ALTER TABLE past_calls ADD COLUMN age_years smallint CHECK (age_years BETWEEN 0 AND 130);
