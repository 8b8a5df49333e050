package import Model
package import Postgres

/// Statements about subscription keys. A deleted key is as one that never was.
package enum SubscriptionKeys {
  package static func insert(
    _ draft: SubscriptionKey.Draft, id: ID<SubscriptionKey>, by account: ID<Account>, in tenant: ID<Tenant>
  ) -> Statement<SubscriptionKey> {
    Query(
      "subscription_key.insert",
      """
      INSERT INTO subscription_keys (tenant_id, id, name, description, expires_at, created_by)
      VALUES (\(tenant), \(id), \(draft.name), \(draft.description), \(draft.expiresAt), \(account))
      RETURNING id, name, description, state, expires_at, created_by, created_at, updated_at
      """
    ) { row in try SubscriptionKey(row: &row) }.only
  }

  package static func find(_ id: ID<SubscriptionKey>, in tenant: ID<Tenant>) -> Statement<[SubscriptionKey]> {
    Query<Void>(
      "subscription_key.find",
      """
      SELECT k.id, k.name, k.description, k.state, k.expires_at, k.created_by, k.created_at, k.updated_at,
        s.id, s.prefix, s.created_at, s.last_used_at
      FROM subscription_keys k
      LEFT JOIN subscription_secrets s ON s.tenant_id = k.tenant_id AND s.subscription_key_id = k.id
      WHERE k.tenant_id = \(tenant) AND k.id = \(id) AND k.deleted_at IS NULL
      ORDER BY s.created_at, s.id
      """
    ).fold(into: [], SubscriptionKey.append)
  }

  /// Up to `limit` keys, newest first.
  ///
  /// Letters are compared without case as Unicode has it (ICU's root locale), not as the database's own locale does.
  package static func list(
    _ filter: SubscriptionKey.Filter, after position: Position<SubscriptionKey>?, limit: Int, in tenant: ID<Tenant>
  ) -> Statement<[SubscriptionKey]> {
    Query<Void>(
      "subscription_key.list",
      """
      WITH page AS (
        SELECT id, name, description, state, expires_at, created_by, created_at, updated_at
        FROM subscription_keys
        WHERE tenant_id = \(tenant) AND deleted_at IS NULL
          AND (created_at, id) < (coalesce(\(position?.createdAt), 'infinity'), coalesce(\(position?.id), ''))
          AND state = coalesce(\(filter.state), state)
          AND (\(filter.text)::text IS NULL
            OR strpos(lower(name COLLATE "und-x-icu"), lower(\(filter.text)::text COLLATE "und-x-icu")) > 0
            OR strpos(lower(description COLLATE "und-x-icu"), lower(\(filter.text)::text COLLATE "und-x-icu")) > 0
            OR strpos(id, lower(\(filter.text)::text COLLATE "C")) > 0)
        ORDER BY created_at DESC, id DESC
        LIMIT \(limit)
      )
      SELECT k.id, k.name, k.description, k.state, k.expires_at, k.created_by, k.created_at, k.updated_at,
        s.id, s.prefix, s.created_at, s.last_used_at
      FROM page k
      LEFT JOIN subscription_secrets s ON s.tenant_id = \(tenant) AND s.subscription_key_id = k.id
      ORDER BY k.created_at DESC, k.id DESC, s.created_at, s.id
      """
    ).fold(into: [], SubscriptionKey.append)
  }

  /// Changes a key that is of an expected version and, if `creator` is given, was made by that account; else nothing.
  package static func update(
    _ id: ID<SubscriptionKey>, to changes: SubscriptionKey.Changes, expecting version: ExpectedVersion,
    createdBy creator: ID<Account>?, in tenant: ID<Tenant>
  ) -> Statement<[SubscriptionKey]> {
    Query<Void>(
      "subscription_key.update",
      """
      WITH updated AS (
        UPDATE subscription_keys
        SET name = coalesce(\(changes.name), name),
          description = CASE WHEN \(changes.description.isChange)
            THEN \(changes.description.value) ELSE description END,
          expires_at = CASE WHEN \(changes.expiresAt.isChange) THEN \(changes.expiresAt.value) ELSE expires_at END,
          state = coalesce(\(changes.state), state),
          updated_at = now()
        WHERE tenant_id = \(tenant) AND id = \(id) AND deleted_at IS NULL
          AND created_by IS NOT DISTINCT FROM coalesce(\(creator), created_by)
          AND (\(version.dates) IS NULL OR updated_at = ANY (\(version.dates)))
        RETURNING id, name, description, state, expires_at, created_by, created_at, updated_at
      )
      SELECT k.id, k.name, k.description, k.state, k.expires_at, k.created_by, k.created_at, k.updated_at,
        s.id, s.prefix, s.created_at, s.last_used_at
      FROM updated k
      LEFT JOIN subscription_secrets s ON s.tenant_id = \(tenant) AND s.subscription_key_id = k.id
      ORDER BY s.created_at, s.id
      """
    ).fold(into: [], SubscriptionKey.append)
  }

  /// Deletes a key that, if `creator` is given, was made by that account. Gives how many it was, 0 or 1.
  package static func delete(
    _ id: ID<SubscriptionKey>, createdBy creator: ID<Account>?, in tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Void>(
      "subscription_key.delete",
      """
      UPDATE subscription_keys
      SET deleted_at = now(), updated_at = now()
      WHERE tenant_id = \(tenant) AND id = \(id) AND deleted_at IS NULL
        AND created_by IS NOT DISTINCT FROM coalesce(\(creator), created_by)
      """
    ).affected
  }
}

extension SubscriptionKey {
  /// Reads `id, name, description, state, expires_at, created_by, created_at, updated_at`.
  fileprivate init(row: inout Row) throws {
    self.init(
      id: try row.next(), name: try row.next(), description: try row.next(), state: try row.next(),
      expiresAt: try row.next(), createdBy: try row.next(), createdAt: try row.next(), updatedAt: try row.next())
  }

  /// Reads one secret of a key, or a key without any, with the key's columns before the secret's. The rows of one key
  /// follow each other.
  @Sendable
  fileprivate static func append(to keys: inout [SubscriptionKey], row: inout Row) throws {
    let key = try SubscriptionKey(row: &row)
    if keys.last?.id != key.id { keys.append(key) }
    if let id = try row.next(ID<Secret>?.self) {
      keys[keys.count - 1].secrets.append(
        Secret(id: id, prefix: try row.next(), createdAt: try row.next(), lastUsedAt: try row.next()))
    }
  }
}
