-- Lists in the order of names, so that a page of one costs what is on it.

-- What a list of names is in the order of: lower case as Unicode has it, then scalar by scalar. A locale's own order would
-- be another after each upgrade of the library that knows it, and an index of it wrong until it is made anew.
ALTER TABLE subscription_keys ADD COLUMN sort_name text COLLATE "C" NOT NULL
  GENERATED ALWAYS AS (lower(name COLLATE "und-x-icu")) STORED;
ALTER TABLE api_groups ADD COLUMN sort_name text COLLATE "C" NOT NULL
  GENERATED ALWAYS AS (lower(name COLLATE "und-x-icu")) STORED;
ALTER TABLE accounts ADD COLUMN sort_name text COLLATE "C" NOT NULL
  GENERATED ALWAYS AS (lower(name COLLATE "und-x-icu")) STORED;
ALTER TABLE access_tokens ADD COLUMN sort_name text COLLATE "C" NOT NULL
  GENERATED ALWAYS AS (lower(name COLLATE "und-x-icu")) STORED;

DROP TRIGGER audit ON subscription_keys;
DROP TRIGGER audit ON api_groups;
DROP TRIGGER audit ON accounts;
DROP TRIGGER audit ON access_tokens;
CALL audit_changes('subscription_keys', 'subscriptionKey', ignored => '{search_text,rotated_at,sort_name}');
CALL audit_changes('api_groups', 'apiGroup', ignored => '{sort_name}');
CALL audit_changes('accounts', 'account', secret => '{password_hash}', ignored => '{sort_name}');
CALL audit_changes('access_tokens', 'accessToken', ignored => '{last_used_at,sort_name}');

CREATE INDEX subscription_keys_by_name ON subscription_keys (tenant_id, sort_name, id) WHERE deleted_at IS NULL;
CREATE INDEX subscription_keys_by_state_and_name ON subscription_keys (tenant_id, state, sort_name, id)
  WHERE deleted_at IS NULL;
CREATE INDEX subscription_keys_deleted_by_name ON subscription_keys (tenant_id, sort_name, id)
  WHERE deleted_at IS NOT NULL;
CREATE INDEX api_groups_by_name ON api_groups (tenant_id, sort_name, id);
CREATE INDEX apis_by_path ON apis (tenant_id, group_id, path, id);
CREATE INDEX accounts_by_name ON accounts (tenant_id, sort_name, id);
CREATE INDEX access_tokens_by_name ON access_tokens (tenant_id, sort_name, id);
CREATE INDEX access_tokens_by_account_and_name ON access_tokens (tenant_id, account_id, sort_name, id);
CREATE INDEX domains_by_host ON domains (tenant_id, host, id);
