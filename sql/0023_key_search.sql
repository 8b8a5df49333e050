-- What the list of keys is filtered by, so that a page costs what is on it, however much the tenant has.

-- What a search looks into, in lower case as Unicode has it, which takes longer than to look. (An index of trigrams cannot serve the console: `LIKE` is not leakproof, so row-level security comes first, and
-- a definer function that searches would answer more than one exact value.)
ALTER TABLE subscription_keys ADD COLUMN search_text text COLLATE "C" NOT NULL GENERATED ALWAYS AS (
  lower(name COLLATE "und-x-icu") || E'\n' || coalesce(lower(description COLLATE "und-x-icu"), '') || E'\n' || id) STORED;
DROP TRIGGER audit ON subscription_keys;
CALL audit_changes('subscription_keys', 'subscriptionKey', ignored => '{search_text}');
CREATE INDEX subscription_keys_by_state ON subscription_keys (tenant_id, state, created_at DESC, id DESC)
  WHERE deleted_at IS NULL;
