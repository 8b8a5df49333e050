import Logging
import Model
import Postgres
import Routing

/// Reads snapshots, and what changed since one, from the database.
struct SnapshotFeed: Sendable {
  /// A snapshot and the position in the feed that it has.
  struct Reading: Sendable {
    let snapshot: Snapshot
    let position: FeedPosition
  }

  /// A server that is behind what was read already.
  struct ServerIsBehind: Error {}

  /// More changes than this are read faster by reading everything.
  static let maximumChanges = 20_000

  let pool: PostgresPool
  let logger: Logger

  /// Reads on from `former`, or everything where that is not possible or nothing was read before.
  ///
  /// - Returns: a reading with the former's very snapshot where nothing has changed.
  /// - Throws: `PostgresError`, ``ServerIsBehind``, `CancellationError`.
  func read(after former: Reading?) async throws -> Reading {
    guard let former else { return try await load() }
    switch try await changes(since: former.position) {
    case .changes(let changes, let position):
      return Reading(
        snapshot: changes.isEmpty ? former.snapshot : former.snapshot.applying(changes), position: position)
    case .reload(let reason):
      logger.notice("everything is read again", metadata: ["reason": "\(reason.rawValue)"])
      return try await load()
    }
  }

  private func logUnreadable(_ count: Int) {
    guard count > 0 else { return }
    logger.error("stored rows cannot be read and are left out", metadata: ["rows": "\(count)"])
  }
}

// MARK: - Everything

extension SnapshotFeed {
  /// One statement may take this long: a million keys take a few seconds.
  private static let loading = TransactionOptions(isolation: .repeatableRead, isReadOnly: true, timeout: .seconds(60))

  private func load() async throws -> Reading {
    try await pool.transaction(Self.loading) { transaction in
      let state = try await transaction.only(.feedState(since: nil))
      let load = SnapshotLoad(expectedKeys: try await transaction.only(.expectedKeys))
      try await load.run(.wholeTenants, on: transaction) { $0.add($1) }
      try await load.run(.wholeLimits, on: transaction) { $0.add($1) }
      let live = LiveGroups(
        live: try await transaction.all(.wholeLive), apis: try await transaction.all(.wholeAPIs))
      try await load.run(.wholeGroups, on: transaction) { $0.add($1.published(live: live[$1.id])) }
      try await load.run(.wholeDomains, on: transaction) { $0.add($1) }
      try await load.copyKeys(on: transaction)
      let (snapshot, unreadable) = load.finish()
      logUnreadable(unreadable + live.unreadable)
      Allocator.returnUnused()
      return Reading(snapshot: snapshot, position: state.position)
    }
  }
}

extension SnapshotLoad {
  /// Keys first, then what belongs to them.
  fileprivate func copyKeys(on transaction: Transaction) async throws {
    try await copy(.wholeKeys, of: KeyRow.self, on: transaction) {
      $0.addKey($1.id, tenant: $1.tenant, isActive: $1.isActive, expiresAt: $1.expiresAt)
    }
    try await copy(.wholeSecrets, of: SecretRow.self, on: transaction) { $0.addSecret($1.secret, of: $1.key) }
    try await copy(.wholeWithheld, of: AuthorizationRow.self, on: transaction) {
      $0.withhold($1.authorization, of: $1.key)
    }
    try await copy(.wholeTerms, of: AuthorizationRow.self, on: transaction) {
      $0.addTerms(of: $1.authorization, of: $1.key)
    }
    try await copy(.wholeAuthorizations, of: AuthorizationRow.self, on: transaction) {
      $0.addAuthorization($1.authorization, of: $1.key)
    }
  }
}

// MARK: - Changes

extension SnapshotFeed {
  private enum Changes {
    case changes([SnapshotChange], FeedPosition)
    case reload(FeedState.Reason)
  }

  /// Short, for a server that does not answer is to be noticed soon.
  private static let following = TransactionOptions(isolation: .repeatableRead, isReadOnly: true, timeout: .seconds(5))

  private func changes(since position: FeedPosition) async throws -> Changes {
    try await pool.transaction(Self.following) { transaction in
      let (state, entities) = try await transaction.batch(
        Query.feedState(since: position).only,
        Query.changes(since: position, limit: Self.maximumChanges + 1).all)
      switch state.continuation(from: position) {
      case .wait: throw ServerIsBehind()
      case .reload(let reason): return .reload(reason)
      case .changes where entities.count > Self.maximumChanges: return .reload(.tooMuch)
      case .changes: return .changes(try await changes(of: entities.compactMap(\.self), transaction), state.position)
      }
    }
  }

  private func changes(of entities: [ChangedEntity], _ transaction: Transaction) async throws -> [SnapshotChange] {
    func ids(_ kinds: Set<ChangedEntity.Kind>) -> [String] {
      Set(entities.lazy.filter { kinds.contains($0.kind) }.map(\.id)).sorted()
    }
    return try await tenantChanges(ids([.tenant]), transaction) + groupChanges(ids([.group]), transaction)
      + keyChanges(ids([.subscriptionKey, .authorization]), transaction) + domainChanges(ids([.domain]), transaction)
      + limitChanges(ids([.limitPolicy]), transaction)
  }

  private func tenantChanges(_ ids: [String], _ transaction: Transaction) async throws -> [SnapshotChange] {
    guard !ids.isEmpty else { return [] }
    let tenants = try await transaction.all(.tenants(ids))
    logUnreadable(tenants.count { $0 == nil })
    let found = Dictionary(tenants.compactMap { $0.map { ($0.id, $0) } }) { $1 }
    return ids.compactMap(ID<Tenant>.init).map { .tenant($0, found[$0]) }
  }

  private func groupChanges(_ ids: [String], _ transaction: Transaction) async throws -> [SnapshotChange] {
    guard !ids.isEmpty else { return [] }
    let (groups, live, apis) = try await transaction.batch(
      Query.groups(ids).all, Query.live(groups: ids).all, Query.apis(groups: ids).all)
    let liveGroups = LiveGroups(live: live, apis: apis)
    logUnreadable(liveGroups.unreadable + groups.count { $0 == nil })
    let found = Dictionary(groups.compactMap { $0.map { ($0.id, $0) } }) { $1 }
    return ids.compactMap(ID<APIGroup>.init).map { id in
      .group(id, found[id]?.published(live: liveGroups[id]))
    }
  }

  private func domainChanges(_ ids: [String], _ transaction: Transaction) async throws -> [SnapshotChange] {
    guard !ids.isEmpty else { return [] }
    let domains = try await transaction.all(.domains(ids))
    logUnreadable(domains.count { $0 == nil })
    let found = Dictionary(domains.compactMap { $0.map { ($0.id, $0) } }) { $1 }
    return ids.compactMap(ID<Domain>.init).map { .domain($0, found[$0]) }
  }

  private func limitChanges(_ ids: [String], _ transaction: Transaction) async throws -> [SnapshotChange] {
    guard !ids.isEmpty else { return [] }
    let policies = try await transaction.all(.limits(ids))
    logUnreadable(policies.count { $0 == nil })
    let found = Dictionary(policies.compactMap { $0.map { ($0.id, $0) } }) { $1 }
    return ids.compactMap(ID<LimitPolicy>.init).map { .limits($0, found[$0]) }
  }

  private func keyChanges(_ ids: [String], _ transaction: Transaction) async throws -> [SnapshotChange] {
    guard !ids.isEmpty else { return [] }
    let (keys, secrets, authorizations) = try await transaction.batch(
      Query.keys(ids).all, Query.secrets(keys: ids).all, Query.authorizations(keys: ids).all)
    logUnreadable(
      keys.count { $0 == nil } + secrets.count { $0 == nil } + authorizations.count { $0 == nil })
    let found = Dictionary(keys.compactMap { $0.map { ($0.id, $0) } }) { $1 }
    let secretsOf = Dictionary(grouping: secrets.compactMap(\.self), by: \.key)
    let authorizationsOf = Dictionary(grouping: authorizations.compactMap(\.self), by: \.key)
    return ids.compactMap(ID<SubscriptionKey>.init).map { id in
      .key(
        id,
        found[id].map { key in
          PublishedKey(
            id: id, tenant: key.tenant, isActive: key.isActive, expiresAt: key.expiresAt,
            secrets: (secretsOf[id] ?? []).map(\.secret),
            authorizations: (authorizationsOf[id] ?? []).map(\.authorization))
        })
    }
  }
}
