import Console
import ConsoleAPI
import Contract
import Hummingbird
import Model

extension ConsoleWeb {
  static let limitPolicyListPages: [PageRoute] = PageRoute.searchable("/limit-policies", kept: ["q"]) { visit in
    let list = try visit.list(LimitPolicy.Filter.query, kept: ["q"], by: ["createdAt", "name"])
    let policies = try await visit.console.limitPolicies(list.filter, list.slice(), as: visit.principal)
    var page = list.page(policies) { visit.members(of: $0) }
    page["q"] = visit.visit.query["q"] ?? ""
    page["isAdmin"] = visit.may(.manageLimitPolicies)
    return .page("limit-policies.list", title: "limitPolicies.title", page)
  }

  static let limitPolicyPages: [PageRoute] = [
    .get("/limit-policies/new", requires: .manageLimitPolicies) { visit in
      let form = LimitPolicyForm.creation.page(TypedForm(["mode": "enforce"]), words: visit.words)
      return visit.newPolicyPage(form)
    },
    .post("/limit-policies/new", requires: .manageLimitPolicies) { visit in
      try await visit.visit.submitting(LimitPolicyForm.creation) { form, status in
        visit.newPolicyPage(form, status: status)
      } perform: { draft in
        let policy = try await visit.console.createLimitPolicy(draft, as: visit.principal)
        return .redirect(to: "/limit-policies/\(policy.id)", saying: "limitPolicyCreated")
      }
    },
    .get("/limit-policies/{id}") { visit in
      let policy = try await visit.limitPolicy()
      var page: [String: any Sendable] = [
        "policy": visit.members(of: policy), "isAdmin": visit.may(.manageLimitPolicies),
      ]
      page["name"] = "\(policy.name)"
      page.merge(visit.page(of: try await visit.console.uses(of: policy.id, as: visit.principal))) { $1 }
      return .page("limit-policies.detail", title: "limitPolicy.title", page)
    },
  ]
}

extension SignedInVisit {
  /// The policy that the path names.
  func limitPolicy() async throws -> LimitPolicy {
    try await console.limitPolicy(id(), as: principal)
  }

  func members(of policy: LimitPolicy) -> [String: any Sendable] {
    var members = words.saying("limitPolicy.", ["mode"], in: LimitPolicy.shape.json(policy).members)
    members["limitsText"] = words.limits(policy.limits)
    members["limits"] = policy.limits.map { limit -> [String: any Sendable] in
      [
        "period": words["limit.period.\(limit.period.rawValue)"], "requests": words.number(limit.requests),
        "overdraft": limit.overdraft == 0 ? words["limitPolicy.refuses"] : words.number(limit.overdraft),
      ]
    }
    return members
  }

  /// Where a policy counts, as templates show it.
  func page(of uses: LimitPolicy.Uses) -> [String: any Sendable] {
    [
      "environments": uses.environments.map { target -> [String: any Sendable] in
        [
          "group": "\(target.groupName)", "path": "/api-groups/\(target.group)",
          "environment": name(of: target.environment),
        ]
      },
      "hasEnvironments": !uses.environments.isEmpty,
      "authorizations": uses.authorizations.map { limited -> [String: any Sendable] in
        [
          "path": "/authorizations/\(limited.id)", "key": "\(limited.subscription.name)",
          "holder": "\(limited.subscription.tenant.name)",
        ]
      },
      "hasAuthorizations": !uses.authorizations.isEmpty, "isUsed": !uses.areNone, "areMore": uses.areMore,
    ]
  }

  fileprivate func newPolicyPage(_ form: [String: any Sendable], status: Int = 200) -> PageAnswer {
    .page(
      "limit-policies.new", title: "limitPolicy.new.title", ["form": LimitPolicyForm.page(form, words)], status: status)
  }
}
