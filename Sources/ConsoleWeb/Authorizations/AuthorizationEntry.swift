import Console
import ConsoleAPI
import Contract
import Foundation
import Model

/// What has been entered for an authorization so far. It is kept in the address from step to step, so that nothing typed
/// is lost, whatever one looks for between.
struct AuthorizationEntry: Sendable {
  var typed: TypedForm
  /// The fields in which a secret was entered, which was left out.
  private(set) var secretFields: [String] = []

  /// What is done with what was entered.
  enum Step: String {
    /// Whose key it is.
    case search
    /// Which of one's own keys are like a text.
    case keys
    /// Other groups: those that are like a text, or those of another page, whose buttons say which.
    case groups
    /// To the page on which an obstacle is taken away.
    case mend
    case create, save
  }

  /// The fields that are kept, besides the targets.
  private static let kept = [
    "whose", "ownKey", "keySearch", "subscriptionId", "expiresAt", "description", "limitPolicyId", "groupId", "groups",
    "groupSearch", FormVersion.field,
  ]
  private static let targetPrefix = "target/"

  /// What the form has, or an address that others made: with `subscriptionId`, `groupId` and `environment` alone.
  init(_ given: TypedForm) {
    let typed = given.withoutSecrets
    (self.typed, secretFields) = (typed, given.secretFields)
    for name in ["subscriptionId", "limitPolicyId"] {
      self.typed[name] = typed[name].map { $0.filter { !$0.isWhitespace } }
    }
    if let group = typed["groupId"], let environment = typed["environment"] {
      self.typed[Self.targetPrefix + group + "/" + environment] = "on"
    }
    // Who looks for a key need not say besides whose it is; nor need an address that names one. What was said counts.
    switch step {
    case .search where !subscriptionText.isEmpty: self.typed["whose"] = "other"
    case .keys: self.typed["whose"] = "own"
    default: self.typed["whose"] = typed["whose"] ?? (hasOwnKey && subscriptionText.isEmpty ? "own" : "other")
    }
  }

  /// What the button says that was pressed. Where a field was left by Enter, it is what the fields want that are not as
  /// they were shown: a search for a text among the keys or the groups, or for an ID.
  var step: Step? {
    guard typed["step"] == "enter" else {
      return typed["mend"] != nil ? .mend : typed["step"].flatMap(Step.init)
    }
    if typed["keySearch"] ?? "" != typed["lookedFor"] ?? "" { return .keys }
    if typed["groupSearch"] ?? "" != typed["groupsLookedFor"] ?? "" { return .groups }
    return !isOwn && !subscriptionText.isEmpty && typed["seen"] != subscriptionText ? .search : .create
  }

  private var hasOwnKey: Bool { !(typed["ownKey"] ?? "").isEmpty }
  var isOwn: Bool { typed["whose"] == "own" }
  /// Whether a key of one's own is chosen, and another tenant's is said to be meant, of which there is none.
  var isAmbiguous: Bool { !isOwn && hasOwnKey && subscriptionText.isEmpty }
  var subscriptionText: String { typed["subscriptionId"] ?? "" }
  /// The key that is to be authorized, as it was given; empty while none was.
  var keyText: String { isOwn ? typed["ownKey"] ?? "" : subscriptionText }

  /// Whether it was shown whose key it is.
  var hasSeenOwner: Bool { isOwn || typed["seen"] == subscriptionText }

  /// The targets, in an order of their own.
  var targets: [EnteredTarget] {
    typed.names.filter { $0.hasPrefix(Self.targetPrefix) }.compactMap { name in
      let parts = name.dropFirst(Self.targetPrefix.count).split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 2 else { return nil }
      return EnteredTarget(group: String(parts[0]), environment: String(parts[1]))
    }
  }

  static func name(_ group: ID<APIGroup>, _ environment: DeploymentEnvironment) -> String {
    name("\(group)", environment.rawValue)
  }

  static func name(_ group: String, _ environment: String) -> String { "\(targetPrefix)\(group)/\(environment)" }

  /// The page with all that was entered but secrets.
  ///
  /// - Parameter place: what one looks at there first.
  func address(_ path: String, at place: Step? = nil) -> String {
    let query = typed.query(Self.kept + typed.names.filter { $0.hasPrefix(Self.targetPrefix) })
    guard let place else { return path + query }
    return path + query + (query.isEmpty ? "?" : "&") + "at=\(place.rawValue)"
  }

  /// The request that makes the authorization.
  func draft(now: Date) throws(InvalidInput) -> Authorization.Draft {
    var members: [JSONValue.Member] = [
      .init("type", "subscriptionKey"), .init("subscriptionId", .string(keyText)), targetsMember,
    ]
    if let text = typed["description"], !text.isEmpty { members.append(.init("description", .string(text))) }
    if let time = typed["expiresAt"], !time.isEmpty { members.append(.init("expiresAt", .string(Self.utc(time)))) }
    if let policy = typed["limitPolicyId"], !policy.isEmpty { members.append(.init("limitPolicyId", .string(policy))) }
    // All that is missing is told at once.
    var complaints = keyText.isEmpty ? [InvalidInput.Complaint(pointer: "/subscriptionId", detail: "is missing")] : []
    do {
      let draft = try Authorization.Draft.shape.value(of: .object(members), now: now)
      if complaints.isEmpty { return draft }
    } catch {
      complaints += error.complaints
    }
    throw InvalidInput(complaints)
  }

  /// The request that changes an authorization, with what is no longer as it was.
  func changes(of authorization: Authorization, now: Date) throws(InvalidInput) -> Authorization.Changes {
    let present = Self(changing: authorization)
    var members: [JSONValue.Member] = []
    if targets != present.targets { members.append(targetsMember) }
    let writers: [(String, (String) -> String)] = [
      ("description", { $0 }), ("expiresAt", Self.utc), ("limitPolicyId", { $0 }),
    ]
    for (name, write) in writers {
      let text = typed[name] ?? ""
      guard text != present.typed[name] ?? "" else { continue }
      members.append(.init(name, text.isEmpty ? .null : .string(write(text))))
    }
    return try Authorization.Changes.shape.value(of: .object(members), now: now)
  }

  /// What the form that changes an authorization is filled with.
  init(changing authorization: Authorization) {
    typed = TypedForm()
    typed["description"] = authorization.description?.description
    typed["expiresAt"] = authorization.expiresAt.map(FormField.local)
    typed["limitPolicyId"] = authorization.limitPolicy.map { "\($0.id)" }
    typed[FormVersion.field] = RFC3339.string(authorization.updatedAt)
    for target in authorization.targets { typed[Self.name(target.group, target.environment)] = "on" }
  }

  private var targetsMember: JSONValue.Member {
    .init("targets", .array(targets.map { ["groupId": .string($0.group), "environment": .string($0.environment)] }))
  }

  private static func utc(_ local: String) -> String {
    local.count == 16 ? local + ":00Z" : local.hasSuffix("Z") ? local : local + "Z"
  }
}

/// A target as a form names it.
struct EnteredTarget: Hashable, Sendable {
  let group: String
  let environment: String
}
