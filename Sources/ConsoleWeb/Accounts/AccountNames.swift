import Console
import Model

/// What people call accounts, by their ids; of those that are gone nothing.
extension SignedInVisit {
  func accountNames(of ids: some Sequence<ID<Account>>) async throws -> [String: String] {
    let names = try await console.accountNames(of: Set(ids), as: principal)
    return Dictionary(uniqueKeysWithValues: names.map { ("\($0)", "\($1)") })
  }

  /// Of the tenant's newest accounts: what a list can offer.
  func newestAccountNames() async throws -> [String: String] {
    let accounts = try await console.accounts(SliceRequest(limit: 200), as: principal)
    let offered = accounts.items.map { ("\($0.id)", "\($0.name)") }.fitting(9_000) { $1 }
    return Dictionary(uniqueKeysWithValues: offered)
  }
}
