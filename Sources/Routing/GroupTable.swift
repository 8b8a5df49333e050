import Framing
import Model

/// All groups with their live targets: by id, and by the beginning of the paths that lead to them.
struct GroupTable: Sendable {
  private static let shardBits = 8

  private var groups = ShardedTable<UInt128, Group>(shardBits: shardBits)
  private var routes = ShardedTable<UInt64, Target>(shardBits: shardBits)
  /// The number that the next group gets.
  private(set) var count: UInt32 = 0

  init() {}

  /// A table of these groups, whose numbers are below `count`.
  init(_ all: [(id: UInt128, group: Group)], count: UInt32) {
    groups = ShardedTable(shardBits: Self.shardBits, all: all.map { .init(key: $0.id, value: $0.group) })
    routes = ShardedTable(
      shardBits: Self.shardBits,
      all: all.flatMap { $0.group.targets.compactMap { $0 } }.map { .init(key: $0.routeHash, value: $0) })
    self.count = count
  }

  /// All groups, those without targets too.
  var all: [(id: UInt128, group: Group)] { groups.all.map { ($0.key, $0.value) } }

  /// A group's number in this process, and its targets by their environment's code.
  final class Group: Sendable, Equatable {
    let number: UInt32
    let targets: [Target?]

    init(number: UInt32, targets: [Target?]) {
      (self.number, self.targets) = (number, targets)
    }

    static func == (left: Group, right: Group) -> Bool { left === right }
  }

  /// What is live of a group in an environment.
  @inline(__always)
  func target(_ id: ID<APIGroup>, _ environment: DeploymentEnvironment) -> Target? {
    groups[id.bits]?.targets[environment.code]
  }

  /// What is live at a tenant's slug, an environment and a group's prefix.
  @inline(__always)
  func target(
    slug: UnsafeRawBufferPointer, _ environment: DeploymentEnvironment, prefix: UnsafeRawBufferPointer
  ) -> Target? {
    routes.first(RouteHash.of(slug: slug, environment, prefix: prefix)) { target in
      target.environment == environment && target.isAt(slug: slug, prefix: prefix)
    }
  }

  /// What authorizations for the group in the environment name it by.
  mutating func numbering(_ id: ID<APIGroup>, _ environment: DeploymentEnvironment) -> TargetNumber {
    TargetNumber(group: number(of: id), environment: environment)
  }

  /// - Parameters:
  ///   - tenantNumber: Where the state of the group's tenant is kept.
  ///   - limits: What limits all callers of an environment together.
  mutating func set(
    _ published: PublishedGroup, tenantNumber: UInt32, limits: [DeploymentEnvironment: LimitsNumber] = [:]
  ) {
    let number = number(of: published.id)
    let crossOrigin = published.cors.map { CrossOriginRules($0, keyHeaders: published.keyHeaders) }
    var targets = [Target?](repeating: nil, count: 3)
    for live in published.live {
      targets[live.environment.code] = Target(
        live, of: published, crossOrigin: crossOrigin,
        number: TargetNumber(group: number, environment: live.environment),
        tenantNumber: tenantNumber, limits: limits[live.environment])
    }
    replace(published.id, with: Group(number: number, targets: targets))
  }

  /// Forgets a group and its number: authorizations for it lead nowhere then, whatever comes later.
  mutating func remove(_ id: ID<APIGroup>) {
    replace(id, with: nil)
  }

  /// The number that stands for a group, whether it is there yet or not.
  mutating func number(of id: ID<APIGroup>) -> UInt32 {
    if let group = groups[id.bits] { return group.number }
    defer { count += 1 }
    groups.apply([.init(key: id.bits, added: Group(number: count, targets: [nil, nil, nil]))])
    return count
  }

  private mutating func replace(_ id: ID<APIGroup>, with group: Group?) {
    let old = groups[id.bits]
    groups.apply([.init(key: id.bits, removed: old, added: group)])
    let gone = (old?.targets ?? []).compactMap { $0 }
    let new = (group?.targets ?? []).compactMap { $0 }
    routes.apply(gone.map { ShardedTable.Edit(key: $0.routeHash, removed: $0) })
    routes.apply(new.map { ShardedTable.Edit(key: $0.routeHash, added: $0) })
  }
}

extension Target: Equatable {
  package static func == (left: Target, right: Target) -> Bool { left === right }
}

/// The key of a route, under a seed of this process's own, so that nobody can choose slugs that collide.
private enum RouteHash {
  static func of(
    slug: UnsafeRawBufferPointer, _ environment: DeploymentEnvironment, prefix: UnsafeRawBufferPointer
  ) -> UInt64 {
    var hasher = Hasher()
    hasher.combine(bytes: slug)
    hasher.combine(UInt8(environment.code))
    hasher.combine(bytes: prefix)
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }
}

extension Target {
  fileprivate var routeHash: UInt64 {
    slugBytes.withBytes { slug in
      prefixBytes.withBytes { RouteHash.of(slug: slug, environment, prefix: $0) }
    }
  }

  fileprivate func isAt(slug: UnsafeRawBufferPointer, prefix: UnsafeRawBufferPointer) -> Bool {
    slugBytes.withBytes { $0.elementsEqual(slug) } && prefixBytes.withBytes { $0.elementsEqual(prefix) }
  }
}
