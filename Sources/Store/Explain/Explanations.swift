package import FoundationEssentials
package import Model
package import Postgres

/// A group as gateways decide by it, with what is live of it in one environment.
package struct GroupAtAddress: Sendable {
  /// Whose host the address has, if it is a tenant's own.
  package let domain: ID<Domain>?
  /// What names the group by path, whether or not the address does.
  package let slug, prefix: Slug
  package let environment: DeploymentEnvironment
  package let tenant: ID<Tenant>
  package let isTenantActive: Bool
  package let group: ID<APIGroup>
  package let groupName: DisplayName
  package let accessMode: AccessMode
  package let keyHeaders: [String]
  package let cors: CORSPolicy?
  /// nil where nothing is live.
  package let live: Live?

  package struct Live: Sendable {
    package let deployment: ID<Deployment>
    package let version: RevisionVersion
    package let apis: [(id: ID<API>, pattern: APIPattern)]
  }
}

/// Statements by which a decision is explained.
package enum Explanations {
  /// The group that a host leads to, or, where it is bound to none, that a provider's slug and its own prefix name; nil
  /// when there is none.
  package static func group(
    host: HostName?, slug: String, prefix: String, _ environment: DeploymentEnvironment
  ) -> Statement<GroupAtAddress?> {
    Query(
      "explanation.group",
      """
      WITH bound AS (
        SELECT domain_id, slug, prefix, environment FROM domain_by_host(\(host))
      ), address AS (
        SELECT domain_id, slug, prefix, environment FROM bound
        UNION ALL
        SELECT NULL, \(slug)::text, \(prefix)::text, \(environment)::text WHERE NOT EXISTS (SELECT FROM bound)
      )
      SELECT a.domain_id, a.slug, a.prefix, a.environment, g.tenant_id, g.is_tenant_active, g.group_id, g.group_name,
        g.access_mode, g.key_headers, g.cors_origins, g.cors_methods, g.cors_headers, g.cors_exposed_headers,
        g.cors_credentials, g.cors_max_age, g.deployment_id, g.version,
        coalesce(g.api_ids, '{}'), coalesce(g.methods, '{}'), coalesce(g.paths, '{}'), coalesce(g.matches, '{}')
      FROM address a
      CROSS JOIN LATERAL group_at_address(a.slug, a.prefix, a.environment) g
      """
    ) { row in try GroupAtAddress(row: &row) }.first
  }

  /// When the authorization of a key for a target expires, as the key's or the group's tenant knows it; nil when there is
  /// none, `infinity` for one that never does.
  package static func authorization(
    of key: ID<SubscriptionKey>, for group: ID<APIGroup>, _ environment: DeploymentEnvironment, in tenant: ID<Tenant>
  ) -> Statement<AuthorizationExpiry?> {
    Query(
      "explanation.authorization",
      """
      SELECT expires_at FROM (
        SELECT r.expires_at FROM received_authorizations r
        WHERE r.subscription_key_id = \(key) AND r.group_id = \(group) AND r.environment = \(environment)
          AND r.state <> 'withdrawn'
        UNION ALL
        SELECT a.expires_at
        FROM authorization_targets x
        JOIN authorizations a ON a.tenant_id = x.tenant_id AND a.id = x.authorization_id
        JOIN authorized_subscriptions s ON s.authorization_id = a.id AND s.state <> 'withdrawn'
        WHERE x.tenant_id = \(tenant) AND x.group_id = \(group) AND x.environment = \(environment)
          AND x.subscription_key_id = \(key)
      ) AS known
      LIMIT 1
      """
    ) { row in AuthorizationExpiry(expiresAt: try row.next()) }.first
  }

  /// How the limits stand of a key for a target of a provider, and of all callers there, as far as the asker may know.
  ///
  /// - Parameter moment: a later one than now: as if nothing were called until then.
  package static func limits(
    of key: ID<SubscriptionKey>, for group: ID<APIGroup>, _ environment: DeploymentEnvironment,
    of provider: ID<Tenant>, at moment: Date?
  ) -> Statement<[RemainingLimit]> {
    Query<Void>(
      "explanation.limits",
      """
      SELECT s.scope, l.requests, l.period, l.mode, l.remaining, l.resets_at
      FROM (VALUES ('key', \(key)::text), ('shared', '')) AS s (scope, key_id)
      CROSS JOIN LATERAL limits_left(\(provider), \(group), \(environment), s.key_id, \(moment)) l
      ORDER BY s.scope, \(RemainingLimits.byPeriod)
      """
    ).fold(into: []) { limits, row in
      if let limit = try row.nextRemainingLimit() { limits.append(limit) }
    }
  }
}

/// That there is an authorization, and when it expires, if it does.
package struct AuthorizationExpiry: Sendable {
  package let expiresAt: Date?
}

extension GroupAtAddress {
  fileprivate init(row: inout Row) throws {
    (domain, slug, prefix, environment) = (try row.next(), try row.next(), try row.next(), try row.next())
    (tenant, isTenantActive) = (try row.next(), try row.next())
    (group, groupName, accessMode, keyHeaders) = (try row.next(), try row.next(), try row.next(), try row.next())
    cors = try row.nextCORSPolicy()
    let (deployment, version) = (try row.next(ID<Deployment>?.self), try row.next(RevisionVersion?.self))
    let (ids, methods) = (try row.next([String].self), try row.next([String].self))
    let (paths, matches) = (try row.next([String].self), try row.next([String].self))
    let apis = ids.indices.compactMap { index -> (id: ID<API>, pattern: APIPattern)? in
      guard let id = ID<API>(ids[index]), let method = APIMethod(rawValue: methods[index]),
        let path = APIPath(paths[index]), let match = APIPattern.Match(rawValue: matches[index])
      else { return nil }
      return (id, APIPattern(method: method, path: path, match: match))
    }
    live = deployment.flatMap { deployment in
      version.map { Live(deployment: deployment, version: $0, apis: apis) }
    }
  }
}
