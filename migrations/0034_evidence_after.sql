-- A search is routed before what is known was put together: without `sealed`, whoever reads it first gathers it.
ALTER TABLE locate_requests ALTER COLUMN sealed DROP NOT NULL;
