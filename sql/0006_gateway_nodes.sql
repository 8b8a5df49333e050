-- Which gateways run, what each has in force, and until when it may be counted on.

-- Which history of which database transaction numbers belong to; numbers of another one mean nothing here. The timeline
-- comes from the WAL's name, which changes with a promotion at once; the control file's changes with the next checkpoint
-- only, but is all that a standby can tell.
CREATE FUNCTION feed_history() RETURNS text
  LANGUAGE sql STABLE
  RETURN concat_ws('/',
    (SELECT system_identifier FROM pg_control_system()),
    CASE WHEN pg_is_in_recovery() THEN (SELECT lpad(to_hex(timeline_id), 8, '0') FROM pg_control_checkpoint())
      ELSE lower(left(pg_walfile_name(pg_current_wal_lsn()), 8)) END,
    (SELECT oid FROM pg_database WHERE datname = current_database()),
    'changes'::regclass::oid);
GRANT EXECUTE ON FUNCTION feed_history() TO latchkey_console, latchkey_gateway;

-- Which run of the server it is: after a crash the numbers of transactions that were not written down are given to
-- others. A run ends with the postmaster, or with a crash of one of its processes, after which statistics begin anew.
CREATE FUNCTION feed_run() RETURNS text
  LANGUAGE sql STABLE
  RETURN concat_ws('/',
    extract(epoch FROM pg_postmaster_start_time()),
    (SELECT extract(epoch FROM stats_reset) FROM pg_stat_archiver));
GRANT EXECUTE ON FUNCTION feed_run() TO latchkey_console, latchkey_gateway;

CREATE TABLE gateway_nodes (
  -- One process's, from its start to its end.
  id text COLLATE "C" NOT NULL,
  -- What people know the node by. Of those that run, no two have the same.
  name text COLLATE "C" NOT NULL,
  -- Where in the change feed all its event loops stand; null until they stand anywhere.
  snapshot pg_snapshot,
  history text COLLATE "C",
  run text COLLATE "C",
  -- A node counts its lease for shorter than this, from before it asked for it.
  lease_expires_at timestamptz NOT NULL,
  -- From then on it answers no call unless it has renewed its lease.
  refuses_at timestamptz NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT gateway_nodes_pkey PRIMARY KEY (id),
  CONSTRAINT gateway_nodes_name_length CHECK (length(name) BETWEEN 1 AND 300),
  CONSTRAINT gateway_nodes_position_whole CHECK (num_nonnulls(snapshot, history, run) IN (0, 3)),
  CONSTRAINT gateway_nodes_refuses_after_lease CHECK (refuses_at >= lease_expires_at)
) WITH (fillfactor = 50);
ALTER TABLE gateway_nodes ENABLE ROW LEVEL SECURITY;
ALTER TABLE gateway_nodes FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON gateway_nodes TO latchkey_owner USING (true) WITH CHECK (true);
CREATE POLICY gateway ON gateway_nodes TO latchkey_gateway USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE (name, snapshot, history, run, lease_expires_at, refuses_at), DELETE
  ON gateway_nodes TO latchkey_gateway;
CREATE POLICY console ON gateway_nodes FOR SELECT TO latchkey_console USING (true);
GRANT SELECT ON gateway_nodes TO latchkey_console;

-- Forgets nodes that have refused everything for a day. Returns how many there were.
CREATE FUNCTION prune_gateway_nodes() RETURNS bigint
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  WITH pruned AS (DELETE FROM gateway_nodes WHERE refuses_at < now() - interval '1 day' RETURNING 1)
  SELECT count(*) FROM pruned;
END;
REVOKE ALL ON FUNCTION prune_gateway_nodes() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION prune_gateway_nodes() TO latchkey_console;
