import Console
import Contract
import FoundationEssentials
import HTTPTypes
import Model

extension ConsoleAPI {
  static let explainRoutes: [Route] = [
    Route(
      .post, "/explain", "explain",
      """
      Tells what the gateway would decide about a call with one of the tenant's keys, or to one of its groups, and \
      why.
      """,
      """
      It is decided by the code that the gateway runs, on what the database has now, and nothing is counted or \
      forwarded. A caller may ask about its keys and a provider about its groups; of the other's side no more is \
      told than the status tells.
      """,
      requires: .anyRole, takes: .body(Explanation.Question.shape), gives: .ok(Explanation.shape),
      problems: [.tooManySearches]
    ) { call, question in
      // A question is counted whatever becomes of it.
      let explanation = try await call.console.explain(question, now: Date(), as: call.principal)
      return { _ in explanation }
    }
  ]
}
