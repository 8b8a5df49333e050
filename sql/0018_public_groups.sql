-- Only that a group is live is public: one that is not live where it was asked for is told of to its own tenant alone, and
-- nobody is told of one in an environment that is none.
CREATE OR REPLACE FUNCTION group_at_address(in_slug text, in_prefix text, in_environment text)
  RETURNS TABLE (
    tenant_id text, is_tenant_active boolean, group_id text, group_name text, access_mode text, key_headers text[],
    deployment_id text, version text, api_ids text[], methods text[], paths text[], matches text[])
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  SELECT t.id, t.state = 'active', g.id, g.name,
    access_mode_in(in_environment, g.access_mode, g.access_mode_test, g.access_mode_preview, g.access_mode_online),
    g.key_headers, d.id, r.version,
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
