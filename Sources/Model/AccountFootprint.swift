/// What goes with an account when it is disabled or deleted.
package struct AccountFootprint: Hashable, Sendable {
  /// As many as are counted of each; more are told as so many.
  package static let maximumCount = 1000

  /// Its sessions that have not ended.
  package let sessions: Int
  /// Its access tokens that have not expired.
  package let accessTokens: Int
  /// Whether it is the tenant's last active owner, which stays one.
  package let isLastOwner: Bool

  package init(sessions: Int, accessTokens: Int, isLastOwner: Bool) {
    (self.sessions, self.accessTokens, self.isLastOwner) = (sessions, accessTokens, isLastOwner)
  }
}
