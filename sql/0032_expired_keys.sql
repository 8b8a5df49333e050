-- Lists of expired keys in any order: what a key's expiry has to be known for is in the index, as it changes by itself.
CREATE INDEX subscription_keys_ending ON subscription_keys (tenant_id, created_at DESC, id DESC, expires_at)
  WHERE expires_at IS NOT NULL AND state = 'active' AND deleted_at IS NULL;
CREATE INDEX subscription_keys_ending_by_name ON subscription_keys (tenant_id, sort_name, id, expires_at)
  WHERE expires_at IS NOT NULL AND state = 'active' AND deleted_at IS NULL;
