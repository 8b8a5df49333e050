-- What pages of other origins may do with a group's answers: all of the columns, or none.
ALTER TABLE api_groups
  ADD COLUMN cors_origins text[],
  ADD COLUMN cors_methods text[],
  ADD COLUMN cors_headers text[],
  ADD COLUMN cors_exposed_headers text[],
  ADD COLUMN cors_credentials boolean,
  ADD COLUMN cors_max_age integer,
  ADD CONSTRAINT api_groups_cors_whole CHECK (
    num_nulls(cors_origins, cors_methods, cors_headers, cors_exposed_headers, cors_credentials, cors_max_age) IN (0, 6)),
  ADD CONSTRAINT api_groups_cors_origins_named CHECK (NOT (cors_credentials AND '*' = ANY (cors_origins)));
GRANT UPDATE (cors_origins, cors_methods, cors_headers, cors_exposed_headers, cors_credentials, cors_max_age)
  ON api_groups TO latchkey_console;
GRANT SELECT (cors_origins, cors_methods, cors_headers, cors_exposed_headers, cors_credentials, cors_max_age)
  ON api_groups TO latchkey_gateway;

-- The same as before, with the group's policy, which every preflight tells.
DROP FUNCTION group_at_address(text, text, text);
CREATE FUNCTION group_at_address(in_slug text, in_prefix text, in_environment text)
  RETURNS TABLE (
    tenant_id text, is_tenant_active boolean, group_id text, group_name text, access_mode text, key_headers text[],
    cors_origins text[], cors_methods text[], cors_headers text[], cors_exposed_headers text[], cors_credentials boolean,
    cors_max_age integer, deployment_id text, version text, api_ids text[], methods text[], paths text[], matches text[])
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  SELECT t.id, t.state = 'active', g.id, g.name,
    access_mode_in(in_environment, g.access_mode, g.access_mode_test, g.access_mode_preview, g.access_mode_online),
    g.key_headers, g.cors_origins, g.cors_methods, g.cors_headers, g.cors_exposed_headers, g.cors_credentials,
    g.cors_max_age, d.id, r.version,
    array_agg(a.api_id ORDER BY a.api_id) FILTER (WHERE a.api_id IS NOT NULL),
    array_agg(a.method ORDER BY a.api_id) FILTER (WHERE a.api_id IS NOT NULL),
    array_agg(a.path ORDER BY a.api_id) FILTER (WHERE a.api_id IS NOT NULL),
    array_agg(a.match ORDER BY a.api_id) FILTER (WHERE a.api_id IS NOT NULL)
  FROM tenants t
  JOIN api_groups g ON g.tenant_id = t.id
  LEFT JOIN deployments d ON d.tenant_id = g.tenant_id AND d.group_id = g.id AND d.environment = in_environment
    AND d.ended_at IS NULL
  LEFT JOIN revisions r ON r.tenant_id = d.tenant_id AND r.id = d.revision_id
  LEFT JOIN revision_apis a ON a.tenant_id = d.tenant_id AND a.revision_id = d.revision_id
  WHERE t.slug = in_slug AND g.prefix = in_prefix AND in_environment IN ('test', 'preview', 'online')
    AND (d.id IS NOT NULL OR t.id = current_tenant())
  GROUP BY t.id, g.tenant_id, g.id, d.tenant_id, d.id, r.version;
END;
REVOKE ALL ON FUNCTION group_at_address(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION group_at_address(text, text, text) TO latchkey_console;
