package import Model
import Store

extension Console {
  /// What goes with an account when it is disabled or deleted, for who is about to do it.
  package func footprint(of id: ID<Account>, as principal: Principal) async throws -> AccountFootprint {
    try principal.require(.manageAccounts)
    guard
      let footprint = try await store.run(in: principal.tenant, AccountFootprints.find(id, in: principal.tenant))
    else { throw ConsoleError.notFound }
    return footprint
  }
}
