-- A restored database brings changes and a horizon along that another history has numbered, where transactions may have come
-- further. By such a horizon every position would be one that begins before it, and gateways would read everything anew for
-- ever; such changes would be new to them again and again. No transaction that is seen has a number that is still to come.

-- Forgets changes older than an hour and those of another history, and moves the horizon in the same transaction. Returns
-- how many there were.
CREATE OR REPLACE FUNCTION prune_changes() RETURNS bigint
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  WITH pruned AS (
    DELETE FROM changes
    WHERE at < now() - interval '1 hour' OR transaction_id >= pg_snapshot_xmax(pg_current_snapshot())
    RETURNING transaction_id
  ), moved AS (
    UPDATE change_horizon
    SET transaction_id = CASE
      WHEN greatest(transaction_id, (SELECT max(p.transaction_id) FROM pruned p))
        >= pg_snapshot_xmax(pg_current_snapshot()) THEN pg_current_xact_id()
      ELSE greatest(transaction_id, (SELECT max(p.transaction_id) FROM pruned p)) END
    WHERE EXISTS (SELECT FROM pruned) OR transaction_id >= pg_snapshot_xmax(pg_current_snapshot())
  )
  SELECT count(*) FROM pruned;
END;
