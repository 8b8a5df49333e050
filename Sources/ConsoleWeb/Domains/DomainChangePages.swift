import Console
import Contract
import Hummingbird
import Model

/// Binds a domain elsewhere, or gives it up.
extension ConsoleWeb {
  static let domainChangePages: [PageRoute] = [
    .get("/domains/{id}/edit", requires: .manageDomains) { visit in
      let domain = try await visit.console.domain(visit.id(), as: visit.principal)
      let form = targetForm(try await visit.groupOptions(with: domain))
      return visit.editPage(of: domain, form.page(filling(domain), words: visit.words))
    },
    .post("/domains/{id}/edit", requires: .manageDomains) { visit in
      let domain = try await visit.console.domain(visit.id(), as: visit.principal)
      let form = targetForm(try await visit.groupOptions(with: domain))
      return try await visit.visit.submitting(form, overtaking: filling(domain)) { form, status in
        visit.editPage(of: domain, form, status: status)
      } asking: { changes in
        let effects = try await visit.effects(of: changes, on: domain)
        guard !effects.isEmpty else { return nil }
        return Confirmation(
          word: "domain.edit.confirm", name: "\(domain.host)", effects: effects + [visit.words["missed.domain"]],
          missed: try await visit.missed(by: .domain(domain.id)), back: "/domains/\(domain.id)")
      } perform: { changes in
        _ = try await visit.console.updateDomain(
          domain.id, to: changes, expecting: FormVersion.expected(by: visit.visit.form), as: visit.principal)
        return .redirect(to: "/domains/\(domain.id)", saying: "domainChanged")
      }
    },
    .get("/domains/{id}/delete", requires: .manageDomains) { visit in
      let domain = try await visit.console.domain(visit.id(), as: visit.principal)
      return Confirmation(
        word: "domain.delete", name: "\(domain.host)", effects: visit.effectsOfDeleting(domain),
        missed: domain.state == .verified ? try await visit.missed(by: .domain(domain.id)) : nil,
        back: "/domains/\(domain.id)"
      ).page(visit.words)
    },
    .post("/domains/{id}/delete", requires: .manageDomains) { visit in
      try await visit.console.deleteDomain(visit.id(), as: visit.principal)
      return .redirect(to: "/domains", saying: "domainDeleted")
    },
  ]

  /// What the form that binds a domain elsewhere is filled with.
  private static func filling(_ domain: Domain) -> TypedForm {
    TypedForm([
      "groupId": "\(domain.group)", "environment": domain.environment.rawValue,
      FormVersion.field: RFC3339.string(domain.updatedAt),
    ])
  }

  private static func targetForm(_ groups: GroupOptions) -> Form<Domain.Changes> {
    Form(
      fields: targetFields(groups), shape: Domain.Changes.shape, submit: "form.save", hidden: [FormVersion.field])
  }
}

extension SignedInVisit {
  fileprivate func editPage(of domain: Domain, _ form: [String: any Sendable], status: Int = 200) -> PageAnswer {
    .page(
      "domains.edit", title: "domain.edit.title", ["domain": members(of: domain), "form": form], status: status)
  }

  /// What becomes of calls to a host that is bound elsewhere; nothing where none reach it, or where it stays.
  fileprivate func effects(of changes: Domain.Changes, on domain: Domain) async throws -> [String] {
    let (group, environment) = (changes.group?.id ?? domain.group, changes.environment ?? domain.environment)
    guard domain.state == .verified, group != domain.group || environment != domain.environment,
      // One that is not the tenant's the change itself complains of.
      let next = try await console.apiGroups(withIDs: [group], as: principal).first
    else { return [] }
    let target = next.environment(environment)
    let names: KeyValuePairs = [
      "group": "\(next.name)", "environment": words["environment.\(environment.rawValue)"],
    ]
    guard let target, target.version != nil else {
      return [callsEnding(at: domain), words["domain.edit.offline", names]]
    }
    let required = target.effectiveAccessMode == .required ? [words["domain.edit.required"]] : []
    return [callsEnding(at: domain), words["domain.edit.reach", names]] + required
  }

  private func callsEnding(at domain: Domain) -> String {
    words[
      "domain.delete.calls",
      [
        "address": CallAddress(gateway: visit.gatewayURL).byHost(domain.host),
        "environment": words["environment.\(domain.environment.rawValue)"], "group": "\(domain.groupName)",
      ]]
  }

  fileprivate func effectsOfDeleting(_ domain: Domain) -> [String] {
    guard domain.state == .verified else { return [words["domain.delete.claim"], words["domain.delete.others"]] }
    return [callsEnding(at: domain), words["missed.domain"], words["domain.delete.dns"], words["domain.delete.others"]]
  }
}
