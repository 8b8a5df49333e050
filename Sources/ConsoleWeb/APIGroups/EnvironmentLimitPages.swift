import Console
import Contract
import Hummingbird
import Model
import Store

extension ConsoleWeb {
  /// What all callers of a group in an environment are limited by together.
  static let environmentLimitPages: [PageRoute] = [
    .get("/api-groups/{id}/environments/{environment}/limits", requires: .manageGroups) { visit in
      let (group, environment) = (try await visit.group(), try visit.environment())
      let given = visit.visit.query["limitPolicyId"]
      let present = given ?? group.environment(environment)?.limitPolicy.map { "\($0.id)" } ?? ""
      let form = environmentLimitForm(try await LimitPolicyOptions(visit))
      return visit.environmentLimitPage(
        of: group, environment, form: form.page(TypedForm(["limitPolicyId": present]), words: visit.words))
    },
    .post("/api-groups/{id}/environments/{environment}/limits", requires: .manageGroups) { visit in
      let (group, environment) = (try await visit.group(), try visit.environment())
      let form = environmentLimitForm(try await LimitPolicyOptions(visit))
      return try await visit.visit.submitting(form) { form, status in
        visit.environmentLimitPage(of: group, environment, form: form, status: status)
      } asking: { changes in
        let effects = try await visit.effects(of: changes.limitPolicy, on: group, environment)
        guard !effects.isEmpty else { return nil }
        return Confirmation(
          word: "environmentLimits.confirm", name: "\(group.name)", effects: effects,
          missed: try await visit.missed(by: changes.reached(of: group.id, environment)),
          back: "/api-groups/\(group.id)")
      } perform: { changes in
        _ = try await visit.console.updateEnvironment(
          environment, of: group.id, to: changes, expecting: .any, as: visit.principal)
        return .redirect(to: "/api-groups/\(group.id)", saying: "environmentLimitsChanged")
      }
    },
  ]

  private static func environmentLimitForm(_ policies: LimitPolicyOptions) -> Form<APIGroup.EnvironmentChanges> {
    Form(
      fields: [policies.field("environmentLimits.policy")], shape: APIGroup.EnvironmentChanges.shape,
      submit: "form.save")
  }
}

extension SignedInVisit {
  fileprivate func environmentLimitPage(
    of group: APIGroup, _ environment: DeploymentEnvironment, form: [String: any Sendable], status: Int = 200
  ) -> PageAnswer {
    .page(
      "api-groups.environment-limits", title: "environmentLimits.title",
      page(of: group, ["form": form, "environment": name(of: environment)]), status: status)
  }

  /// What callers of what is live notice; nothing where they notice nothing.
  fileprivate func effects(
    of change: Change<Reference<LimitPolicy>>, on group: APIGroup, _ environment: DeploymentEnvironment
  ) async throws -> [String] {
    guard change.isChange, let present = group.environment(environment), present.version != nil else { return [] }
    let (before, after) = (
      try await terms(of: present.limitPolicy?.id), try await terms(of: change.value?.id)
    )
    let tightening = words.tightening(before, to: after)
    guard !tightening.isEmpty else { return [] }
    let names: KeyValuePairs = ["group": "\(group.name)", "environment": name(of: environment)]
    return tightening + [words["environmentLimits.reach", names]]
  }
}
