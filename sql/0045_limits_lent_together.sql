-- Limits are lent many at a time. Each counter had statements of its own, seven of them and a function that the planner cannot
-- look into, which took some 0.2 ms a counter: with a few hundred keys limited by the second, calls waited longer for the
-- ledger than they may. Now what is asked together is read, decided and written together.

-- Made again, to be the youngest: of indexes that seem to cost the same, as all do until a table was first analyzed, the
-- planner takes the youngest (seen on 15.18), which had it read all of a provider's targets in an environment for each counter.
ALTER TABLE authorization_targets
  DROP CONSTRAINT authorization_targets_key_and_target_unique,
  ADD CONSTRAINT authorization_targets_key_and_target_unique
    UNIQUE (tenant_id, group_id, environment, subscription_key_id);

-- How many requests a period allows a key at a target, or all callers there (an empty key id); no row: any number. Answers
-- in the statement that asks, without a call.
CREATE FUNCTION allowed_requests(
    in_tenant_id text, in_group_id text, in_environment text, in_key_id text, in_period text)
  RETURNS TABLE (requests bigint)
  LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT CASE in_period
    WHEN 'second' THEN p.per_second WHEN 'minute' THEN p.per_minute WHEN 'hour' THEN p.per_hour
    WHEN 'day' THEN p.per_day WHEN 'month' THEN p.per_month END
  FROM limit_policies p
  WHERE p.tenant_id = in_tenant_id AND p.id = CASE
    WHEN in_key_id = '' THEN (
      SELECT CASE in_environment
        WHEN 'test' THEN g.limit_policy_test WHEN 'preview' THEN g.limit_policy_preview
        WHEN 'online' THEN g.limit_policy_online END
      FROM api_groups g
      WHERE g.tenant_id = in_tenant_id AND g.id = in_group_id)
    ELSE (
      SELECT a.limit_policy_id
      FROM authorizations a
      WHERE a.tenant_id = in_tenant_id AND a.id = (
        SELECT x.authorization_id
        FROM authorization_targets x
        WHERE x.tenant_id = in_tenant_id AND x.group_id = in_group_id AND x.environment = in_environment
          AND x.subscription_key_id = in_key_id)) END;
END;
REVOKE ALL ON FUNCTION allowed_requests(text, text, text, text, text) FROM PUBLIC;

-- As before, and with the same answers; no counter may be asked about twice in one call. Each statement is planned once for
-- any number of counters, and finds each by its index whatever statistics there are.
CREATE OR REPLACE FUNCTION lease_limits(
    in_node_id text, in_tenant_ids text[], in_group_ids text[], in_environments text[], in_key_ids text[], in_periods text[],
    in_windows bigint[], in_spent bigint[], in_returned bigint[], in_urgent bigint[], in_ahead bigint[])
  RETURNS TABLE (
    place bigint, is_limited boolean, window_start bigint, window_length bigint, window_rest bigint, held bigint,
    remaining bigint, elsewhere bigint)
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
  wish record;
  counter limit_counters;
  counters limit_counters[] := '{}';
  leases bigint[] := '{}';
  ended limit_counters[] := '{}';
  holds bigint;
  settled bigint;
  more bigint;
  told_at timestamptz;
  begins_at timestamptz;
  until timestamptz;
  nodes bigint := greatest(1, (SELECT count(*) FROM gateway_nodes n WHERE n.lease_expires_at > now()));
BEGIN
  -- Both in one order for all gateways, and all that is new before all that is locked, so that none waits for another that
  -- waits for it.
  INSERT INTO limit_counters (tenant_id, group_id, environment, subscription_key_id, period, starts_at, granted)
  SELECT w.tenant_id, w.group_id, w.environment, w.key_id, w.period, '-infinity', l.requests
  FROM (
    SELECT w.*
    FROM unnest(in_tenant_ids, in_group_ids, in_environments, in_key_ids, in_periods)
      AS w (tenant_id, group_id, environment, key_id, period)
    WHERE NOT EXISTS (
      SELECT FROM limit_counters c
      WHERE c.tenant_id = w.tenant_id AND c.group_id = w.group_id AND c.environment = w.environment
        AND c.subscription_key_id = w.key_id AND c.period = w.period)
    -- First which there are none of, which is hardly ever any.
    OFFSET 0) w
  CROSS JOIN LATERAL allowed_requests(w.tenant_id, w.group_id, w.environment, w.key_id, w.period) l
  WHERE l.requests IS NOT NULL
  ORDER BY w.tenant_id, w.group_id, w.environment, w.key_id, w.period
  ON CONFLICT DO NOTHING;
  PERFORM FROM unnest(in_tenant_ids, in_group_ids, in_environments, in_key_ids, in_periods)
    AS w (tenant_id, group_id, environment, key_id, period)
  JOIN limit_counters c ON c.tenant_id = w.tenant_id AND c.group_id = w.group_id AND c.environment = w.environment
    AND c.subscription_key_id = w.key_id AND c.period = w.period
  ORDER BY w.tenant_id, w.group_id, w.environment, w.key_id, w.period
  FOR NO KEY UPDATE OF c;
  -- Behind the locks: whoever waited for them may have done so beyond a window's end.
  told_at := ledger_time();
  FOR wish IN
    SELECT w.*,
      (SELECT l.requests FROM allowed_requests(w.tenant_id, w.group_id, w.environment, w.key_id, w.period) l) AS allowed,
      (SELECT c
        FROM limit_counters c
        WHERE c.tenant_id = w.tenant_id AND c.group_id = w.group_id AND c.environment = w.environment
          AND c.subscription_key_id = w.key_id AND c.period = w.period) AS counter,
      coalesce(
        (SELECT l.amount
          FROM limit_leases l
          WHERE l.tenant_id = w.tenant_id AND l.group_id = w.group_id AND l.environment = w.environment
            AND l.subscription_key_id = w.key_id AND l.period = w.period AND l.node_id = in_node_id), 0) AS holds
    FROM unnest(in_tenant_ids, in_group_ids, in_environments, in_key_ids, in_periods, in_windows, in_spent, in_returned,
      in_urgent, in_ahead) WITH ORDINALITY
      AS w (tenant_id, group_id, environment, key_id, period, held_of, spent, returned, urgent, ahead, place)
  LOOP
    counter := wish.counter; holds := wish.holds;
    place := wish.place; is_limited := wish.allowed IS NOT NULL AND counter.tenant_id IS NOT NULL;
    IF counter.tenant_id IS NULL THEN
      window_start := NULL; window_length := NULL; window_rest := NULL; held := NULL; remaining := NULL; elsewhere := NULL;
      RETURN NEXT;
      CONTINUE;
    END IF;
    begins_at := date_trunc(wish.period, told_at, 'UTC');
    IF begins_at > counter.starts_at OR window_end(wish.period, told_at) < counter.starts_at THEN
      ended := ended || counter; holds := 0;
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
    counter.granted := coalesce(wish.allowed, counter.granted);
    window_start := microseconds_of(begins_at);
    IF wish.held_of = window_start THEN
      -- What was given back of what another lease had let through is spent no more, and lent again.
      settled := greatest(least(wish.spent, holds), -counter.spent);
      counter.spent := counter.spent + settled; counter.leased := counter.leased - settled; holds := holds - settled;
      -- Beyond what it held: let through without the database, by the policy's leave.
      counter.spent := counter.spent + greatest(0, wish.spent - settled);
      settled := least(wish.returned, holds);
      counter.leased := counter.leased - settled; holds := holds - settled;
    END IF;
    more := CASE WHEN wish.allowed IS NULL THEN 0
      ELSE greatest(0, counter.granted - counter.spent - counter.leased) END;
    more := least(more, wish.urgent + least(wish.ahead, greatest(0, more - wish.urgent) / (2 * nodes)));
    counter.leased := counter.leased + more; holds := holds + more; counter.ends_at := until;
    counters := counters || counter; leases := leases || holds;
    IF more < wish.urgent AND counter.leased > holds THEN
      PERFORM pg_notify('latchkey_recalls', concat_ws(' ',
        in_node_id, wish.tenant_id, wish.group_id, wish.environment, nullif(wish.key_id, '')));
    END IF;
    window_length := microseconds_of(until) - window_start;
    window_rest := microseconds_of(least(until, told_at + (until - begins_at))) - microseconds_of(told_at);
    held := holds; remaining := counter.granted - counter.spent - counter.leased; elsewhere := counter.leased - holds;
    RETURN NEXT;
  END LOOP;
  DELETE FROM limit_leases l USING unnest(ended) c
  WHERE l.tenant_id = c.tenant_id AND l.group_id = c.group_id AND l.environment = c.environment
    AND l.subscription_key_id = c.subscription_key_id AND l.period = c.period AND l.node_id <> in_node_id;
  UPDATE limit_counters c
  SET starts_at = n.starts_at, ends_at = n.ends_at, granted = n.granted, spent = n.spent, leased = n.leased,
    latest_starts_at = n.latest_starts_at, latest_spent = n.latest_spent
  FROM unnest(counters) n
  WHERE c.tenant_id = n.tenant_id AND c.group_id = n.group_id AND c.environment = n.environment
    AND c.subscription_key_id = n.subscription_key_id AND c.period = n.period;
  INSERT INTO limit_leases AS l (tenant_id, group_id, environment, subscription_key_id, period, node_id, amount)
  SELECT c.tenant_id, c.group_id, c.environment, c.subscription_key_id, c.period, in_node_id, leases[c.ordinality]
  FROM unnest(counters) WITH ORDINALITY c
  ON CONFLICT ON CONSTRAINT limit_leases_pkey DO UPDATE SET amount = excluded.amount WHERE l.amount <> excluded.amount;
END
$$;
DROP FUNCTION limit_of(text, text, text, text, text);
