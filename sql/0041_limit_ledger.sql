-- What is used of each limit, exactly, over all gateways: a ledger from which they lease what they may let through.
--
-- What counts is the key and the target, or the target alone for what all its callers share: never a secret, an
-- authorization or a policy, so that replacing any of these gives nothing back.

CREATE TABLE limit_counters (
  -- The provider.
  tenant_id text COLLATE "C" NOT NULL,
  group_id text COLLATE "C" NOT NULL,
  environment text COLLATE "C" NOT NULL,
  -- Empty: of all callers together.
  subscription_key_id text COLLATE "C" NOT NULL,
  period text COLLATE "C" NOT NULL,
  -- When its window began, in the database's time. It only ever moves on: where that clock is set back, the window that had
  -- begun goes on until its time has come again.
  starts_at timestamptz NOT NULL,
  -- When that window ends.
  ends_at timestamptz NOT NULL DEFAULT 'infinity',
  -- The limit, as it was when somebody last asked for some of it.
  granted bigint NOT NULL,
  spent bigint NOT NULL DEFAULT 0,
  leased bigint NOT NULL DEFAULT 0,
  -- Less than nothing where the limit was lowered below what was given out.
  remaining bigint NOT NULL GENERATED ALWAYS AS (granted - spent - leased) STORED,
  CONSTRAINT limit_counters_pkey PRIMARY KEY (tenant_id, group_id, environment, subscription_key_id, period),
  CONSTRAINT limit_counters_group FOREIGN KEY (tenant_id, group_id)
    REFERENCES api_groups (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT limit_counters_environment_valid CHECK (environment IN ('test', 'preview', 'online')),
  CONSTRAINT limit_counters_period_valid CHECK (period IN ('second', 'minute', 'hour', 'day', 'month')),
  CONSTRAINT limit_counters_amounts_valid CHECK (least(granted, spent, leased) >= 0)
) WITH (fillfactor = 50);
CREATE INDEX limit_counters_by_end ON limit_counters (ends_at);
CALL isolate('limit_counters');
GRANT SELECT ON limit_counters TO latchkey_console;

-- What each gateway holds of a window. The sum over gateways is the counter's `leased`; what a gateway that died held stays
-- leased until the window ends, and so counts as spent.
CREATE TABLE limit_leases (
  tenant_id text COLLATE "C" NOT NULL,
  group_id text COLLATE "C" NOT NULL,
  environment text COLLATE "C" NOT NULL,
  subscription_key_id text COLLATE "C" NOT NULL,
  period text COLLATE "C" NOT NULL,
  node_id text COLLATE "C" NOT NULL,
  amount bigint NOT NULL,
  CONSTRAINT limit_leases_pkey PRIMARY KEY (tenant_id, group_id, environment, subscription_key_id, period, node_id),
  CONSTRAINT limit_leases_counter FOREIGN KEY (tenant_id, group_id, environment, subscription_key_id, period)
    REFERENCES limit_counters ON DELETE CASCADE,
  CONSTRAINT limit_leases_amount_valid CHECK (amount >= 0)
) WITH (fillfactor = 50);
CALL isolate('limit_leases');

CREATE FUNCTION microseconds_of(moment timestamptz) RETURNS bigint
  LANGUAGE sql STABLE
  RETURN (extract(epoch FROM moment) * 1000000)::bigint;

-- How many requests a period allows a key at a target, or all callers there (an empty key id); null: any number.
CREATE FUNCTION limit_of(
    in_tenant_id text, in_group_id text, in_environment text, in_key_id text, in_period text)
  RETURNS bigint
  LANGUAGE sql STABLE SET search_path = public, pg_temp
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
      FROM authorization_targets x
      JOIN authorizations a ON a.tenant_id = x.tenant_id AND a.id = x.authorization_id
      WHERE x.tenant_id = in_tenant_id AND x.group_id = in_group_id AND x.environment = in_environment
        AND x.subscription_key_id = in_key_id) END;
END;
REVOKE ALL ON FUNCTION limit_of(text, text, text, text, text) FROM PUBLIC;

-- Settles what a gateway did with what it held of some counters, and lends it more.
--
-- Each counter is told with the beginning of the window that the gateway holds of (in microseconds since 1970; null: of
-- none), how many requests it let through since it last told (less than none where some were given back), how much of what
-- it holds it gives back, how many requests wait (`urgent`), and how many more it foresees (`ahead`). What waits gets what
-- there is; of what then remains one gateway gets a part only, for others foresee some too.
--
-- Answers for each, in the order asked: whether there is such a limit, else all the rest is null; the window's beginning,
-- its length and how long it still goes on, in microseconds of the database's time; what the gateway holds now; what nobody
-- holds; and what others hold, which are told to give it back where it is wanted.
CREATE FUNCTION lease_limits(
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
    told_at := clock_timestamp();
    begins_at := date_trunc(wish.period, told_at, 'UTC');
    IF begins_at > counter.starts_at THEN
      DELETE FROM limit_leases l
      WHERE l.tenant_id = wish.tenant_id AND l.group_id = wish.group_id AND l.environment = wish.environment
        AND l.subscription_key_id = wish.key_id AND l.period = wish.period;
      counter.starts_at := begins_at; counter.spent := 0; counter.leased := 0;
    END IF;
    begins_at := counter.starts_at;
    until := (begins_at AT TIME ZONE 'UTC' + ('1 ' || wish.period)::interval) AT TIME ZONE 'UTC';
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
      spent = counter.spent, leased = counter.leased
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
      microseconds_of(until) - microseconds_of(begins_at), microseconds_of(until) - microseconds_of(told_at), holds,
      counter.granted - counter.spent - counter.leased, counter.leased - holds;
  END LOOP;
END
$$;
REVOKE ALL ON FUNCTION lease_limits(
  text, text[], text[], text[], text[], text[], bigint[], bigint[], bigint[], bigint[], bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lease_limits(
  text, text[], text[], text[], text[], text[], bigint[], bigint[], bigint[], bigint[], bigint[]) TO latchkey_gateway;

-- Forgets counters whose windows ended two days ago: until then a clock that is set back finds them. Gives how many.
CREATE FUNCTION prune_limits() RETURNS bigint
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  WITH pruned AS (
    DELETE FROM limit_counters c
    WHERE c.ends_at < now() - interval '2 days'
    RETURNING 1
  )
  SELECT count(*) FROM pruned;
END;
REVOKE ALL ON FUNCTION prune_limits() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION prune_limits() TO latchkey_console;
