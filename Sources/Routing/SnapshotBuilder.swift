package import Model

/// Puts a snapshot together from a whole database's rows: tenants and limit policies, then groups, then keys, then
/// what belongs to keys.
package struct SnapshotBuilder: Sendable {
  private var tenants = TenantTable()
  private var limits = LimitTable()
  private var groups = GroupTable()
  private var keys: KeyTableBuilder
  private var hosts: [BoundHost] = []
  private var targets = TargetNumbering()
  private var waiting: [(authorization: TargetName, key: UInt128)] = []
  private var numbered: [(target: TargetNumber, key: UInt128)] = []

  /// - Parameter expectedKeys: About how many subscription keys there will be; 0 when nobody knows.
  package init(expectedKeys: Int = 0) {
    keys = KeyTableBuilder(expectedKeys: expectedKeys)
    waiting.reserveCapacity(KeyTableBuilder.batchSize)
    numbered.reserveCapacity(KeyTableBuilder.batchSize)
  }

  package mutating func add(_ tenant: PublishedTenant) {
    tenants.set(tenant)
  }

  package mutating func add(_ policy: PublishedLimits) {
    limits.set(policy)
  }

  package mutating func add(_ group: PublishedGroup) {
    groups.set(
      group, tenantNumber: tenants.numbering(group.tenant), limits: group.limits.mapValues { limits.numbering($0) })
  }

  package mutating func add(_ domain: PublishedDomain) {
    hosts.append(BoundHost(domain))
  }

  package mutating func addKey(
    _ id: ID<SubscriptionKey>, tenant: ID<Tenant>, isActive: Bool, expiresAt: UnixTime = .distantFuture
  ) {
    keys.addKey(id.bits, tenant: tenants.numbering(tenant), isActive: isActive, expiresAt: expiresAt)
  }

  /// Adds a secret; nothing when its key was not added, being deleted.
  package mutating func addSecret(_ secret: PublishedKey.Secret, of key: ID<SubscriptionKey>) {
    keys.addSecret(secret.digest, expiresAt: secret.expiresAt, of: key.bits)
  }

  /// Says of an authorization that is still to be added that it does not count: the key is not for its provider.
  package mutating func withhold(_ authorization: PublishedKey.Authorization, of key: ID<SubscriptionKey>) {
    keys.withhold(targets.number(of: TargetName(authorization), in: &groups), of: key.bits)
  }

  /// Adds an authorization; nothing when its key was not added, being deleted.
  package mutating func addAuthorization(_ authorization: PublishedKey.Authorization, of key: ID<SubscriptionKey>) {
    waiting.append((TargetName(authorization), key.bits))
    if waiting.count == KeyTableBuilder.batchSize { addWaiting() }
    addTerms(of: authorization, of: key)
  }

  private mutating func addWaiting() {
    for (name, key) in waiting { numbered.append((targets.number(of: name, in: &groups), key)) }
    keys.add(numbered)
    numbered.removeAll(keepingCapacity: true)
    waiting.removeAll(keepingCapacity: true)
  }

  /// Says when an authorization expires, and what limits it, that is added, then or before, without either.
  package mutating func addTerms(of authorization: PublishedKey.Authorization, of key: ID<SubscriptionKey>) {
    let terms = TargetTerms(
      expiresAt: authorization.expiresAt, limits: authorization.limits.map { limits.numbering($0) })
    guard !terms.isNone else { return }
    keys.add(terms, of: targets.number(of: TargetName(authorization), in: &groups), key.bits)
  }

  /// The snapshot of all that was added. What it is made from is let go of part by part, so that both never lie in
  /// memory whole; the builder is of no use after.
  /// - Parameter returnUnused: Called after each part: an allocator keeps what was let go of, and has no use for it when
  ///   the rows were added on another thread.
  package mutating func build(returnUnused: () -> Void = {}) -> Snapshot {
    addWaiting()
    return Snapshot(
      tenants: tenants, limits: limits, groups: groups, keys: keys.build(returnUnused: returnUnused),
      hosts: HostTable(hosts))
  }
}

private struct TargetName: Sendable {
  let group: ID<APIGroup>
  let environment: DeploymentEnvironment

  init(_ authorization: PublishedKey.Authorization) {
    (group, environment) = (authorization.group, authorization.environment)
  }
}

/// What millions of authorizations name their targets by, found without a look at the groups, which lie far apart.
///
/// A group's number never changes while a snapshot is put together.
private struct TargetNumbering: Sendable {
  private static let placeCount = 1 << 15
  private var places = [(group: UInt128, number: UInt32)](repeating: (0, 0), count: placeCount)

  init() {
    // An id whose own place this is not, as 0 is at all others.
    places[0].group = 1
  }

  mutating func number(of name: TargetName, in groups: inout GroupTable) -> TargetNumber {
    let group = name.group
    let place = Int(truncatingIfNeeded: group.bits) & (Self.placeCount - 1)
    if places[place].group != group.bits { places[place] = (group.bits, groups.number(of: group)) }
    return TargetNumber(group: places[place].number, environment: name.environment)
  }
}
