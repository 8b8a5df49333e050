import FoundationEssentials
package import Model
package import Postgres

/// Statements about subscription keys. A deleted key is as one that never was, to all but a few of them.
package enum SubscriptionKeys {
  package static func insert(
    _ draft: SubscriptionKey.Draft, id: ID<SubscriptionKey>, by account: ID<Account>, in tenant: ID<Tenant>
  ) -> Statement<SubscriptionKey> {
    Query(
      "subscription_key.insert",
      """
      INSERT INTO subscription_keys (tenant_id, id, name, description, expires_at, providers, created_by)
      VALUES (\(tenant), \(id), \(draft.name), \(draft.description), \(draft.expiresAt),
        \(draft.providers?.map(\.description)), \(account))
      RETURNING id, name, description, state, expires_at, providers, created_by, created_at, updated_at, deleted_at,
        compromised_at IS NOT NULL
      """
    ) { row in try SubscriptionKey(row: &row) }.only
  }

  package static func find(_ id: ID<SubscriptionKey>, in tenant: ID<Tenant>) -> Statement<[SubscriptionKey]> {
    Query<Void>(
      "subscription_key.find",
      """
      SELECT k.id, k.name, k.description, k.state, k.expires_at, k.providers, k.created_by, k.created_at, k.updated_at,
        k.deleted_at, k.compromised_at IS NOT NULL, s.id, s.prefix, s.created_at, s.expires_at, s.last_used_at
      FROM subscription_keys k
      LEFT JOIN subscription_secrets s ON s.tenant_id = k.tenant_id AND s.subscription_key_id = k.id
      WHERE k.tenant_id = \(tenant) AND k.id = \(id) AND k.deleted_at IS NULL
      ORDER BY s.created_at, s.id
      """
    ).fold(into: [], SubscriptionKey.append)
  }

  /// At least the first `limit` keys that are not deleted.
  ///
  /// Letters are compared without case as Unicode has it (ICU's root locale), not as the database's own locale does. A
  /// search reads the tenant's keys from the newest until the page is full: there is no index of what they contain.
  package static func list(
    _ filter: SubscriptionKey.Filter, _ order: ListOrder = .newest, after position: Position<SubscriptionKey>?,
    limit: Int, in tenant: ID<Tenant>
  ) -> Statement<[SubscriptionKey]> {
    var narrowing = Narrowing()
    let rowOrder = RowOrder(order)
    rowOrder.narrow(&narrowing, after: position)
    if let state = filter.state { narrowing.add(state) }
    narrowing.add("text", filter.text.map(contains))
    let rows = narrowing.rows(limit)
    return Query<Void>(
      "subscription_key.list",
      """
      WITH page AS (
        SELECT id, name, description, state, expires_at, providers, created_by, created_at, updated_at, deleted_at,
          compromised_at IS NOT NULL AS is_compromised, sort_name
        FROM subscription_keys
        WHERE tenant_id = \(tenant) AND deleted_at IS NULL
          \(narrowing.conditions)
        ORDER BY \(rowOrder.clause())
        LIMIT \(rows)
      )
      SELECT k.id, k.name, k.description, k.state, k.expires_at, k.providers, k.created_by, k.created_at, k.updated_at,
        k.deleted_at, k.is_compromised, s.id, s.prefix, s.created_at, s.expires_at, s.last_used_at
      FROM page k
      LEFT JOIN subscription_secrets s ON s.tenant_id = \(tenant) AND s.subscription_key_id = k.id
      ORDER BY \(rowOrder.clause("k.")), s.created_at, s.id
      """
    ).variant(narrowing.names).fold(into: [], SubscriptionKey.append)
  }

  /// That a key's name, description or id contains a text. No character of the text is a control character, as those
  /// are that lie between the three. The text is put into lower case once, not for each key, as it is a query of its own.
  static func contains(_ text: SearchText) -> SQL {
    """
    AND strpos(search_text, (SELECT lower(\(text)::text COLLATE "und-x-icu") COLLATE "C")) > 0
    """
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
          providers = CASE WHEN \(changes.providers.isChange)
            THEN \(changes.providers.value?.map(\.description)) ELSE providers END,
          state = coalesce(\(changes.state), state),
          updated_at = now()
        WHERE tenant_id = \(tenant) AND id = \(id) AND deleted_at IS NULL
          AND created_by IS NOT DISTINCT FROM coalesce(\(creator), created_by)
          AND (\(version.dates) IS NULL OR updated_at = ANY (\(version.dates)))
        RETURNING id, name, description, state, expires_at, providers, created_by, created_at, updated_at, deleted_at,
          compromised_at IS NOT NULL AS is_compromised
      )
      SELECT k.id, k.name, k.description, k.state, k.expires_at, k.providers, k.created_by, k.created_at, k.updated_at,
        k.deleted_at, k.is_compromised, s.id, s.prefix, s.created_at, s.expires_at, s.last_used_at
      FROM updated k
      LEFT JOIN subscription_secrets s ON s.tenant_id = \(tenant) AND s.subscription_key_id = k.id
      ORDER BY s.created_at, s.id
      """
    ).fold(into: [], SubscriptionKey.append)
  }
}

extension SubscriptionKey {
  /// Reads `id, name, description, state, expires_at, providers, created_by, created_at, updated_at, deleted_at`, and
  /// whether the key is compromised.
  fileprivate init(row: inout Row) throws {
    let (id, name, description) = (
      try row.next(ID<SubscriptionKey>.self), try row.next(DisplayName.self), try row.next(Remark?.self)
    )
    let (state, expiresAt) = (try row.next(Setting.self), try row.next(Date?.self))
    let (providers, createdBy) = (try row.next([String]?.self), try row.next(ID<Account>?.self))
    let (createdAt, updatedAt, deletedAt) = (
      try row.next(Date.self), try row.next(Date.self), try row.next(Date?.self)
    )
    self.init(
      id: id, name: name, description: description, state: State(state, isDeleted: deletedAt != nil),
      expiresAt: expiresAt, providers: providers?.compactMap(Slug.init), createdBy: createdBy, createdAt: createdAt,
      updatedAt: updatedAt, deletedAt: deletedAt, isCompromised: try row.next())
  }

  /// Reads one secret of a key, or a key without any, with the key's columns before the secret's. The rows of one key
  /// follow each other.
  @Sendable
  static func append(to keys: inout [SubscriptionKey], row: inout Row) throws {
    let key = try SubscriptionKey(row: &row)
    if keys.last?.id != key.id { keys.append(key) }
    if let id = try row.next(ID<Secret>?.self) { keys[keys.count - 1].secrets.append(try Secret(id: id, row: &row)) }
  }
}

extension SubscriptionKey.State {
  fileprivate init(_ setting: SubscriptionKey.Setting, isDeleted: Bool) {
    self =
      switch setting {
      case _ where isDeleted: .deleted
      case .active: .active
      case .disabled: .disabled
      }
  }
}

extension SubscriptionKey.Secret {
  /// Reads `prefix, created_at, expires_at, last_used_at`.
  init(id: ID<SubscriptionKey.Secret>, row: inout Row) throws {
    self.init(
      id: id, prefix: try row.next(), createdAt: try row.next(), expiresAt: try row.next(), lastUsedAt: try row.next())
  }
}

extension Narrowing {
  /// By what keys are listed by. One that has expired is refused as one that is disabled, whatever it is set to.
  fileprivate mutating func add(_ state: SubscriptionKey.Listed) {
    switch state {
    case .active: add("active", "AND state = 'active' AND (expires_at IS NULL OR expires_at > now())")
    case .disabled: add("disabled", "AND state = 'disabled'")
    case .expired: add("expired", "AND state = 'active' AND expires_at IS NOT NULL AND expires_at <= now()")
    // These are another list's.
    case .deleted: add("deleted", "AND false")
    }
  }
}
