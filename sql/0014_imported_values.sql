-- Values that providers brought along: secrets whose digest is an HMAC with the tenant's id under an installation key.

ALTER TABLE subscription_secrets
  -- Of the installation key; null for a secret that was issued here, whose digest is a SHA-256.
  ADD COLUMN imported_key_version bigint;
