-- An access mode of an environment's own goes before the group's, whatever is released there.
ALTER TABLE api_groups
  ADD COLUMN access_mode_test text,
  ADD COLUMN access_mode_preview text,
  ADD COLUMN access_mode_online text,
  ADD CONSTRAINT api_groups_access_mode_test_valid CHECK (access_mode_test IN ('open', 'observe', 'required')),
  ADD CONSTRAINT api_groups_access_mode_preview_valid CHECK (access_mode_preview IN ('open', 'observe', 'required')),
  ADD CONSTRAINT api_groups_access_mode_online_valid CHECK (access_mode_online IN ('open', 'observe', 'required'));
GRANT UPDATE (access_mode_test, access_mode_preview, access_mode_online) ON api_groups TO latchkey_console;
GRANT SELECT (access_mode_test, access_mode_preview, access_mode_online) ON api_groups TO latchkey_gateway;

-- Which access mode counts in an environment, of the group's and the environments' own.
CREATE FUNCTION access_mode_in(environment text, of_group text, in_test text, in_preview text, in_online text)
  RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN coalesce(
    CASE environment WHEN 'test' THEN in_test WHEN 'preview' THEN in_preview WHEN 'online' THEN in_online END, of_group);
GRANT EXECUTE ON FUNCTION access_mode_in(text, text, text, text, text) TO latchkey_console;
