-- What was answered to changes that named themselves by an Idempotency-Key, so that trying one again makes no second.

-- Written in the transaction of the change itself: either both are there or neither is. Nothing in it is a secret:
-- the key is kept as a digest, the request as an HMAC under the key, the answer without what it showed once.
CREATE TABLE idempotent_answers (
  tenant_id text COLLATE "C" NOT NULL,
  account_id text COLLATE "C" NOT NULL,
  key_digest bytea NOT NULL,
  request_fingerprint bytea NOT NULL,
  status integer NOT NULL,
  entity_tag text COLLATE "C",
  body bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT idempotent_answers_pkey PRIMARY KEY (tenant_id, account_id, key_digest),
  CONSTRAINT idempotent_answers_account FOREIGN KEY (tenant_id, account_id)
    REFERENCES accounts (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT idempotent_answers_digest_lengths CHECK (
    octet_length(key_digest) = 32 AND octet_length(request_fingerprint) = 32),
  CONSTRAINT idempotent_answers_status_valid CHECK (status BETWEEN 200 AND 299)
);
CREATE INDEX idempotent_answers_by_time ON idempotent_answers (created_at);
CALL isolate('idempotent_answers');
GRANT SELECT, INSERT, UPDATE (request_fingerprint, status, entity_tag, body, created_at)
  ON idempotent_answers TO latchkey_console;

-- Forgets answers that are no longer repeated. Returns how many there were.
CREATE FUNCTION prune_idempotent_answers() RETURNS bigint
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  WITH pruned AS (DELETE FROM idempotent_answers WHERE created_at <= now() - interval '24 hours' RETURNING 1)
  SELECT count(*) FROM pruned;
END;
REVOKE ALL ON FUNCTION prune_idempotent_answers() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION prune_idempotent_answers() TO latchkey_console;
