import Console
import Contract
import Hummingbird
import Model
import Store

extension ConsoleWeb {
  /// The access mode of a group, and an environment's own.
  static let accessPages: [PageRoute] = [
    .get("/api-groups/{id}/access") { visit in
      let group = try await visit.group()
      let form = groupAccessForm.page(groupAccessForm.filled(from: APIGroup.shape.json(group)), words: visit.words)
      return visit.accessPage(of: group, form: form)
    },
    .post("/api-groups/{id}/access", requires: .manageGroups) { visit in
      let group = try await visit.group()
      return try await visit.visit.submitting(groupAccessForm) { form, status in
        visit.accessPage(of: group, form: form, status: status)
      } asking: { changes in
        let followers = group.environments.filter { $0.accessMode == nil }
        return try await visit.confirmation(
          of: changes.accessMode ?? group.accessMode, in: followers, of: group, reaching: changes.reached(of: group.id))
      } perform: { changes in
        _ = try await visit.console.updateAPIGroup(group.id, to: changes, expecting: .any, as: visit.principal)
        return .redirect(to: "/api-groups/\(group.id)/access", saying: "access.changed")
      }
    },
    .get("/api-groups/{id}/environments/{environment}/access", requires: .manageGroups) { visit in
      let (group, environment) = (try await visit.group(), try visit.environment())
      let form = environmentAccessForm(group)
      let own = group.environment(environment)?.accessMode?.rawValue ?? ""
      let typed = ["accessMode": own, WayBack.field: visit.visit.wayBack ?? ""]
      let page = form.page(TypedForm(typed), words: visit.words)
      return visit.environmentAccessPage(of: group, environment, form: page)
    },
    .post("/api-groups/{id}/environments/{environment}/access", requires: .manageGroups) { visit in
      let (group, environment) = (try await visit.group(), try visit.environment())
      return try await visit.visit.submitting(environmentAccessForm(group)) { form, status in
        visit.environmentAccessPage(of: group, environment, form: form, status: status)
      } asking: { changes in
        let present = group.environments.filter { $0.environment == environment }
        let mode = changes.accessMode.value ?? group.accessMode
        return try await visit.confirmation(
          of: mode, in: present, of: group,
          reaching: mode == .required ? changes.reached(of: group.id, environment) : .none)
      } perform: { changes in
        _ = try await visit.console.updateEnvironment(
          environment, of: group.id, to: changes, expecting: .any, as: visit.principal)
        return .redirect(to: visit.visit.wayBack ?? "/api-groups/\(group.id)/access", saying: "access.changed")
      }
    },
  ]

  private static let groupAccessForm = Form(
    fields: [FormField(name: "accessMode", kind: .accessMode, word: "access.group")],
    shape: APIGroup.Changes.shape, submit: "access.save")

  private static func environmentAccessForm(_ group: APIGroup) -> Form<APIGroup.EnvironmentChanges> {
    let modes: [(value: String, word: String)] = AccessMode.allCases.reversed().map {
      ($0.rawValue, "access.choice.\($0.rawValue)")
    }
    let choices = [(value: "", word: "access.inherited.\(group.accessMode.rawValue)")] + modes
    let field = FormField(name: "accessMode", kind: .radio(choices), word: "access.title", whenEmpty: .cleared)
    return Form(
      fields: [field], shape: APIGroup.EnvironmentChanges.shape, submit: "access.save", hidden: [WayBack.field])
  }
}

extension SignedInVisit {
  fileprivate func accessPage(of group: APIGroup, form: [String: any Sendable], status: Int = 200) -> PageAnswer {
    let rows = group.environments.map { environment -> [String: any Sendable] in
      let name = environment.environment.rawValue
      return [
        "name": self.name(of: environment.environment), "isLive": environment.version != nil,
        "version": environment.version?.description ?? "", "isOwn": environment.accessMode != nil,
        "mode": environment.effectiveAccessMode.rawValue,
        "modeWord": words["access.mode.\(environment.effectiveAccessMode.rawValue)"],
        "path": "/api-groups/\(group.id)/environments/\(name)/access",
        "authorizations": "/authorizations?groupId=\(group.id)&environment=\(name)",
      ]
    }
    return .page(
      "api-groups.access", title: "access.title",
      page(
        of: group, tab: "/access", ["form": form, "environments": rows, Layout.keepsTyped: mayManageGroups]),
      status: status)
  }

  fileprivate func environmentAccessPage(
    of group: APIGroup, _ environment: DeploymentEnvironment, form: [String: any Sendable], status: Int = 200
  ) -> PageAnswer {
    .page(
      "api-groups.environment-access", title: "access.title",
      page(of: group, tab: "/access", ["form": form, "environment": name(of: environment)]), status: status)
  }

  /// What a mode changes for callers of what is live; nothing where nobody notices.
  fileprivate func effects(
    of mode: AccessMode, in environments: [APIGroup.Environment], of group: ID<APIGroup>
  ) async throws -> [String] {
    var effects: [String] = []
    for environment in environments where environment.version != nil {
      guard environment.effectiveAccessMode.isNoticed(turning: mode) else { continue }
      let authorized = try await authorizations(for: group, in: environment.environment)
      let names: KeyValuePairs = [
        "environment": name(of: environment.environment), "count": words.count(authorized),
      ]
      effects.append(words["access.effect.\(mode.rawValue)", names])
    }
    return effects
  }

  /// Nil where nobody notices.
  fileprivate func confirmation(
    of mode: AccessMode, in environments: [APIGroup.Environment], of group: APIGroup, reaching reached: ReachedCalls
  ) async throws -> Confirmation? {
    let effects = try await effects(of: mode, in: environments, of: group.id)
    guard !effects.isEmpty else { return nil }
    return Confirmation(
      word: "access.confirm", name: group.name.description, effects: effects,
      missed: try await missed(by: reached), back: "/api-groups/\(group.id)/access")
  }
}

extension AccessMode {
  /// Whether callers, or those who rely on who may call, notice when it becomes another.
  func isNoticed(turning mode: AccessMode) -> Bool {
    switch (self, mode) {
    case (.open, .open), (.observe, .observe), (.required, .required), (.open, .observe): false
    default: true
    }
  }
}
