package import Model
package import Postgres

/// Statements about the secrets of subscription keys.
///
/// A key has one or two: whoever adds or deletes one first locks the key, so that two at once can't both count the same.
package enum SubscriptionSecrets {
  /// Waits for and keeps others from this key's secrets until the transaction ends. Gives whether the key exists and, if
  /// `creator` is given, was made by that account.
  package static func lock(
    _ key: ID<SubscriptionKey>, createdBy creator: ID<Account>?, in tenant: ID<Tenant>
  ) -> Statement<Bool> {
    Query<Void>(
      "subscription_secret.lock_key",
      """
      SELECT FROM subscription_keys
      WHERE tenant_id = \(tenant) AND id = \(key) AND deleted_at IS NULL
        AND created_by IS NOT DISTINCT FROM coalesce(\(creator), created_by)
      FOR UPDATE
      """
    ).fold(into: false) { found, _ in found = true }
  }

  /// Adds a secret to a key that may have one more, which makes a new version of the key; else nothing. Beside another, the
  /// key is being rotated.
  package static func insert(
    _ value: SecretValue, _ draft: SubscriptionKey.SecretDraft, id: ID<SubscriptionKey.Secret>,
    to key: ID<SubscriptionKey>, createdBy creator: ID<Account>?, in tenant: ID<Tenant>
  ) -> Statement<SubscriptionKey.Secret?> {
    Query(
      "subscription_secret.insert",
      """
      WITH added AS (
        INSERT INTO subscription_secrets (tenant_id, id, subscription_key_id, digest, prefix, expires_at)
        SELECT k.tenant_id, \(id), k.id, \(value.digest), \(value.prefix), \(draft.expiresAt)
        FROM subscription_keys k
        WHERE k.tenant_id = \(tenant) AND k.id = \(key) AND k.deleted_at IS NULL
          AND k.created_by IS NOT DISTINCT FROM coalesce(\(creator), k.created_by)
          AND \(SubscriptionKey.maximumSecrets) > (
            SELECT count(*) FROM subscription_secrets s
            WHERE s.tenant_id = k.tenant_id AND s.subscription_key_id = k.id)
        RETURNING tenant_id, subscription_key_id, id, prefix, created_at, expires_at, last_used_at
      ), touched AS (
        UPDATE subscription_keys k
        SET updated_at = now(), rotated_at = CASE WHEN EXISTS (
          SELECT FROM subscription_secrets s
          WHERE s.tenant_id = k.tenant_id AND s.subscription_key_id = k.id) THEN now() END
        FROM added
        WHERE k.tenant_id = added.tenant_id AND k.id = added.subscription_key_id
      )
      SELECT id, prefix, created_at, expires_at, last_used_at FROM added
      """
    ) { row in try SubscriptionKey.Secret(id: row.next(), row: &row) }.first
  }

  /// The first secret of a key that was inserted in the same transaction.
  package static func insertFirst(
    _ value: SecretValue, id: ID<SubscriptionKey.Secret>, of key: ID<SubscriptionKey>, in tenant: ID<Tenant>
  ) -> Statement<SubscriptionKey.Secret> {
    Query(
      "subscription_secret.insert_first",
      """
      INSERT INTO subscription_secrets (tenant_id, id, subscription_key_id, digest, prefix)
      VALUES (\(tenant), \(id), \(key), \(value.digest), \(value.prefix))
      RETURNING id, prefix, created_at, expires_at, last_used_at
      """
    ) { row in try SubscriptionKey.Secret(id: row.next(), row: &row) }.only
  }

  /// Takes away the secrets of a key that have expired, so that there is room for another.
  package static func deleteExpired(
    of key: ID<SubscriptionKey>, createdBy creator: ID<Account>?, in tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Void>(
      "subscription_secret.delete_expired",
      """
      DELETE FROM subscription_secrets s
      USING subscription_keys k
      WHERE s.tenant_id = \(tenant) AND s.subscription_key_id = \(key) AND s.expires_at <= now()
        AND k.tenant_id = s.tenant_id AND k.id = s.subscription_key_id AND k.deleted_at IS NULL
        AND k.created_by IS NOT DISTINCT FROM coalesce(\(creator), k.created_by)
      """
    ).affected
  }

  /// Changes a secret of a key of an expected version, which makes a new version of the key; else nothing. Gives how
  /// many it was, 0 or 1.
  package static func update(
    _ id: ID<SubscriptionKey.Secret>, of key: ID<SubscriptionKey>, to changes: SubscriptionKey.SecretChanges,
    expecting version: ExpectedVersion, createdBy creator: ID<Account>?, in tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Int>(
      "subscription_secret.update",
      """
      WITH changed AS (
        UPDATE subscription_secrets s
        SET expires_at = CASE WHEN \(changes.expiresAt.isChange) THEN \(changes.expiresAt.value) ELSE s.expires_at END
        FROM subscription_keys k
        WHERE s.tenant_id = \(tenant) AND s.id = \(id) AND s.subscription_key_id = \(key)
          AND k.tenant_id = s.tenant_id AND k.id = s.subscription_key_id AND k.deleted_at IS NULL
          AND k.created_by IS NOT DISTINCT FROM coalesce(\(creator), k.created_by)
          AND (\(version.dates) IS NULL OR k.updated_at = ANY (\(version.dates)))
        RETURNING s.tenant_id, s.subscription_key_id
      ), touched AS (
        UPDATE subscription_keys k
        SET updated_at = now()
        FROM changed
        WHERE k.tenant_id = changed.tenant_id AND k.id = changed.subscription_key_id
      )
      SELECT count(*) FROM changed
      """
    ).only
  }

  /// Deletes a secret of a key that keeps one which has not expired, or as many of those as it had; that makes a new
  /// version of the key. Else nothing. Gives how many it was, 0 or 1.
  package static func delete(
    _ id: ID<SubscriptionKey.Secret>, of key: ID<SubscriptionKey>, createdBy creator: ID<Account>?,
    in tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Int>(
      "subscription_secret.delete",
      """
      WITH deleted AS (
        DELETE FROM subscription_secrets d
        USING subscription_keys k
        WHERE d.tenant_id = \(tenant) AND d.id = \(id) AND d.subscription_key_id = \(key)
          AND k.tenant_id = d.tenant_id AND k.id = d.subscription_key_id AND k.deleted_at IS NULL
          AND k.created_by IS NOT DISTINCT FROM coalesce(\(creator), k.created_by)
          AND EXISTS (
            SELECT FROM subscription_secrets o
            WHERE o.tenant_id = d.tenant_id AND o.subscription_key_id = d.subscription_key_id AND o.id <> d.id
              AND (o.expires_at IS NULL OR o.expires_at > now() OR d.expires_at <= now()))
        RETURNING d.tenant_id, d.subscription_key_id
      ), touched AS (
        UPDATE subscription_keys k
        SET updated_at = now(), rotated_at = NULL
        FROM deleted
        WHERE k.tenant_id = deleted.tenant_id AND k.id = deleted.subscription_key_id
      )
      SELECT count(*) FROM deleted
      """
    ).only
  }
}
