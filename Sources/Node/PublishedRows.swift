import Model
import Postgres
import Routing

/// One row of what a snapshot is made of.
protocol PublishedRow: Sendable {
  /// - Throws: ``UnreadableValue``, `PostgresError`.
  init(_ row: borrowing Row) throws
}

extension Query {
  /// A query whose rows are nil where a value in them cannot be read. What such a row stands for is then not there,
  /// which refuses calls and lets none in, and the rest of the installation goes on.
  init<Value: PublishedRow>(_ name: StaticString, _ sql: SQL) where Output == Value? {
    self.init(name, sql) { row in try row.readable() }
  }
}

extension Row {
  /// The row's value; nil when it cannot be read.
  func readable<Value: PublishedRow>(as _: Value.Type = Value.self) throws -> Value? {
    do {
      return try Value(self)
    } catch is UnreadableValue {
      return nil
    }
  }
}

struct LiveRow: PublishedRow {
  let group: ID<APIGroup>
  let deployment: ID<Deployment>
  let environment: DeploymentEnvironment
  let backend: Backend
  let sealedHeaders: [UInt8]?

  /// From columns group, deployment, environment, URL, the mock's status, headers and body, and the sealed headers.
  init(_ row: borrowing Row) throws {
    group = try row.id(at: 0)
    deployment = try row.id(at: 1)
    environment = try row.environment(at: 2)
    backend = try Self.backend(row)
    sealedHeaders = try row.decode(7)
  }

  private static func backend(_ row: borrowing Row) throws -> Backend {
    if let text = try row.decode(3, as: String?.self) {
      guard let url = BackendURL(text) else { throw UnreadableValue(what: "backend") }
      return .http(url)
    }
    let fields = try row.decode(5, as: [String].self)
    guard fields.count.isMultiple(of: 2) else { throw UnreadableValue(what: "mock") }
    let headers = stride(from: 0, to: fields.count, by: 2).map {
      MockResponse.Header(name: fields[$0], value: fields[$0 + 1])
    }
    return .mock(MockResponse(status: try row.decode(4), headers: headers, body: try row.decode(6)))
  }
}

struct APIRow: PublishedRow {
  let deployment: ID<Deployment>
  let api: PublishedAPI

  /// From columns deployment, API, method, path and match.
  init(_ row: borrowing Row) throws {
    deployment = try row.id(at: 0)
    guard let method = APIMethod(rawValue: try row.decode(2)), let path = APIPath(try row.decode(3, as: String.self)),
      let match = APIPattern.Match(rawValue: try row.decode(4))
    else { throw UnreadableValue(what: "API") }
    api = PublishedAPI(id: try row.id(at: 1), pattern: APIPattern(method: method, path: path, match: match))
  }
}

struct GroupRow: PublishedRow {
  let id: ID<APIGroup>
  let tenant: ID<Tenant>
  let tenantSlug: Slug
  let prefix: Slug
  let accessMode: AccessMode
  let accessModes: [DeploymentEnvironment: AccessMode]
  let limits: [DeploymentEnvironment: ID<LimitPolicy>]
  let keyHeaders: [String]
  let cors: CORSPolicy?

  /// From columns group, tenant, its slug, prefix, access mode, key headers, each environment's own access mode,
  /// each environment's limit policy, and the CORS policy's origins, methods, headers, exposed headers, credentials and age.
  init(_ row: borrowing Row) throws {
    let accessMode = try row.accessMode(at: 4)
    var accessModes: [DeploymentEnvironment: AccessMode] = [:]
    for (index, environment) in DeploymentEnvironment.allCases.enumerated() where !row.isNull(at: 6 + index) {
      accessModes[environment] = try row.accessMode(at: 6 + index)
    }
    var limits: [DeploymentEnvironment: ID<LimitPolicy>] = [:]
    for (index, environment) in DeploymentEnvironment.allCases.enumerated() where !row.isNull(at: 9 + index) {
      limits[environment] = try row.id(at: 9 + index)
    }
    id = try row.id(at: 0)
    tenant = try row.id(at: 1)
    tenantSlug = try row.slug(at: 2)
    prefix = try row.slug(at: 3)
    (self.accessMode, self.accessModes, self.limits) = (accessMode, accessModes, limits)
    keyHeaders = try row.decode(5)
    cors = try row.corsPolicy(at: 12)
  }

  func published(live: [PublishedGroup.Live]) -> PublishedGroup {
    PublishedGroup(
      id: id, tenant: tenant, tenantSlug: tenantSlug, prefix: prefix, accessMode: accessMode, accessModes: accessModes,
      limits: limits, keyHeaders: keyHeaders, cors: cors, live: live)
  }
}

struct KeyRow: PublishedRow {
  let id: ID<SubscriptionKey>
  let tenant: ID<Tenant>
  let isActive: Bool
  let expiresAt: UnixTime

  /// From columns key, tenant, state and expiry.
  init(_ row: borrowing Row) throws {
    id = try row.id(at: 0)
    tenant = try row.id(at: 1)
    isActive = try row.isText("active", at: 2)
    expiresAt = try row.expiry(at: 3)
  }
}

struct SecretRow: PublishedRow {
  let key: ID<SubscriptionKey>
  let secret: PublishedKey.Secret

  /// From columns key, digest and expiry.
  init(_ row: borrowing Row) throws {
    key = try row.id(at: 0)
    secret = PublishedKey.Secret(try row.digest(at: 1), expiresAt: try row.expiry(at: 2))
  }
}

struct AuthorizationRow: PublishedRow {
  let key: ID<SubscriptionKey>
  let authorization: PublishedKey.Authorization

  /// From columns key, group, environment and, where they are read, expiry and limit policy.
  init(_ row: borrowing Row) throws {
    key = try row.id(at: 0)
    let hasTerms = row.columnCount > 3
    authorization = PublishedKey.Authorization(
      group: try row.id(at: 1), environment: try row.environment(at: 2),
      expiresAt: hasTerms ? try row.expiry(at: 3) : .distantFuture,
      limits: hasTerms && !row.isNull(at: 4) ? try row.id(at: 4) : nil)
  }
}

extension PublishedDomain: PublishedRow {
  /// From columns domain, host, group and environment.
  init(_ row: borrowing Row) throws {
    guard let host = HostName(try row.decode(1, as: String.self)) else { throw UnreadableValue(what: "host") }
    self.init(id: try row.id(at: 0), host: host, group: try row.id(at: 2), environment: try row.environment(at: 3))
  }
}

extension PublishedLimits: PublishedRow {
  /// From columns policy, mode, and for each period, from the shortest on, its limit, then for each its overdraft.
  convenience init(_ row: borrowing Row) throws {
    guard let mode = LimitPolicy.Mode(rawValue: try row.decode(1)) else { throw UnreadableValue(what: "limit mode") }
    var limits: [LimitPolicy.Limit] = []
    for (index, period) in LimitPeriod.allCases.enumerated() where !row.isNull(at: 2 + index) {
      let (requests, overdraft) = (try row.decode(2 + index, as: Int.self), try row.decode(7 + index, as: Int.self))
      let limit = LimitPolicy.Limit(requests: requests, period: period, overdraft: overdraft)
      guard limit.isValid else { throw UnreadableValue(what: "limit") }
      limits.append(limit)
    }
    self.init(id: try row.id(at: 0), mode: mode, limits: limits)
  }
}

extension PublishedTenant: PublishedRow {
  /// From columns tenant, slug and state.
  init(_ row: borrowing Row) throws {
    self.init(id: try row.id(at: 0), slug: try row.slug(at: 1), isActive: try row.isText("active", at: 2))
  }
}
