package import Model

/// What not everybody may: which role has it at least, and whether it takes a session.
///
/// This is all that says so. A use case requires it of who asks; its route and its pages require the same before they look
/// at what is asked for, so that who has too low a role is told that whatever was sent. What hangs on the thing besides, as
/// on who made a key, only the use case can tell.
package struct Permission: Sendable, Equatable {
  /// The least role that has it.
  package let role: Role
  /// Whether an access token does not do.
  package let needsSession: Bool

  private init(_ role: Role, needsSession: Bool = false) {
    (self.role, self.needsSession) = (role, needsSession)
  }

  /// What everybody of the tenant may.
  package static let anyRole = Permission(.viewer)
  /// A developer's are the keys that it made: ``Principal/managedKeysCreator()``.
  package static let manageKeys = Permission(.developer)
  package static let manageEverybodysKeys = Permission(.admin)
  /// With their APIs, revisions, deployments and environments.
  package static let manageGroups = Permission(.admin)
  package static let manageAuthorizations = Permission(.admin)
  package static let manageLimitPolicies = Permission(.admin)
  package static let manageDomains = Permission(.admin)
  package static let manageTenant = Permission(.owner)
  /// Whoever has a token of an owner's must not make an account of their own with it, or keep others out.
  package static let manageAccounts = Permission(.owner, needsSession: true)
  package static let seeEverybodysTokens = Permission(.owner)
  /// One's own password, sessions and new access tokens: whoever has a leaked token must not make itself at home with it.
  package static let manageOwnAccess = Permission(.viewer, needsSession: true)
}
