/// What the audit tells of: kinds of entities, and what is done to them.
enum AuditActions {
  static let all: [(kind: String, verbs: [String])] = [
    ("subscriptionKey", ["created", "updated", "deleted", "restored"]), ("secret", ["created", "updated", "deleted"]),
    ("apiGroup", ["created", "updated", "deleted"]), ("api", ["created", "updated", "deleted"]),
    ("revision", ["created", "deleted"]), ("deployment", ["created", "ended", "deleted"]),
    ("authorization", ["created", "updated", "deleted"]), ("authorizationTarget", ["created", "deleted"]),
    ("limitPolicy", ["created", "updated", "deleted"]), ("domain", ["created", "updated", "deleted"]),
    ("account", ["created", "updated", "deleted"]),
    ("invitation", ["created", "updated", "deleted"]), ("session", ["created", "deleted"]),
    ("accessToken", ["created", "deleted"]), ("tenant", ["created", "updated"]), ("tenantQuotas", ["updated"]),
  ]
}

extension Words {
  /// An action as people say it: `Subscription key: created`.
  func auditAction(_ action: String) -> String {
    let parts = action.split(separator: ".", maxSplits: 1).map(String.init)
    guard parts.count == 2, let kind = texts["audit.kind.\(parts[0])"], let verb = texts["audit.verb.\(parts[1])"]
    else { return action }
    return "\(kind)\(self["list.colon"])\(verb)"
  }

  /// What a filter offers: each kind with all that is done to such, and each thing that is.
  func auditActions(chosen: String?) -> [[String: any Sendable]] {
    func choice(_ value: String, _ label: String) -> [String: any Sendable] {
      ["value": value, "label": label, "selected": value == chosen]
    }
    let known = AuditActions.all.flatMap { kind, verbs in [kind] + verbs.map { "\(kind).\($0)" } }
    var groups = AuditActions.all.map { kind, verbs -> [String: any Sendable] in
      let name = self["audit.kind.\(kind)"]
      let choices = verbs.map { choice("\(kind).\($0)", "\(name)\(self["list.colon"])\(self["audit.verb.\($0)"])") }
      return ["kind": name, "choices": [choice(kind, "\(name)\(self["list.colon"])\(self["audit.all"])")] + choices]
    }
    if let chosen, !chosen.isEmpty, !known.contains(chosen) {
      groups.append(["kind": self["audit.other"], "choices": [choice(chosen, chosen)]])
    }
    return groups
  }
}
