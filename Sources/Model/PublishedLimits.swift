/// A limit policy as gateways need it. A change makes another one, by which whoever counts knows that it has changed.
package final class PublishedLimits: Sendable {
  package let id: ID<LimitPolicy>
  package let mode: LimitPolicy.Mode
  /// One for each of some periods, the shortest first. Empty for a policy that cannot be read: what it allows is unknown.
  package let limits: [LimitPolicy.Limit]

  package init(id: ID<LimitPolicy>, mode: LimitPolicy.Mode, limits: [LimitPolicy.Limit]) {
    (self.id, self.mode, self.limits) = (id, mode, limits)
  }

  /// Stands for a policy that something refers to and that is not there.
  package static func unknown(_ id: ID<LimitPolicy>) -> PublishedLimits {
    PublishedLimits(id: id, mode: .enforce, limits: [])
  }
}
