-- How long usage is kept is for each installation to say. A console that says nothing keeps it as long as before.
DROP FUNCTION prune_usage();

-- Drops the partitions all of whose time is longer ago than is kept of their table, and forgets gateways that have told nothing
-- for longer than any of them would keep what it counted. Gives how many partitions that were.
CREATE FUNCTION prune_usage(
    in_minutes_kept interval DEFAULT NULL, in_hours_kept interval DEFAULT NULL, in_days_kept interval DEFAULT NULL)
  RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
  old record;
  dropped bigint := 0;
BEGIN
  PERFORM set_config('lock_timeout', '2s', true);
  FOR old IN
    SELECT c.relname
    FROM usage_levels() l
    JOIN pg_inherits i ON i.inhparent = l.relation::regclass
    JOIN pg_class c ON c.oid = i.inhrelid
    WHERE (to_timestamp(substr(c.relname, length(l.relation) + 2), l.partition_format)::timestamp
        + ('1 ' || l.partition_unit)::interval) AT TIME ZONE 'UTC'
      <= now() - coalesce(
        CASE l.unit WHEN 'minute' THEN in_minutes_kept WHEN 'hour' THEN in_hours_kept WHEN 'day' THEN in_days_kept END,
        l.kept)
    ORDER BY c.relname
  LOOP
    EXECUTE format('DROP TABLE %I', old.relname);
    dropped := dropped + 1;
  END LOOP;
  DELETE FROM usage_senders s WHERE s.heard_at < now() - interval '400 days';
  RETURN dropped;
END
$$;
REVOKE ALL ON FUNCTION prune_usage(interval, interval, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION prune_usage(interval, interval, interval) TO latchkey_console;
