-- Calls taken while the registry could not be read: decided anew as soon as it can be.
CREATE INDEX calls_without_history ON calls (call_id)
  WHERE 'history-unavailable' = ANY (flags) AND status NOT IN ('closed', 'cancelled');
