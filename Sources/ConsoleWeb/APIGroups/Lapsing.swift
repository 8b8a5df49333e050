import Console
import Model

/// What hangs on a group, for those who are about to take it away.
extension SignedInVisit {
  /// The newest authorizations for a group, in one environment or all.
  func authorizations(
    for group: ID<APIGroup>, in environment: DeploymentEnvironment? = nil, limit: Int = 200
  ) async throws -> Slice<Authorization> {
    let filter = Authorization.Filter(subscription: nil, group: group, environment: environment, state: nil)
    return try await console.authorizations(filter, SliceRequest(limit: limit), as: principal)
  }

  /// Hosts that are bound to a group and reach it.
  func domains(of group: ID<APIGroup>, in environment: DeploymentEnvironment? = nil) async throws -> [Domain] {
    let filter = Domain.Filter(host: nil, group: group, environment: environment, state: .verified)
    return try await console.domains(filter, SliceRequest(), as: principal).items
  }
}

extension Words {
  /// How many there are, as far as was looked.
  func count<Entity>(_ slice: Slice<Entity>) -> String {
    let count = String(slice.items.count)
    return slice.next == nil ? count : self["count.more", ["count": count]]
  }

  /// That authorizations lapse, and whose the first of them are; nothing where there are none.
  func lapsing(_ authorizations: Slice<Authorization>, _ key: String) -> [String] {
    guard !authorizations.items.isEmpty else { return [] }
    let named = authorizations.items.prefix(20).map { authorization in
      let subscription = authorization.subscription
      return self["group.keyOf", ["key": "\(subscription.name)", "tenant": "\(subscription.tenant.name)"]]
    }
    let rest = authorizations.items.count > 20 || authorizations.next != nil ? "…" : ""
    let names = named.joined(separator: self["list.comma"]) + rest
    return [self[key, ["count": count(authorizations), "names": names]]]
  }
}
