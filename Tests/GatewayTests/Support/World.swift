import Framing
import Model
import Routing

@testable import Gateway

/// A published world: tenant `acme` with groups of every access mode, tenant `globex` with a key for them.
struct World: Sendable {
  static let secret = SecretValue.random()
  static let otherSecret = SecretValue.random()
  static let key: ID<SubscriptionKey> = .random()
  /// `required`, its APIs at `/`.
  static let group: ID<APIGroup> = .random()
  static let openGroup: ID<APIGroup> = .random()
  static let acme: ID<Tenant> = .random()
  static let globex: ID<Tenant> = .random()

  var backend: Backend
  var keyHeaders: [String] = []
  var cors: CORSPolicy?
  /// Of the key at its targets.
  var limits: PublishedLimits?
  /// Of all callers together.
  var sharedLimits: PublishedLimits?
  /// Of the group `echo` and all others.
  var sealedHeaders: [UInt8]?
  static let deployment: ID<Deployment> = .random()
  /// APIs of the group `echo`; all of them by default.
  var apis: [APIPattern] = [APIPattern(method: .any, path: APIPath("/")!, match: .prefix)]

  init(backend: Backend) { self.backend = backend }

  /// Forwards to a port on loopback.
  init(port: Int, base: String = "") { self.init(backend: .http(BackendURL("http://127.0.0.1:\(port)\(base)")!)) }

  func snapshot() -> Snapshot {
    let observed: ID<APIGroup> = .random()
    return Snapshot.empty.applying(
      [
        tenant(Self.acme, "acme"), tenant(Self.globex, "globex"),
        group(Self.group, "echo", .required), group(Self.openGroup, "open", .open),
        group(observed, "observed", .observe),
        key(Self.key, [Self.secret], [Self.group, observed]), key(.random(), [Self.otherSecret], []),
      ] + [limits, sharedLimits].compactMap { $0 }.map { .limits($0.id, $0) })
  }

  func tenant(_ id: ID<Tenant>, _ slug: String, isActive: Bool = true) -> SnapshotChange {
    .tenant(id, PublishedTenant(id: id, slug: Slug(slug)!, isActive: isActive))
  }

  /// A group of `acme`, live in `online` or not.
  func group(_ id: ID<APIGroup>, _ prefix: String, _ mode: AccessMode, isLive: Bool = true) -> SnapshotChange {
    let live = PublishedGroup.Live(
      deployment: Self.deployment, environment: .online, backend: backend, sealedHeaders: sealedHeaders,
      apis: apis.map { PublishedAPI(id: .random(), pattern: $0) })
    return .group(
      id,
      PublishedGroup(
        id: id, tenant: Self.acme, tenantSlug: Slug("acme")!, prefix: Slug(prefix)!, accessMode: mode,
        limits: sharedLimits.map { [.online: $0.id] } ?? [:], keyHeaders: keyHeaders, cors: cors,
        live: isLive ? [live] : []))
  }

  /// A key of `globex`.
  func key(
    _ id: ID<SubscriptionKey>, _ secrets: [SecretValue], _ groups: [ID<APIGroup>], isActive: Bool = true,
    expiresAt: UnixTime = .distantFuture, secretsExpireAt: UnixTime = .distantFuture
  ) -> SnapshotChange {
    .key(
      id,
      PublishedKey(
        id: id, tenant: Self.globex, isActive: isActive, expiresAt: expiresAt,
        secrets: secrets.map { PublishedKey.Secret($0.digest, expiresAt: secretsExpireAt) },
        authorizations: groups.map { PublishedKey.Authorization(group: $0, environment: .online, limits: limits?.id) }))
  }
}
