import Framing
import Model
import Routing

/// Two tenants, what one provides and what the other calls it with; every part can be changed before calls are made.
struct World {
  static let now = UnixTime(microseconds: 1_750_000_000_000_000)

  let acme = ID<Tenant>.random()
  let globex = ID<Tenant>.random()
  let echo = ID<APIGroup>.random()
  let key = ID<SubscriptionKey>.random()
  let secret = SecretValue.random()
  let second = SecretValue.random()

  var accessMode = AccessMode.required
  var accessModes: [DeploymentEnvironment: AccessMode] = [:]
  var keyHeaders: [String] = []
  var cors: CORSPolicy?
  var environments: [DeploymentEnvironment] = [.online]
  var backend = Backend.http(BackendURL("http://127.0.0.1:9000/base")!)
  var sealedHeaders: [UInt8]?
  var apis: [PublishedAPI] = [World.api("GET", "/hello"), World.api("ANY", "/any", .prefix)]
  var isProviderActive = true
  var isCallerActive = true
  var isKeyActive = true
  var keyExpiresAt = UnixTime.distantFuture
  /// Of the first secret; the second has no expiry.
  var secretExpiresAt = UnixTime.distantFuture
  var authorized: [DeploymentEnvironment] = [.online]
  var authorizationExpiresAt = UnixTime.distantFuture
  /// Of each of the key's targets.
  var limits: PublishedLimits?
  /// Of all callers of an environment together.
  var sharedLimits: [DeploymentEnvironment: PublishedLimits] = [:]

  var providerChange: SnapshotChange {
    .tenant(acme, PublishedTenant(id: acme, slug: Slug("acme")!, isActive: isProviderActive))
  }

  var callerChange: SnapshotChange {
    .tenant(globex, PublishedTenant(id: globex, slug: Slug("globex")!, isActive: isCallerActive))
  }

  var groupChange: SnapshotChange {
    .group(
      echo,
      PublishedGroup(
        id: echo, tenant: acme, tenantSlug: Slug("acme")!, prefix: Slug("echo")!, accessMode: accessMode,
        accessModes: accessModes, limits: sharedLimits.mapValues(\.id), keyHeaders: keyHeaders, cors: cors,
        live: environments.map {
          .init(
            deployment: .random(), environment: $0, backend: backend, sealedHeaders: sealedHeaders, apis: apis)
        }))
  }

  var keyChange: SnapshotChange {
    .key(
      key,
      PublishedKey(
        id: key, tenant: globex, isActive: isKeyActive, expiresAt: keyExpiresAt,
        secrets: [.init(secret.digest, expiresAt: secretExpiresAt), .init(second.digest)],
        authorizations: authorized.map {
          .init(group: echo, environment: $0, expiresAt: authorizationExpiresAt, limits: limits?.id)
        }))
  }

  var snapshot: Snapshot {
    Snapshot.empty.applying([providerChange, callerChange, groupChange, keyChange] + limitChanges)
  }

  var limitChanges: [SnapshotChange] {
    ([limits].compactMap { $0 } + sharedLimits.values).map { .limits($0.id, $0) }
  }

  /// A policy that allows so many requests a minute.
  static func limits(_ requests: Int, _ mode: LimitPolicy.Mode = .enforce) -> PublishedLimits {
    PublishedLimits(
      id: .random(), mode: mode, limits: [LimitPolicy.Limit(requests: requests, period: .minute, overdraft: 3)])
  }

  /// The key in the default header.
  var credential: String { "\(World.defaultHeader): \(secret.revealed)" }
  /// The same key by its other secret.
  var secondCredential: String { "\(World.defaultHeader): \(second.revealed)" }

  static let defaultHeader = "jdcloud-apim-subscription-key"

  static func api(_ method: String, _ path: String, _ match: APIPattern.Match = .exact) -> PublishedAPI {
    PublishedAPI(
      id: .random(), pattern: APIPattern(method: APIMethod(rawValue: method)!, path: APIPath(path)!, match: match))
  }
}

/// A request's head with its bytes.
struct Request {
  let bytes: [UInt8]
  let head: RequestHead

  init(_ line: String = "GET /acme/online/echo/hello", host: String = "gateway.example", _ fields: String...) throws {
    try self.init(line, host: host, fields: fields)
  }

  init(_ line: String, host: String = "gateway.example", fields: [String]) throws {
    let lines = ["\(line) HTTP/1.1", "Host: \(host)"] + fields + ["", ""]
    let bytes = Array(lines.joined(separator: "\r\n").utf8)
    var parser = RequestHeadParser()
    var head = RequestHead()
    let isWhole = try parser.parse(bytes.span, into: &head)
    (self.bytes, self.head) = (bytes, head)
    if !isWhole { throw Incomplete() }
  }

  struct Incomplete: Error {}

  func text(_ range: ByteRange) -> String { bytes.span.string(range) }

  func decision(
    by snapshot: Snapshot, at now: UnixTime = World.now, addressing: Addressing = .pathOnly
  ) -> Decision {
    snapshot.decide(Call(head), head, in: bytes.span, at: now, addressing: addressing)
  }
}

extension Decision {
  var preflight: Preflight? {
    if case .preflight(let preflight) = self { preflight } else { nil }
  }

  var refusal: Refusal? {
    if case .refuse(let refusal, _, _) = self { refusal } else { nil }
  }

  var route: Route? {
    if case .forward(let route) = self { route } else { nil }
  }
}
