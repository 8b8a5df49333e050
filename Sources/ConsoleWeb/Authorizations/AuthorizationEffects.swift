import Console
import Foundation
import Model

/// What callers lose with an authorization, or with a part of it.
extension SignedInVisit {
  func effects(ofDeleting authorization: Authorization) async throws -> [String] {
    try await losses(authorization.targets) + [words["authorization.delete.again"]]
  }

  /// What a change takes from the key; nothing where it takes nothing, or where the authorization does not count anyway.
  func effects(
    of changes: Authorization.Changes, on authorization: Authorization
  ) async throws -> [String] {
    guard authorization.state == .active else { return [] }
    var effects: [String] = []
    if let targets = changes.targets {
      let kept = Set(targets.map { EnteredTarget(group: $0.group.text, environment: $0.environment.rawValue) })
      effects += try await losses(
        authorization.targets.filter { target in
          !kept.contains(EnteredTarget(group: "\(target.group)", environment: target.environment.rawValue))
        })
    }
    if let end = authorization.expiresAt.shortened(by: changes.expiresAt) {
      effects.append(
        words["authorization.edit.ends", ["moment": Words.moment(end), "ahead": words.ahead(end, now: visit.now)]])
    }
    if case .set(let policy) = changes.limitPolicy {
      effects += words.tightening(
        try await terms(of: authorization.limitPolicy?.id), to: try await terms(of: policy.id))
    }
    return effects
  }

  /// What becomes of calls of these targets, each as it is called at the moment.
  private func losses(_ targets: [Authorization.Target]) async throws -> [String] {
    let shown = targets.prefix(10)
    let facts = try await TargetFacts(of: shown.map(\.group), self)
    let losses = shown.map { target -> String in
      let environment = facts.environment(target.environment, of: target.group)
      let situation = environment.map { $0.version == nil ? "offline" : $0.effectiveAccessMode.rawValue } ?? "required"
      return words[
        "authorization.delete." + situation,
        [
          "group": "\(target.groupName)",
          "environment": words["authorization.environment.\(target.environment.rawValue)"],
        ]]
    }
    let rest = targets.count - shown.count
    return losses + (rest > 0 ? [words["authorization.delete.more", ["count": "\(rest)"]]] : [])
  }
}
