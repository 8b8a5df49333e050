import Console
import Contract
import HTTPTypes
import Model

extension ConsoleAPI {
  static let subscriptionSearchRoutes: [Route] = [
    Route(
      .get, "/subscription-search", "searchSubscription",
      "Finds any tenant's subscription key by its whole id. Searches are limited per account.",
      "By which a provider makes sure whose key it is about to authorize. Unknown and deleted ones are alike.",
      requires: .anyRole, takes: .query(SubscriptionSearch.query), gives: .ok(FoundSubscription.shape),
      problems: [.notFound, .tooManySearches]
    ) { call, search in
      try await call.console.searchSubscription(search.subscriptionID, as: call.principal)
    }
  ]
}
