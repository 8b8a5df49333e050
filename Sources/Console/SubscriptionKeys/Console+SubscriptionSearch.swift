package import Model
import Store

extension Console {
  /// Looks another tenant's key up by its whole id. Every search counts, whatever it finds.
  ///
  /// - Parameter text: what was given as an id. One that is malformed is as one that is unknown.
  /// - Throws: ``ConsoleError/tooManySearches(retryAfter:)``, ``ConsoleError/notFound``.
  package func searchSubscription(_ text: String, as principal: Principal) async throws -> FoundSubscription {
    try principal.require(.anyRole)
    let (count, found) = try await store.pipeline(
      in: principal.tenant,
      SubscriptionSearches.count(by: principal.account, in: principal.tenant),
      SubscriptionSearches.find(ID(text)))
    guard count.searches <= configuration.searchesPerMinute else {
      throw ConsoleError.tooManySearches(retryAfter: count.secondsLeft)
    }
    guard let found else { throw ConsoleError.notFound }
    return found
  }
}
