package import Model
package import Postgres

/// Statements about limit policies.
package enum LimitPolicies {
  /// What is shown of one.
  private static let columns: SQL = """
    id, name, description, mode, per_second, overdraft_per_second, per_minute, overdraft_per_minute, per_hour, \
    overdraft_per_hour, per_day, overdraft_per_day, per_month, overdraft_per_month, created_at, updated_at
    """

  package static func insert(
    _ draft: LimitPolicy.Draft, id: ID<LimitPolicy>, in tenant: ID<Tenant>
  ) -> Statement<LimitPolicy> {
    let limits = draft.limits
    return Query(
      "limit_policy.insert",
      """
      INSERT INTO limit_policies (tenant_id, id, name, description, mode, per_second, overdraft_per_second, per_minute,
        overdraft_per_minute, per_hour, overdraft_per_hour, per_day, overdraft_per_day, per_month, overdraft_per_month)
      VALUES (\(tenant), \(id), \(draft.name), \(draft.description), \(draft.mode),
        \(limits.requests(per: .second)), \(limits.overdraft(per: .second)),
        \(limits.requests(per: .minute)), \(limits.overdraft(per: .minute)),
        \(limits.requests(per: .hour)), \(limits.overdraft(per: .hour)),
        \(limits.requests(per: .day)), \(limits.overdraft(per: .day)),
        \(limits.requests(per: .month)), \(limits.overdraft(per: .month)))
      RETURNING \(columns)
      """
    ) { row in try LimitPolicy(row: &row) }.only
  }

  package static func find(_ id: ID<LimitPolicy>, in tenant: ID<Tenant>) -> Statement<LimitPolicy?> {
    Query(
      "limit_policy.find",
      "SELECT \(columns) FROM limit_policies WHERE tenant_id = \(tenant) AND id = \(id)"
    ) { row in try LimitPolicy(row: &row) }.first
  }

  /// At least the first `limit` policies.
  ///
  /// By a text, it looks at each of the tenant's policies until the page is full, of which a quota keeps there being many.
  package static func list(
    _ filter: LimitPolicy.Filter, _ order: ListOrder = .newest, after position: Position<LimitPolicy>?, limit: Int,
    in tenant: ID<Tenant>
  ) -> Statement<[LimitPolicy]> {
    var narrowing = Narrowing()
    let rowOrder = RowOrder(order)
    rowOrder.narrow(&narrowing, after: position)
    narrowing.add("text", filter.text.map { $0.isFound(in: "name, description, id") })
    let rows = narrowing.rows(limit)
    return Query(
      "limit_policy.list",
      """
      SELECT \(columns)
      FROM limit_policies
      WHERE tenant_id = \(tenant)
        \(narrowing.conditions)
      ORDER BY \(rowOrder.clause())
      LIMIT \(rows)
      """
    ) { row in try LimitPolicy(row: &row) }.variant(narrowing.names).all
  }

  /// Changes a policy that is of an expected version; else nothing.
  package static func update(
    _ id: ID<LimitPolicy>, to changes: LimitPolicy.Changes, expecting version: ExpectedVersion, in tenant: ID<Tenant>
  ) -> Statement<LimitPolicy?> {
    let (isChange, limits) = (changes.limits != nil, changes.limits ?? [])
    return Query(
      "limit_policy.update",
      """
      UPDATE limit_policies
      SET name = coalesce(\(changes.name), name),
        description = CASE WHEN \(changes.description.isChange)
          THEN \(changes.description.value) ELSE description END,
        mode = coalesce(\(changes.mode), mode),
        per_second = CASE WHEN \(isChange) THEN \(limits.requests(per: .second)) ELSE per_second END,
        per_minute = CASE WHEN \(isChange) THEN \(limits.requests(per: .minute)) ELSE per_minute END,
        per_hour = CASE WHEN \(isChange) THEN \(limits.requests(per: .hour)) ELSE per_hour END,
        per_day = CASE WHEN \(isChange) THEN \(limits.requests(per: .day)) ELSE per_day END,
        per_month = CASE WHEN \(isChange) THEN \(limits.requests(per: .month)) ELSE per_month END,
        overdraft_per_second = CASE WHEN \(isChange)
          THEN \(limits.overdraft(per: .second)) ELSE overdraft_per_second END,
        overdraft_per_minute = CASE WHEN \(isChange)
          THEN \(limits.overdraft(per: .minute)) ELSE overdraft_per_minute END,
        overdraft_per_hour = CASE WHEN \(isChange) THEN \(limits.overdraft(per: .hour)) ELSE overdraft_per_hour END,
        overdraft_per_day = CASE WHEN \(isChange) THEN \(limits.overdraft(per: .day)) ELSE overdraft_per_day END,
        overdraft_per_month = CASE WHEN \(isChange)
          THEN \(limits.overdraft(per: .month)) ELSE overdraft_per_month END,
        updated_at = clock_timestamp()
      WHERE tenant_id = \(tenant) AND id = \(id)
        AND (\(version.dates) IS NULL OR updated_at = ANY (\(version.dates)))
      RETURNING \(columns)
      """
    ) { row in try LimitPolicy(row: &row) }.first
  }

  /// Waits for whoever puts something under the policy, and keeps others from it until the transaction ends. Gives whether
  /// it exists.
  package static func lock(_ id: ID<LimitPolicy>, in tenant: ID<Tenant>) -> Statement<Bool> {
    Query<Void>(
      "limit_policy.lock",
      "SELECT FROM limit_policies WHERE tenant_id = \(tenant) AND id = \(id) FOR UPDATE"
    ).fold(into: false) { found, _ in found = true }
  }

  /// Keeps a policy that something is to be under from being deleted until the transaction ends. Gives whether it exists;
  /// nil refers to none, which does not.
  package static func lockForReference(_ policy: Reference<LimitPolicy>?, in tenant: ID<Tenant>) -> Statement<Bool> {
    Query<Void>(
      "limit_policy.lock_for_reference",
      "SELECT FROM limit_policies WHERE tenant_id = \(tenant) AND id = \(policy?.text) FOR KEY SHARE"
    ).fold(into: false) { found, _ in found = true }
  }

  /// Deletes a policy under which nothing is. Gives how many it was, 0 or 1.
  package static func delete(_ id: ID<LimitPolicy>, in tenant: ID<Tenant>) -> Statement<Int> {
    Query<Void>(
      "limit_policy.delete", "DELETE FROM limit_policies WHERE tenant_id = \(tenant) AND id = \(id)"
    ).affected
  }
}
