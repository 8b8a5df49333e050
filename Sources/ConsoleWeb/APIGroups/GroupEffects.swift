import Console
import Model

/// What callers and pages notice of a change of a group's settings.
extension SignedInVisit {
  /// Of headers that keys come in no more, where something is live.
  func effects(of changes: APIGroup.Changes, on group: APIGroup) -> [String] {
    guard group.environments.contains(where: { $0.version != nil }), changes.keyHeaders.isChange else { return [] }
    let kept = Set((changes.keyHeaders.value ?? []).map { "\($0)".lowercased() })
    return group.keyHeaders.map(\.description).filter { !kept.contains($0.lowercased()) }.map {
      words["group.edit.keyHeader", ["header": $0]]
    }
  }

  /// Of a policy that lets pages do less than the one before.
  ///
  /// - Throws: `InvalidInput` when what it comes to cannot be.
  func effects(of changes: CORSPolicy.Changes, on group: APIGroup) throws -> [String] {
    guard let present = group.cors, group.environments.contains(where: { $0.version != nil }) else { return [] }
    return try changes.applied(to: present).losses(from: present).map { words.loss($0) }
  }
}

extension CORSPolicy {
  /// What pages could do and can no longer.
  enum Loss: Hashable {
    case origins([String])
    case methods([String])
    case headers([String])
    case exposedHeaders([String])
    case credentials
  }

  /// What this policy does not allow of what another did. A `*` that became names counts as all the others.
  func losses(from other: CORSPolicy) -> [Loss] {
    var losses: [Loss] = []
    func add(_ names: [String], _ loss: ([String]) -> Loss) { if !names.isEmpty { losses.append(loss(names)) } }
    add(
      other.allowedOrigins.filter { !allowsAnyOrigin && !covers($0) }.map(\.description), Loss.origins)
    add(Self.lost(other.allowedMethods.map(\.description), allowedMethods.map(\.description)), Loss.methods)
    add(Self.lost(other.allowedHeaders.map(\.folded), allowedHeaders.map(\.folded)), Loss.headers)
    add(Self.lost(other.exposedHeaders.map(\.folded), exposedHeaders.map(\.folded)), Loss.exposedHeaders)
    if other.allowsCredentials, !allowsCredentials { losses.append(.credentials) }
    return losses
  }

  private func covers(_ origin: CORSOrigin) -> Bool {
    allowedOrigins.contains { own in
      guard own != origin, case .under(let prefix, let suffix) = own.form else { return own == origin }
      let text = origin.description
      return text.hasPrefix(prefix) && text.hasSuffix(suffix) && text.count > prefix.count + suffix.count
    }
  }

  private static func lost(_ before: [String], _ after: [String]) -> [String] {
    after.contains("*") ? [] : before.filter { !after.contains($0) }
  }
}

extension Words {
  fileprivate func loss(_ loss: CORSPolicy.Loss) -> String {
    func said(_ key: String, _ names: [String]) -> String {
      self["cors.loses." + key, ["names": names.joined(separator: self["list.comma"])]]
    }
    return switch loss {
    case .origins(let names): said("origins", names)
    case .methods(let names): said("methods", names)
    case .headers(let names): said("headers", names)
    case .exposedHeaders(let names): said("exposedHeaders", names)
    case .credentials: self["cors.loses.credentials"]
    }
  }
}
