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

  var backend: Backend
  var keyHeaders: [String] = []
  /// APIs of the group `echo`; all of them by default.
  var apis: [APIPattern] = [APIPattern(method: .any, path: APIPath("/")!, match: .prefix)]

  init(backend: Backend) { self.backend = backend }

  /// Forwards to a port on loopback.
  init(port: Int, base: String = "") { self.init(backend: .http(BackendURL("http://127.0.0.1:\(port)\(base)")!)) }

  func snapshot() -> Snapshot {
    let (acme, globex): (ID<Tenant>, ID<Tenant>) = (.random(), .random())
    let open: ID<APIGroup> = .random()
    let observed: ID<APIGroup> = .random()
    return Snapshot.empty.applying([
      .tenant(acme, PublishedTenant(id: acme, slug: Slug("acme")!, isActive: true)),
      .tenant(globex, PublishedTenant(id: globex, slug: Slug("globex")!, isActive: true)),
      group(Self.group, "echo", acme, .required), group(open, "open", acme, .open),
      group(observed, "observed", acme, .observe),
      key(Self.key, globex, Self.secret, [Self.group, observed]), key(.random(), globex, Self.otherSecret, []),
    ])
  }

  private func group(_ id: ID<APIGroup>, _ prefix: String, _ tenant: ID<Tenant>, _ mode: AccessMode) -> SnapshotChange {
    let live = PublishedGroup.Live(
      deployment: .random(), environment: .online, backend: backend,
      apis: apis.map { PublishedAPI(id: .random(), pattern: $0) })
    return .group(
      id,
      PublishedGroup(
        id: id, tenant: tenant, tenantSlug: Slug("acme")!, prefix: Slug(prefix)!, accessMode: mode,
        keyHeaders: keyHeaders, live: [live]))
  }

  private func key(
    _ id: ID<SubscriptionKey>, _ tenant: ID<Tenant>, _ secret: SecretValue, _ groups: [ID<APIGroup>]
  ) -> SnapshotChange {
    .key(
      id,
      PublishedKey(
        id: id, tenant: tenant, secrets: [secret.digest],
        authorizations: groups.map { PublishedKey.Authorization(group: $0, environment: .online) }))
  }
}
