/// How far a tenant has come, as a caller and as a provider.
package struct StoryProgress: Hashable, Sendable {
  /// It has a key, some provider has authorized one, and a call was admitted with one.
  package let hasKey, isAuthorized, hasCalled: Bool
  /// It has a group, APIs in one, something live, something live that keys can be authorized for, and has authorized one.
  package let hasGroup, hasAPI, isLive, isAuthorizable, hasAuthorized: Bool

  package init(
    hasKey: Bool, isAuthorized: Bool, hasCalled: Bool, hasGroup: Bool, hasAPI: Bool, isLive: Bool,
    isAuthorizable: Bool, hasAuthorized: Bool
  ) {
    (self.hasKey, self.isAuthorized, self.hasCalled) = (hasKey, isAuthorized, hasCalled)
    (self.hasGroup, self.hasAPI, self.isLive) = (hasGroup, hasAPI, isLive)
    (self.isAuthorizable, self.hasAuthorized) = (isAuthorizable, hasAuthorized)
  }
}
