import FoundationEssentials
package import Model
package import Postgres

/// An imported value as it is stored: its digest under the newest key, and under the others, by which it may be known.
package struct ImportedSecret: Sendable {
  let id = ID<SubscriptionKey.Secret>.random()
  let prefix: String
  let digest: SecretDigest
  let keyVersion: UInt32
  let formerDigests: [SecretDigest]

  package init(_ value: ImportedValue, of tenant: ID<Tenant>, under keys: ImportedValueKeys) {
    prefix = value.prefix
    digest = keys.newest.digest(of: value, for: tenant)
    keyVersion = keys.newest.version
    formerDigests = keys.keys.dropFirst().map { $0.digest(of: value, for: tenant) }
  }
}

/// A key that is to be made with an imported value.
package struct ImportedKey: Sendable {
  let id = ID<SubscriptionKey>.random()
  /// Among the given ones.
  package let place: Int
  let draft: SubscriptionKey.ImportDraft
  let secret: ImportedSecret

  package init(place: Int, draft: SubscriptionKey.ImportDraft, secret: ImportedSecret) {
    (self.place, self.draft, self.secret) = (place, draft, secret)
  }
}

/// Statements about the secrets that are imported values. A digest is one tenant's alone, so a value is told to be taken
/// to the tenant that has it and to no other.
package enum ImportedSecrets {
  /// The secret of a key that was inserted in the same transaction; nothing when another key of the tenant has the value.
  /// Gives how many it was, 0 or 1.
  package static func insert(
    _ secret: ImportedSecret, of key: ID<SubscriptionKey>, in tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Void>(
      "imported_secret.insert",
      """
      INSERT INTO subscription_secrets (tenant_id, id, subscription_key_id, digest, prefix, imported_key_version)
      SELECT \(tenant), \(secret.id), \(key), \(secret.digest), \(secret.prefix), \(Int64(secret.keyVersion))
      WHERE NOT EXISTS (
        SELECT FROM subscription_secrets s
        WHERE s.tenant_id = \(tenant) AND s.digest = ANY (\(secret.formerDigests.map(\.bytes))))
      ON CONFLICT ON CONSTRAINT subscription_secrets_digest_unique DO NOTHING
      """
    ).affected
  }

  /// Makes keys with their secrets, but for those whose value another key of the tenant has. Gives those it made.
  ///
  /// The secrets first, since a conflict over one is what decides; that their keys are there is checked at the end.
  package static func insert(
    _ keys: [ImportedKey], by account: ID<Account>, in tenant: ID<Tenant>
  ) -> Statement<[SubscriptionKey.ImportOutcome.Created]> {
    let former = keys.flatMap { key in key.secret.formerDigests.map { (key.place, $0) } }
    return Query(
      "imported_secret.insert_with_keys",
      """
      WITH given AS (
        SELECT g.place, g.key_id, g.secret_id, g.name, g.description, g.microseconds, g.digest, g.prefix
        FROM unnest(
          \(keys.map(\.place)), \(keys.map(\.id.description)), \(keys.map(\.secret.id.description)),
          \(keys.map(\.draft.name.description)), \(keys.map { $0.draft.description?.description ?? "" }),
          \(keys.map(\.expiry)), \(keys.map(\.secret.digest.bytes)), \(keys.map(\.secret.prefix)))
          AS g (place, key_id, secret_id, name, description, microseconds, digest, prefix)
      ), known AS (
        SELECT f.place
        FROM unnest(\(former.map(\.0)), \(former.map(\.1.bytes))) AS f (place, digest)
        JOIN subscription_secrets s ON s.tenant_id = \(tenant) AND s.digest = f.digest
      ), secrets AS (
        INSERT INTO subscription_secrets (tenant_id, id, subscription_key_id, digest, prefix, imported_key_version)
        SELECT \(tenant), g.secret_id, g.key_id, g.digest, g.prefix, \(Int64(keys.first?.secret.keyVersion ?? 0))
        FROM given g
        WHERE NOT EXISTS (SELECT FROM known k WHERE k.place = g.place)
        ORDER BY g.digest
        ON CONFLICT ON CONSTRAINT subscription_secrets_digest_unique DO NOTHING
        RETURNING id, subscription_key_id
      ), keys AS (
        INSERT INTO subscription_keys (tenant_id, id, name, description, expires_at, created_by)
        SELECT \(tenant), g.key_id, g.name, nullif(g.description, ''),
          'epoch'::timestamptz + nullif(g.microseconds, 0) * interval '1 microsecond', \(account)
        FROM given g
        JOIN secrets s ON s.subscription_key_id = g.key_id
        RETURNING id
      )
      SELECT g.place, k.id, g.secret_id
      FROM keys k
      JOIN given g ON g.key_id = k.id
      ORDER BY g.place
      """
    ) { row in
      try SubscriptionKey.ImportOutcome.Created(place: row.next(), id: row.next(), secret: row.next())
    }.all
  }

  /// How many of the installation's count under other keys than that of this version.
  static func count(underOthersThan version: UInt32) -> Statement<Int> {
    Query<Int>(
      "imported_secret.count_older",
      "SELECT count(*) FROM subscription_secrets WHERE imported_key_version <> \(Int64(version))"
    ).only
  }
}

extension ImportedKey {
  /// In microseconds since 1970; 0 for none.
  fileprivate var expiry: Int64 { draft.expiresAt.map { RFC3339.microseconds(since1970: $0) } ?? 0 }
}
