-- Of the APIs of a draft no two take the same calls: same method, same match, and the same path but for the names of its
-- parameters. What is merely shadowed by an exacter path is no clash.

-- A path without the names of its parameters: `/pets/{petId}` is `/pets/{}`. (A path has braces around whole names only.)
CREATE FUNCTION api_shape(path text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN regexp_replace(path, '\{[^{}]*\}', '{}', 'g') COLLATE "C";
GRANT EXECUTE ON FUNCTION api_shape(text) TO latchkey_console;

-- Of several, gateways have always taken the one with the smallest id; the others never had a call.
DELETE FROM apis a
USING apis b
WHERE a.tenant_id = b.tenant_id AND a.group_id = b.group_id AND a.method = b.method AND a.match = b.match
  AND api_shape(a.path) = api_shape(b.path) AND a.id > b.id;

ALTER TABLE apis DROP CONSTRAINT apis_pattern_unique;
CREATE UNIQUE INDEX apis_shape_unique ON apis (tenant_id, group_id, method, api_shape(path), match);
