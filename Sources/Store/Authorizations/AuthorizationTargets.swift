package import Model
package import Postgres

/// Whether a given target can be authorized.
package struct JudgedTarget: Sendable {
  /// Its place among the given ones.
  package let place: Int
  /// `nil` if it can.
  package let obstacle: AuthorizableTarget.Obstacle?
  /// Whether the authorization has it not already.
  package let isNew: Bool
}

/// Statements about the targets of authorizations. Places in a list of given targets count from 0.
package enum AuthorizationTargets {
  /// Waits for whoever releases, takes offline, changes or deletes one of these groups, and keeps others from it until
  /// the transaction ends. In the order of ids, so that no two wait for each other.
  package static func lockGroups(_ targets: [Authorization.GivenTarget], in tenant: ID<Tenant>) -> Statement<Int> {
    Query<Void>(
      "authorization_target.lock_groups",
      """
      SELECT FROM api_groups
      WHERE tenant_id = \(tenant) AND id = ANY (\(targets.groups))
      ORDER BY id
      FOR SHARE
      """
    ).affected
  }

  /// What is known of those whose group is this tenant's. What `authorization` has already may stay, whatever it is.
  package static func judge(
    _ targets: [Authorization.GivenTarget], for authorization: ID<Authorization>?, in tenant: ID<Tenant>
  ) -> Statement<[JudgedTarget]> {
    Query(
      "authorization_target.judge",
      """
      SELECT x.place - 1,
        CASE WHEN o.group_id IS NOT NULL THEN NULL
          WHEN d.id IS NULL THEN 'offline'
          WHEN access_mode_in(x.environment, g.access_mode, g.access_mode_test, g.access_mode_preview,
            g.access_mode_online) = 'open' THEN 'open' END,
        o.group_id IS NULL
      FROM unnest(\(targets.groups), \(targets.environments)) WITH ORDINALITY AS x (group_id, environment, place)
      JOIN api_groups g ON g.tenant_id = \(tenant) AND g.id = x.group_id
      LEFT JOIN deployments d ON d.tenant_id = g.tenant_id AND d.group_id = g.id AND d.environment = x.environment
        AND d.ended_at IS NULL
      LEFT JOIN authorization_targets o ON o.tenant_id = g.tenant_id AND o.authorization_id = \(authorization)
        AND o.group_id = g.id AND o.environment = x.environment
      """
    ) { row in try JudgedTarget(place: row.next(), obstacle: row.next(), isNew: row.next()) }.all
  }

  /// Adds targets to an authorization. Gives the places of those for which the key is authorized by another, and which
  /// were not added.
  package static func insert(
    _ targets: [Authorization.GivenTarget], into authorization: ID<Authorization>, in tenant: ID<Tenant>
  ) -> Statement<[Int]> {
    Query<Int>(
      "authorization_target.insert",
      """
      WITH given AS (
        SELECT a.tenant_id, a.id, a.subscription_key_id, x.group_id, x.environment, x.place
        FROM unnest(\(targets.groups), \(targets.environments)) WITH ORDINALITY AS x (group_id, environment, place)
        JOIN authorizations a ON a.tenant_id = \(tenant) AND a.id = \(authorization)
        WHERE NOT EXISTS (
          SELECT FROM authorization_targets o
          WHERE o.tenant_id = a.tenant_id AND o.authorization_id = a.id AND o.group_id = x.group_id
            AND o.environment = x.environment)
      ), inserted AS (
        INSERT INTO authorization_targets (tenant_id, authorization_id, subscription_key_id, group_id, environment)
        SELECT tenant_id, id, subscription_key_id, group_id, environment
        FROM given
        ORDER BY group_id, environment
        ON CONFLICT ON CONSTRAINT authorization_targets_key_and_target_unique DO NOTHING
        RETURNING group_id, environment
      )
      SELECT g.place - 1
      FROM given g
      LEFT JOIN inserted i ON i.group_id = g.group_id AND i.environment = g.environment
      WHERE i.group_id IS NULL
      ORDER BY g.place
      """
    ).all
  }

  /// Takes all but these out of an authorization.
  package static func delete(
    allBut targets: [Authorization.GivenTarget], of authorization: ID<Authorization>, in tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Void>(
      "authorization_target.delete_others",
      """
      DELETE FROM authorization_targets
      WHERE tenant_id = \(tenant) AND authorization_id = \(authorization)
        AND (group_id, environment) NOT IN (SELECT * FROM unnest(\(targets.groups), \(targets.environments)))
      """
    ).affected
  }

  /// Takes these out of authorizations that have expired, and are locked.
  package static func delete(
    _ targets: [Authorization.GivenTarget], ofExpired authorizations: [ID<Authorization>], in tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Void>(
      "authorization_target.delete_expired",
      """
      DELETE FROM authorization_targets
      WHERE tenant_id = \(tenant) AND authorization_id = ANY (\(authorizations.map(\.description)))
        AND (group_id, environment) IN (SELECT * FROM unnest(\(targets.groups), \(targets.environments)))
      """
    ).affected
  }
}

extension [Authorization.GivenTarget] {
  /// The groups' ids; a text that is no id, for a target whose group has none.
  fileprivate var groups: [String] { map { $0.group.id?.description ?? "" } }
  fileprivate var environments: [String] { map(\.environment.rawValue) }
}
