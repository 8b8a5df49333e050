package import Model
package import Postgres

/// Statements about authorizations, on the provider's side.
///
/// Whoever changes targets locks their groups first, then the authorizations concerned, each in the order of ids.
package enum Authorizations {
  /// Makes an authorization, still without targets, for a key of whatever tenant that takes authorizations by this one;
  /// else nothing. Under no policy if the one given is not this tenant's.
  package static func insert(
    _ draft: Authorization.Draft, id: ID<Authorization>, in tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Void>(
      "authorization.insert",
      """
      INSERT INTO authorizations (tenant_id, id, subscriber_tenant_id, subscription_key_id, description, expires_at,
        limit_policy_id)
      SELECT \(tenant), \(id), k.tenant_id, k.id, \(draft.description), \(draft.expiresAt),
        (SELECT l.id FROM limit_policies l WHERE l.tenant_id = \(tenant) AND l.id = \(draft.limitPolicy?.text))
      FROM subscription_by_id(\(draft.subscription.id)) k
      CROSS JOIN subscription_takes_current_tenant(k.id) AS consent
      WHERE consent.takes
      """
    ).affected
  }

  /// Whether a key takes authorizations by the tenant that asks; nil when there is no such key.
  package static func consent(of key: Reference<SubscriptionKey>) -> Statement<Bool?> {
    Query<Bool>(
      "authorization.consent",
      """
      SELECT consent.takes
      FROM subscription_by_id(\(key.id)) k
      CROSS JOIN subscription_takes_current_tenant(k.id) AS consent
      """
    ).first
  }

  package static func find(_ id: ID<Authorization>, in tenant: ID<Tenant>) -> Statement<[Authorization]> {
    Query<Void>(
      "authorization.find",
      """
      SELECT a.id, s.subscription_key_id, s.subscription_key_name, s.subscriber_name, s.subscriber_slug,
        a.description, a.expires_at, l.id, l.name, s.state, a.created_at, a.updated_at,
        g.id, g.name, x.environment
      FROM authorizations a
      LEFT JOIN limit_policies l ON l.tenant_id = a.tenant_id AND l.id = a.limit_policy_id
      JOIN authorized_subscriptions s ON s.tenant_id = a.tenant_id AND s.authorization_id = a.id
      JOIN authorization_targets x ON x.tenant_id = a.tenant_id AND x.authorization_id = a.id
      JOIN api_groups g ON g.tenant_id = x.tenant_id AND g.id = x.group_id
      WHERE a.tenant_id = \(tenant) AND a.id = \(id)
      ORDER BY g.created_at, g.id, array_position(ARRAY['test', 'preview', 'online'], x.environment::text)
      """
    ).fold(into: [], Authorization.append)
  }

  /// Changes an authorization, its targets aside, that is of an expected version. Gives how many it was, 0 or 1. Takes it
  /// from under its policy if the one given is not this tenant's.
  package static func update(
    _ id: ID<Authorization>, to changes: Authorization.Changes, expecting version: ExpectedVersion,
    in tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Void>(
      "authorization.update",
      """
      UPDATE authorizations
      SET description = CASE WHEN \(changes.description.isChange)
          THEN \(changes.description.value) ELSE description END,
        expires_at = CASE WHEN \(changes.expiresAt.isChange) THEN \(changes.expiresAt.value) ELSE expires_at END,
        limit_policy_id = CASE WHEN \(changes.limitPolicy.isChange) THEN (
            SELECT l.id FROM limit_policies l
            WHERE l.tenant_id = \(tenant) AND l.id = \(changes.limitPolicy.value?.text))
          ELSE limit_policy_id END,
        updated_at = clock_timestamp()
      WHERE tenant_id = \(tenant) AND id = \(id)
        AND (\(version.dates) IS NULL OR updated_at = ANY (\(version.dates)))
      """
    ).affected
  }

  /// Gives how many it was, 0 or 1.
  package static func delete(_ id: ID<Authorization>, in tenant: ID<Tenant>) -> Statement<Int> {
    Query<Void>(
      "authorization.delete",
      "DELETE FROM authorizations WHERE tenant_id = \(tenant) AND id = \(id)"
    ).affected
  }

  /// Deletes those of these, which are locked, that have no targets any more.
  package static func delete(
    emptyOf authorizations: [ID<Authorization>], in tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Void>(
      "authorization.delete_empty",
      """
      DELETE FROM authorizations a
      WHERE a.tenant_id = \(tenant) AND a.id = ANY (\(authorizations.map(\.description)))
        AND NOT EXISTS (
          SELECT FROM authorization_targets x WHERE x.tenant_id = a.tenant_id AND x.authorization_id = a.id)
      """
    ).affected
  }
}

extension Authorizations {
  /// Locks this tenant's authorizations of a key that have expired.
  package static func lockExpired(
    of key: Reference<SubscriptionKey>, in tenant: ID<Tenant>
  ) -> Statement<[ID<Authorization>]> {
    Query<ID<Authorization>>(
      "authorization.lock_expired",
      """
      SELECT a.id
      FROM authorizations a
      WHERE a.subscriber_tenant_id = (SELECT k.tenant_id FROM subscription_by_id(\(key.id)) k)
        AND a.subscription_key_id = \(key.id) AND a.tenant_id = \(tenant) AND a.expires_at <= now()
      ORDER BY a.id
      FOR UPDATE
      """
    ).all
  }

  /// Locks an authorization, and those of the same tenant and key that have expired.
  package static func lock(
    withExpiredBeside id: ID<Authorization>, in tenant: ID<Tenant>
  ) -> Statement<[ID<Authorization>]> {
    Query<ID<Authorization>>(
      "authorization.lock_with_expired",
      """
      SELECT a.id
      FROM authorizations own
      JOIN authorizations a ON a.subscriber_tenant_id = own.subscriber_tenant_id
        AND a.subscription_key_id = own.subscription_key_id AND a.tenant_id = own.tenant_id
      WHERE own.tenant_id = \(tenant) AND own.id = \(id) AND (a.id = own.id OR a.expires_at <= now())
      ORDER BY a.id
      FOR UPDATE OF a
      """
    ).all
  }

  /// Locks the authorizations that have a group among their targets.
  package static func lock(
    withTargetsOf group: ID<APIGroup>, in tenant: ID<Tenant>
  ) -> Statement<[ID<Authorization>]> {
    Query<ID<Authorization>>(
      "authorization.lock_of_group",
      """
      SELECT a.id
      FROM authorizations a
      WHERE a.tenant_id = \(tenant)
        AND a.id IN (
          SELECT x.authorization_id FROM authorization_targets x
          WHERE x.tenant_id = \(tenant) AND x.group_id = \(group))
      ORDER BY a.id
      FOR UPDATE
      """
    ).all
  }
}

extension Authorization {
  /// Reads one target of an authorization, with the authorization's columns before the target's. The rows of one
  /// authorization follow each other.
  @Sendable
  static func append(to authorizations: inout [Authorization], row: inout Row) throws {
    let authorization = try Authorization(row: &row)
    if authorizations.last?.id != authorization.id { authorizations.append(authorization) }
    authorizations[authorizations.count - 1].targets.append(try Target(row: &row))
  }

  /// Reads `id`, the key's `id` and `name`, its tenant's `name` and `slug`, `description, expires_at`, its
  /// policy's `id` and `name`, `state, created_at, updated_at`.
  private init(row: inout Row) throws {
    self.init(
      id: try row.next(),
      subscription: FoundSubscription(
        id: try row.next(), name: try row.next(),
        tenant: FoundSubscription.Owner(name: try row.next(), slug: try row.next())),
      targets: [], description: try row.next(), expiresAt: try row.next(), limitPolicy: try row.nextLimitPolicy(),
      state: try row.next(), createdAt: try row.next(), updatedAt: try row.next())
  }
}

extension Authorization.Target {
  /// Reads a group's `id` and `name`, and `environment`.
  init(row: inout Row) throws {
    self.init(group: try row.next(), groupName: try row.next(), environment: try row.next())
  }
}
