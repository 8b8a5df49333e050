import Console
import Contract
import Hummingbird
import Model

/// Changes a limit policy wherever it counts, or deletes one that counts nowhere.
extension ConsoleWeb {
  static let limitPolicyChangePages: [PageRoute] = [
    .get("/limit-policies/{id}/edit", requires: .manageLimitPolicies) { visit in
      let policy = try await visit.limitPolicy()
      return visit.editPage(of: policy, LimitPolicyForm.change.page(LimitPolicyForm.typed(policy), words: visit.words))
    },
    .post("/limit-policies/{id}/edit", requires: .manageLimitPolicies) { visit in
      let policy = try await visit.limitPolicy()
      let present = LimitPolicyForm.typed(policy)
      return try await visit.visit.submitting(LimitPolicyForm.change, overtaking: present) { form, status in
        visit.editPage(of: policy, form, status: status)
      } asking: { changes in
        let effects = try await visit.effects(of: changes, on: policy)
        guard !effects.isEmpty else { return nil }
        return Confirmation(
          word: "limitPolicy.edit.confirm", name: "\(policy.name)", effects: effects,
          missed: try await visit.missed(by: .limitPolicy(policy.id, changes)), back: "/limit-policies/\(policy.id)")
      } perform: { changes in
        _ = try await visit.console.updateLimitPolicy(
          policy.id, to: changes, expecting: FormVersion.expected(by: visit.visit.form), as: visit.principal)
        return .redirect(to: "/limit-policies/\(policy.id)", saying: "limitPolicyChanged")
      }
    },
    .get("/limit-policies/{id}/delete", requires: .manageLimitPolicies) { visit in
      let policy = try await visit.limitPolicy()
      let uses = try await visit.console.uses(of: policy.id, as: visit.principal)
      return uses.areNone ? visit.deletionPage(of: policy) : visit.inUsePage(of: policy, uses)
    },
    .post("/limit-policies/{id}/delete", requires: .manageLimitPolicies) { visit in
      let policy = try await visit.limitPolicy()
      do {
        try await visit.console.deleteLimitPolicy(policy.id, as: visit.principal)
      } catch ConsoleError.limitPolicyInUse(let uses) {
        return visit.inUsePage(of: policy, uses, status: 409)
      }
      return .redirect(to: "/limit-policies", saying: "limitPolicyDeleted")
    },
  ]
}

extension SignedInVisit {
  fileprivate func editPage(
    of policy: LimitPolicy, _ form: [String: any Sendable], status: Int = 200
  ) -> PageAnswer {
    .page(
      "limit-policies.edit", title: "limitPolicy.edit.title",
      ["policy": members(of: policy), "name": "\(policy.name)", "form": LimitPolicyForm.page(form, words)],
      status: status)
  }

  /// What callers notice of a change, and which of them; nothing where nobody does.
  fileprivate func effects(of changes: LimitPolicy.Changes, on policy: LimitPolicy) async throws -> [String] {
    let after = LimitPolicy.Terms(mode: changes.mode ?? policy.mode, limits: changes.limits ?? policy.limits)
    let tightening = words.tightening(policy.terms, to: after)
    guard !tightening.isEmpty else { return [] }
    let uses = try await console.uses(of: policy.id, as: principal)
    guard !uses.areNone else { return [] }
    return tightening + reach(of: uses)
  }

  /// Whom a policy limits, in a few sentences.
  private func reach(of uses: LimitPolicy.Uses) -> [String] {
    let environments = uses.environments.prefix(10).map { target in
      words[
        "limitPolicy.reach.environment",
        ["group": "\(target.groupName)", "environment": name(of: target.environment)]]
    }
    let authorizations = uses.authorizations.prefix(10).map { limited in
      words[
        "limitPolicy.reach.key",
        ["key": "\(limited.subscription.name)", "tenant": "\(limited.subscription.tenant.name)"]]
    }
    let isMore = uses.areMore || uses.environments.count > 10 || uses.authorizations.count > 10
    return environments + authorizations + (isMore ? [words["limitPolicy.reach.more"]] : [])
  }

  fileprivate func deletionPage(of policy: LimitPolicy) -> PageAnswer {
    Confirmation(
      word: "limitPolicy.delete", name: "\(policy.name)",
      effects: [words["limitPolicy.delete.unused"], words["limitPolicy.delete.forGood"]],
      back: "/limit-policies/\(policy.id)"
    ).page(words)
  }

  fileprivate func inUsePage(of policy: LimitPolicy, _ uses: LimitPolicy.Uses, status: Int = 200) -> PageAnswer {
    var page = page(of: uses)
    page["policy"] = members(of: policy)
    page["name"] = "\(policy.name)"
    return .page("limit-policies.in-use", title: "limitPolicy.delete", page, status: status)
  }
}
