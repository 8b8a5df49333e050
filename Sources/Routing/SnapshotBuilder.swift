package import Model

/// Puts a snapshot together from a whole database's rows: tenants and limit policies, then groups, then keys, then
/// what belongs to keys.
package struct SnapshotBuilder: Sendable {
  /// How many authorizations are added at a time.
  private static let waitingCount = 64

  private var tenants = TenantTable()
  private var limits = LimitTable()
  private var groups = GroupTable()
  private var keys: KeyTableBuilder
  private var hosts: [BoundHost] = []
  private var numbering = GroupNumbering()
  private var waiting: [(authorization: TargetName, key: UInt128)] = []
  private var numbers: [UInt32] = []

  /// - Parameter expectedKeys: About how many subscription keys there will be; 0 when nobody knows.
  package init(expectedKeys: Int = 0) {
    keys = KeyTableBuilder(expectedKeys: expectedKeys)
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
    keys.withhold(target(of: authorization), of: key.bits)
  }

  /// Adds an authorization; nothing when its key was not added, being deleted.
  package mutating func addAuthorization(_ authorization: PublishedKey.Authorization, of key: ID<SubscriptionKey>) {
    waiting.append((TargetName(authorization), key.bits))
    if waiting.count == Self.waitingCount { addWaiting() }
    addTerms(of: authorization, of: key)
  }

  /// Numbers all groups before anything else: the memory brings many at once as long as none says where the next one is.
  private mutating func addWaiting() {
    for (name, _) in waiting { numbers.append(numbering.number(of: name.group, in: &groups)) }
    for ((name, key), number) in zip(waiting, numbers) {
      keys.addTarget(TargetNumber(group: number, environment: name.environment), of: key)
    }
    waiting.removeAll(keepingCapacity: true)
    numbers.removeAll(keepingCapacity: true)
  }

  /// Says when an authorization expires, and what limits it, that is added, then or before, without either.
  package mutating func addTerms(of authorization: PublishedKey.Authorization, of key: ID<SubscriptionKey>) {
    let terms = TargetTerms(
      expiresAt: authorization.expiresAt, limits: authorization.limits.map { limits.numbering($0) })
    guard !terms.isNone else { return }
    keys.add(terms, of: target(of: authorization), key.bits)
  }

  private mutating func target(of authorization: PublishedKey.Authorization) -> TargetNumber {
    TargetNumber(
      group: numbering.number(of: authorization.group, in: &groups), environment: authorization.environment)
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

/// The numbers of groups, by which millions of authorizations name their targets, found without a look at the groups, which
/// lie far apart.
///
/// A group's number never changes while a snapshot is put together.
private struct GroupNumbering: Sendable {
  private static let none = UInt32.max

  /// At least twice as many as groups, a power of two. A group is at the place that its id says, or at the next free one.
  private var places = [(group: UInt128, number: UInt32)](repeating: (0, none), count: 1 << 10)
  private var count = 0

  mutating func number(of group: ID<APIGroup>, in groups: inout GroupTable) -> UInt32 {
    let place = place(of: group.bits)
    if places[place].number != Self.none { return places[place].number }
    let number = groups.number(of: group)
    places[place] = (group.bits, number)
    count += 1
    if 2 * count > places.count { grow() }
    return number
  }

  @inline(__always)
  private func place(of group: UInt128) -> Int {
    var place = Int(truncatingIfNeeded: group) & (places.count - 1)
    while places[place].number != Self.none, places[place].group != group { place = (place + 1) & (places.count - 1) }
    return place
  }

  private mutating func grow() {
    let taken = places.filter { $0.number != Self.none }
    places = Array(repeating: (0, Self.none), count: 2 * places.count)
    for (group, number) in taken { places[place(of: group)] = (group, number) }
  }
}
