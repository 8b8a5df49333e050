import Console
import Model

/// The limit policies that a form offers: all, or a field for the id of one where they are many.
struct LimitPolicyOptions: Sendable {
  private static let maximum = 100

  private let options: [(value: String, label: String)]
  private let areAll: Bool

  /// - Parameter word: of the field, as in `authorization.limits`; `….many` where the id is to be typed.
  func field(_ word: String) -> FormField {
    guard areAll else {
      return FormField(
        name: "limitPolicyId", kind: .text, word: word + ".many", maximumLength: 60, whenEmpty: .cleared)
    }
    return FormField(name: "limitPolicyId", kind: .options(options), word: word, whenEmpty: .cleared)
  }

  init(_ visit: SignedInVisit) async throws {
    let newest = try await visit.console.limitPolicies(
      LimitPolicy.Filter(), SliceRequest(limit: Self.maximum, order: .byName), as: visit.principal)
    areAll = newest.next == nil
    options =
      [("", visit.words["limit.none"])]
      + newest.items.map { ("\($0.id)", visit.words.labelled("\($0.name)", visit.words.limits($0.terms))) }
  }
}

extension SignedInVisit {
  /// The policy that a list is narrowed to, as its template shows it; nil without one.
  func filteringPolicy() async throws -> [String: any Sendable]? {
    guard let given = visit.query["limitPolicyId"], let id = ID<LimitPolicy>(given) else { return nil }
    do {
      let policy = try await console.limitPolicy(id, as: principal)
      return ["id": given, "name": "\(policy.name)"]
    } catch ConsoleError.notFound {
      return ["id": given, "name": given]
    }
  }

  /// What a policy limits to; nil for none, and for one that is not the tenant's, of which the change itself complains.
  func terms(of policy: ID<LimitPolicy>?) async throws -> LimitPolicy.Terms? {
    guard let policy else { return nil }
    do {
      return try await console.limitPolicy(policy, as: principal).terms
    } catch ConsoleError.notFound {
      return nil
    }
  }
}
