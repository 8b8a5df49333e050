package import Model
package import Postgres

extension Authorizations {
  /// At least the first `limit` authorizations, newest or oldest first.
  ///
  /// By state or a text, it reads from there until the page is full; of those that are withdrawn, it gathers all first.
  package static func list(
    _ filter: Authorization.Filter, _ order: ListOrder = .newest, after position: Position<Authorization>?, limit: Int,
    in tenant: ID<Tenant>
  ) -> Statement<[Authorization]> {
    let place = Place(order: order, after: position)
    var narrowing = narrowing(filter, place, in: tenant)
    let rows = narrowing.rows(limit)
    let page = filter.isByTarget ? page(ofTargets: filter, place, in: tenant) : page(place, in: tenant)
    return Query<Void>(
      "authorization.list",
      """
      WITH page AS (
        \(page.selection) \(narrowing.conditions)
        ORDER BY \(page.order)
        LIMIT \(rows)
      )
      SELECT a.id, s.subscription_key_id, s.subscription_key_name, s.subscriber_name, s.subscriber_slug,
        a.description, a.expires_at, a.limit_policy_id, l.name, s.state, a.created_at, a.updated_at,
        x.group_id, x.group_name, x.environment
      FROM page a
      -- One, as the limit tells the planner, which else reads the whole view.
      CROSS JOIN LATERAL (
        SELECT v.subscription_key_id, v.subscription_key_name, v.subscriber_name, v.subscriber_slug, v.state
        FROM authorized_subscriptions v
        WHERE v.tenant_id = a.tenant_id AND v.authorization_id = a.id
        LIMIT 1) s
      LEFT JOIN LATERAL (
        SELECT p.name
        FROM limit_policies p
        WHERE p.tenant_id = a.tenant_id AND p.id = a.limit_policy_id
        LIMIT 1) l ON true
      CROSS JOIN LATERAL (
        SELECT t.group_id, g.name AS group_name, g.created_at, t.environment
        FROM authorization_targets t
        JOIN api_groups g ON g.tenant_id = t.tenant_id AND g.id = t.group_id
        WHERE t.tenant_id = a.tenant_id AND t.authorization_id = a.id
        OFFSET 0) x
      ORDER BY \(place.order.clause("a.created_at", "a.id")),
        x.created_at, x.group_id, array_position(ARRAY['test', 'preview', 'online'], x.environment::text)
      """
    ).variant(narrowing.names).fold(into: [], Authorization.append)
  }

  /// A page's rows, still without conditions, and their order.
  private typealias Page = (selection: SQL, order: SQL)

  private static func page(_ place: Place, in tenant: ID<Tenant>) -> Page {
    let selection: SQL = """
      SELECT a.tenant_id, a.id, a.description, a.expires_at, a.limit_policy_id, a.created_at, a.updated_at
      FROM authorizations a
      WHERE a.tenant_id = \(tenant)
        AND (SELECT x.authorization_id FROM authorization_targets x
          WHERE x.tenant_id = a.tenant_id AND x.authorization_id = a.id LIMIT 1) IS NOT NULL
      """
    return (selection, place.order.clause("a.created_at", "a.id"))
  }

  /// By targets, which are in the order of their authorizations, each of which may have several of those asked for.
  private static func page(
    ofTargets filter: Authorization.Filter, _ place: Place, in tenant: ID<Tenant>
  ) -> Page {
    let selection: SQL = """
      SELECT a.tenant_id, a.id, a.description, a.expires_at, a.limit_policy_id, a.created_at, a.updated_at
      FROM (
        SELECT DISTINCT ON (t.authorized_at, t.authorization_id) t.authorized_at, t.authorization_id
        FROM (\(targets(filter, place, in: tenant))) t
        ORDER BY \(place.order.clause("t.authorized_at", "t.authorization_id"))) x
      CROSS JOIN LATERAL (
        SELECT o.tenant_id, o.id, o.description, o.expires_at, o.limit_policy_id, o.created_at, o.updated_at
        FROM authorizations o
        WHERE o.tenant_id = \(tenant) AND o.id = x.authorization_id
        LIMIT 1) a
      WHERE true
      """
    return (selection, place.order.clause("x.authorized_at", "x.authorization_id"))
  }

  /// The targets asked for. Of a group in whatever environment, those of each, which the server merges in their order.
  private static func targets(
    _ filter: Authorization.Filter, _ place: Place, in tenant: ID<Tenant>
  ) -> SQL {
    var narrowing = Narrowing()
    narrowing.add("key", filter.subscription.map { "AND subscription_key_id = \($0)" })
    narrowing.add("after", place.condition("authorized_at", "authorization_id"))
    let common: SQL = """
      SELECT authorized_at, authorization_id
      FROM authorization_targets
      WHERE tenant_id = \(tenant) \(narrowing.conditions)
      """
    guard let group = filter.group else { return "\(common) AND environment = \(filter.environment)" }
    let environments = filter.environment.map { [$0] } ?? DeploymentEnvironment.allCases
    let parts = environments.map { "\(common) AND group_id = \(group) AND environment = \($0)" as SQL }
    return parts.dropFirst().reduce(parts[0]) { "\($0) UNION ALL \($1)" }
  }
}

extension Authorizations {
  private static func narrowing(
    _ filter: Authorization.Filter, _ place: Place, in tenant: ID<Tenant>
  ) -> Narrowing {
    var narrowing = Narrowing()
    narrowing.add("oldest", place.order == .oldest ? "" : nil)
    narrowing.add("after", place.condition("a.created_at", "a.id"))
    if filter.isByTarget {
      // The conditions themselves are those of the targets.
      narrowing.add("key", filter.subscription.map { _ in "" })
      narrowing.add("group", filter.group.map { _ in "" })
      narrowing.add("environment", filter.environment.map { _ in "" })
    } else {
      narrowing.add("key", filter.subscription.map { "AND a.subscription_key_id = \($0)" })
    }
    narrowing.add("policy", filter.limitPolicy.map { "AND a.limit_policy_id = \($0)" })
    narrowing.add("text", filter.text.map(names))
    switch filter.state {
    case nil: break
    case .expired: narrowing.add("expired", "AND a.expires_at <= now()")
    case .active:
      // In these words, which the planner takes for true of most.
      narrowing.add(
        "active",
        """
        AND (a.expires_at IS NULL OR a.expires_at > now())
        AND 'withdrawn' <> (SELECT v.state FROM authorized_subscriptions v
          WHERE v.tenant_id = a.tenant_id AND v.authorization_id = a.id)
        """)
    case .withdrawn:
      narrowing.add(
        "withdrawn",
        """
        AND (a.expires_at IS NULL OR a.expires_at > now())
        AND a.id IN (SELECT w.authorization_id FROM withdrawn_authorizations w WHERE w.tenant_id = \(tenant))
        """)
    }
    return narrowing
  }
}

extension Authorizations {
  /// That the key's name or id, or its tenant's name or slug contain a text.
  private static func names(_ text: SearchText) -> SQL {
    """
    AND EXISTS (
      SELECT FROM authorized_subscriptions v
      WHERE v.tenant_id = a.tenant_id AND v.authorization_id = a.id
        \(text.isFound(
          in: "v.subscription_key_name, v.subscription_key_id, v.subscriber_name, v.subscriber_slug"))
      OFFSET 0)
    """
  }
}

/// Where a list of authorizations goes on, and in which direction of their times.
private struct Place {
  let order: ListOrder
  let after: Position<Authorization>?

  /// That a row is behind the position; nil without one.
  func condition(_ time: SQL, _ id: SQL) -> SQL? {
    after.map { "AND (\(time), \(id)) \(order.isBehind) (\($0.createdAt), \($0.id))" }
  }
}

extension Authorization.Filter {
  fileprivate var isByTarget: Bool { group != nil || environment != nil }
}
