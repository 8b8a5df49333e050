-- What is left of limits, for those whom they limit and those who set them; and what becomes of windows when the database's
-- clock is set back.

-- What the ledger of limits takes for the time.
CREATE FUNCTION ledger_time() RETURNS timestamptz
  LANGUAGE sql VOLATILE
  RETURN clock_timestamp();
REVOKE ALL ON FUNCTION ledger_time() FROM PUBLIC;

-- When the window of a period ends that a moment lies in.
CREATE FUNCTION window_end(period text, moment timestamptz) RETURNS timestamptz
  LANGUAGE sql STABLE
  RETURN (date_trunc(period, moment, 'UTC') AT TIME ZONE 'UTC' + ('1 ' || period)::interval) AT TIME ZONE 'UTC';
REVOKE ALL ON FUNCTION window_end(text, timestamptz) FROM PUBLIC;

-- Of a counter whose clock was set back by more than a window: the latest window that had begun before, and what was spent
-- of it, which still counts in the window in which its time has come again.
ALTER TABLE limit_counters
  ADD COLUMN latest_starts_at timestamptz NOT NULL DEFAULT '-infinity',
  ADD COLUMN latest_spent bigint NOT NULL DEFAULT 0;

-- As before, but for the clock. Where it was set back, the window that had begun goes on until its time has come again; but
-- no longer than until the end of the window after the present one: a limit of a second does not refuse for an hour. What
-- was spent and lent of it counts as spent. No lease is for longer than a window is, so that none outlives that.
CREATE OR REPLACE FUNCTION lease_limits(
    in_node_id text, in_tenant_ids text[], in_group_ids text[], in_environments text[], in_key_ids text[], in_periods text[],
    in_windows bigint[], in_spent bigint[], in_returned bigint[], in_urgent bigint[], in_ahead bigint[])
  RETURNS TABLE (
    place bigint, is_limited boolean, window_start bigint, window_length bigint, window_rest bigint, held bigint,
    remaining bigint, elsewhere bigint)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  wish record;
  counter limit_counters;
  allowed bigint;
  holds bigint;
  settled bigint;
  more bigint;
  told_at timestamptz;
  begins_at timestamptz;
  until timestamptz;
  nodes bigint := greatest(1, (SELECT count(*) FROM gateway_nodes n WHERE n.lease_expires_at > now()));
BEGIN
  -- In one order for all gateways, so that none waits for another that waits for it.
  FOR wish IN
    SELECT w.*
    FROM unnest(in_tenant_ids, in_group_ids, in_environments, in_key_ids, in_periods, in_windows, in_spent, in_returned,
      in_urgent, in_ahead) WITH ORDINALITY
      AS w (tenant_id, group_id, environment, key_id, period, held_of, spent, returned, urgent, ahead, place)
    ORDER BY w.tenant_id, w.group_id, w.environment, w.key_id, w.period
  LOOP
    allowed := limit_of(wish.tenant_id, wish.group_id, wish.environment, wish.key_id, wish.period);
    SELECT c.* INTO counter
    FROM limit_counters c
    WHERE c.tenant_id = wish.tenant_id AND c.group_id = wish.group_id AND c.environment = wish.environment
      AND c.subscription_key_id = wish.key_id AND c.period = wish.period
    FOR UPDATE;
    IF counter.tenant_id IS NULL AND allowed IS NOT NULL THEN
      INSERT INTO limit_counters (tenant_id, group_id, environment, subscription_key_id, period, starts_at, granted)
      SELECT g.tenant_id, g.id, wish.environment, wish.key_id, wish.period, '-infinity', allowed
      FROM api_groups g
      WHERE g.tenant_id = wish.tenant_id AND g.id = wish.group_id
      ON CONFLICT DO NOTHING;
      SELECT c.* INTO counter
      FROM limit_counters c
      WHERE c.tenant_id = wish.tenant_id AND c.group_id = wish.group_id AND c.environment = wish.environment
        AND c.subscription_key_id = wish.key_id AND c.period = wish.period
      FOR UPDATE;
    END IF;
    IF counter.tenant_id IS NULL THEN
      RETURN QUERY SELECT wish.place, false, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint,
        NULL::bigint;
      CONTINUE;
    END IF;
    -- Behind the lock: whoever waited for it may have done so beyond a window's end.
    told_at := ledger_time();
    begins_at := date_trunc(wish.period, told_at, 'UTC');
    IF begins_at > counter.starts_at OR window_end(wish.period, told_at) < counter.starts_at THEN
      DELETE FROM limit_leases l
      WHERE l.tenant_id = wish.tenant_id AND l.group_id = wish.group_id AND l.environment = wish.environment
        AND l.subscription_key_id = wish.key_id AND l.period = wish.period;
      counter.spent := counter.spent + counter.leased; counter.leased := 0;
      IF begins_at < counter.starts_at THEN
        IF counter.starts_at >= counter.latest_starts_at THEN
          counter.latest_starts_at := counter.starts_at; counter.latest_spent := counter.spent;
        END IF;
        counter.starts_at := window_end(wish.period, told_at);
      ELSE
        -- Where it has caught up, it may have been set forward: nobody knows how much time has passed.
        counter.spent := CASE WHEN counter.latest_starts_at > counter.starts_at AND counter.latest_starts_at <= begins_at
          THEN greatest(counter.spent, counter.latest_spent) ELSE 0 END;
        counter.starts_at := begins_at;
      END IF;
    END IF;
    begins_at := counter.starts_at;
    until := window_end(wish.period, begins_at);
    counter.granted := coalesce(allowed, counter.granted);
    SELECT l.amount INTO holds
    FROM limit_leases l
    WHERE l.tenant_id = wish.tenant_id AND l.group_id = wish.group_id AND l.environment = wish.environment
      AND l.subscription_key_id = wish.key_id AND l.period = wish.period AND l.node_id = in_node_id;
    holds := coalesce(holds, 0);
    IF wish.held_of = microseconds_of(begins_at) THEN
      -- What was given back of what another lease had let through is spent no more, and lent again.
      settled := greatest(least(wish.spent, holds), -counter.spent);
      counter.spent := counter.spent + settled; counter.leased := counter.leased - settled; holds := holds - settled;
      -- Beyond what it held: let through without the database, by the policy's leave.
      counter.spent := counter.spent + greatest(0, wish.spent - settled);
      settled := least(wish.returned, holds);
      counter.leased := counter.leased - settled; holds := holds - settled;
    END IF;
    more := CASE WHEN allowed IS NULL THEN 0 ELSE greatest(0, counter.granted - counter.spent - counter.leased) END;
    more := least(more, wish.urgent + least(wish.ahead, greatest(0, more - wish.urgent) / (2 * nodes)));
    counter.leased := counter.leased + more; holds := holds + more;
    UPDATE limit_counters c
    SET starts_at = counter.starts_at, ends_at = until, granted = counter.granted,
      spent = counter.spent, leased = counter.leased,
      latest_starts_at = counter.latest_starts_at, latest_spent = counter.latest_spent
    WHERE c.tenant_id = wish.tenant_id AND c.group_id = wish.group_id AND c.environment = wish.environment
      AND c.subscription_key_id = wish.key_id AND c.period = wish.period;
    INSERT INTO limit_leases AS l (tenant_id, group_id, environment, subscription_key_id, period, node_id, amount)
    VALUES (wish.tenant_id, wish.group_id, wish.environment, wish.key_id, wish.period, in_node_id, holds)
    ON CONFLICT ON CONSTRAINT limit_leases_pkey DO UPDATE SET amount = excluded.amount WHERE l.amount <> excluded.amount;
    IF more < wish.urgent AND counter.leased > holds THEN
      PERFORM pg_notify('latchkey_recalls', concat_ws(' ',
        in_node_id, wish.tenant_id, wish.group_id, wish.environment, nullif(wish.key_id, '')));
    END IF;
    RETURN QUERY SELECT wish.place, allowed IS NOT NULL, microseconds_of(begins_at),
      microseconds_of(until) - microseconds_of(begins_at),
      microseconds_of(least(until, told_at + (until - begins_at))) - microseconds_of(told_at), holds,
      counter.granted - counter.spent - counter.leased, counter.leased - holds;
  END LOOP;
END
$$;

-- As before, but that a window which had begun ahead of the clock is remembered as long.
CREATE OR REPLACE FUNCTION prune_limits() RETURNS bigint
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  WITH pruned AS (
    DELETE FROM limit_counters c
    WHERE c.ends_at < now() - interval '2 days' AND c.latest_starts_at < now() - interval '2 days'
    RETURNING 1
  )
  SELECT count(*) FROM pruned;
END;

-- How the limits stand of a key at a target, to either party of its authorization; or, of no key, those that all callers of
-- a target share: to its provider, to whose keys are authorized for it, and of what is live to all, whom calling it tells.
--
-- What gateways hold and have not let through is left; but not what is held by one that the database has not heard of for
-- longer than it may be silent, for nobody else can have it. Of a later moment: as if nothing were called until then.
CREATE FUNCTION limits_left(
    in_tenant_id text, in_group_id text, in_environment text, in_key_id text, in_at timestamptz DEFAULT NULL)
  RETURNS TABLE (mode text, period text, requests bigint, remaining bigint, resets_at timestamptz)
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  SELECT p.mode, l.period, l.requests,
    greatest(0, l.requests - coalesce(c.spent, 0) - coalesce((
      SELECT sum(h.amount)
      FROM limit_leases h
      WHERE h.tenant_id = c.tenant_id AND h.group_id = c.group_id AND h.environment = c.environment
        AND h.subscription_key_id = c.subscription_key_id AND h.period = c.period
        AND NOT EXISTS (SELECT FROM gateway_nodes n WHERE n.id = h.node_id AND n.lease_expires_at > now())), 0))::bigint,
    -- Where the clock was set back, as the next lease will have it.
    least(coalesce(c.ends_at, window_end(l.period, t.at)), window_end(l.period, window_end(l.period, t.at)))
  FROM (SELECT greatest(in_at, ledger_time()) AS at OFFSET 0) t
  CROSS JOIN (
    SELECT a.limit_policy_id AS policy_id
    FROM authorization_targets x
    JOIN authorizations a ON a.tenant_id = x.tenant_id AND a.id = x.authorization_id
    WHERE x.tenant_id = in_tenant_id AND x.group_id = in_group_id AND x.environment = in_environment
      AND x.subscription_key_id = in_key_id
      AND (x.tenant_id = current_tenant() OR x.subscriber_tenant_id = current_tenant())
    UNION ALL
    SELECT CASE in_environment
      WHEN 'test' THEN g.limit_policy_test WHEN 'preview' THEN g.limit_policy_preview
      WHEN 'online' THEN g.limit_policy_online END
    FROM api_groups g
    WHERE in_key_id = '' AND g.tenant_id = in_tenant_id AND g.id = in_group_id
      AND (g.tenant_id = current_tenant()
        OR EXISTS (
          SELECT FROM deployments d
          JOIN tenants o ON o.id = d.tenant_id
          WHERE d.tenant_id = in_tenant_id AND d.group_id = in_group_id AND d.environment = in_environment
            AND d.ended_at IS NULL AND o.state = 'active')
        OR EXISTS (
          SELECT FROM authorization_targets x
          WHERE x.tenant_id = in_tenant_id AND x.group_id = in_group_id AND x.environment = in_environment
            AND x.subscriber_tenant_id = current_tenant()))) given
  JOIN limit_policies p ON p.tenant_id = in_tenant_id AND p.id = given.policy_id
  CROSS JOIN LATERAL (VALUES
    ('second', p.per_second), ('minute', p.per_minute), ('hour', p.per_hour), ('day', p.per_day), ('month', p.per_month))
    AS l (period, requests)
  LEFT JOIN limit_counters c ON c.tenant_id = in_tenant_id AND c.group_id = in_group_id
    AND c.environment = in_environment AND c.subscription_key_id = in_key_id AND c.period = l.period
    AND c.ends_at > t.at
  WHERE l.requests IS NOT NULL;
END;
REVOKE ALL ON FUNCTION limits_left(text, text, text, text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION limits_left(text, text, text, text, timestamptz) TO latchkey_console;

-- How the limits stand of what the current tenant's keys were authorized for.
CREATE VIEW received_limits WITH (security_barrier) AS
  SELECT a.subscription_key_id, a.id AS authorization_id, x.group_id, x.environment, s.is_shared, l.mode, l.period,
    l.requests, l.remaining, l.resets_at
  FROM authorizations a
  JOIN authorization_targets x ON x.tenant_id = a.tenant_id AND x.authorization_id = a.id
  CROSS JOIN LATERAL (VALUES (false, x.subscription_key_id), (true, '')) AS s (is_shared, key_id)
  CROSS JOIN LATERAL limits_left(x.tenant_id, x.group_id, x.environment, s.key_id) l
  WHERE a.subscriber_tenant_id = current_tenant();
GRANT SELECT ON received_limits TO latchkey_console;
