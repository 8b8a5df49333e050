package import FoundationEssentials

/// What is found by trying a change without making it: who called lately through what it would take away.
package struct DryRun: Sendable {
  /// How many callers are told apart; of all is told together.
  package static let maximumCallers = 100

  /// A key, or all calls without one, at a group in an environment.
  package struct Caller: Hashable, Sendable {
    /// `nil`: calls without a valid key.
    package let subscription: ID<SubscriptionKey>?
    /// `nil` where the asking tenant is told the key's id alone, as it has neither the key nor authorized it there.
    package let subscriptionName: DisplayName?
    /// Whose key it is; `nil` where its name is.
    package let tenant: FoundSubscription.Owner?
    package let group: ID<APIGroup>
    /// `nil` where the group is another's that did not authorize the key there.
    package let groupName: DisplayName?
    package let environment: DeploymentEnvironment
    package let requests: Int
    package let lastCalledAt: Date

    package init(
      subscription: ID<SubscriptionKey>?, subscriptionName: DisplayName?, tenant: FoundSubscription.Owner?,
      group: ID<APIGroup>, groupName: DisplayName?, environment: DeploymentEnvironment, requests: Int,
      lastCalledAt: Date
    ) {
      (self.subscription, self.subscriptionName, self.tenant) = (subscription, subscriptionName, tenant)
      (self.group, self.groupName, self.environment) = (group, groupName, environment)
      (self.requests, self.lastCalledAt) = (requests, lastCalledAt)
    }
  }

  package let span: Span
  /// By all callers together.
  package let requests: Int
  /// `nil` without any call.
  package let lastCalledAt: Date?
  /// Who called most comes first; at most ``maximumCallers``.
  package let callers: [Caller]
  package let areMore: Bool

  package init(span: Span, requests: Int, lastCalledAt: Date?, callers: [Caller], areMore: Bool) {
    (self.span, self.requests, self.lastCalledAt) = (span, requests, lastCalledAt)
    (self.callers, self.areMore) = (callers, areMore)
  }

  /// Nobody called.
  package static func none(in span: Span) -> DryRun {
    DryRun(span: span, requests: 0, lastCalledAt: nil, callers: [], areMore: false)
  }

  /// Of what time calls are told: the last 30 days, from a whole hour on.
  package struct Span: Hashable, Sendable {
    package static let days = 30

    package let since, until: Date

    package init(until: Date) {
      let start = until.timeIntervalSince1970 - Double(Self.days) * 86_400
      self.init(since: Date(timeIntervalSince1970: (start / 3600).rounded(.down) * 3600), until: until)
    }

    package init(since: Date, until: Date) {
      (self.since, self.until) = (since, until)
    }

    /// Where the first whole day of it begins.
    package var firstDay: Date {
      Date(timeIntervalSince1970: (since.timeIntervalSince1970 / 86_400).rounded(.up) * 86_400)
    }

    /// Where a day begins behind which nothing is counted yet, also by a clock that is somewhat ahead.
    package var lastDay: Date {
      Date(timeIntervalSince1970: ((until.timeIntervalSince1970 + 3600) / 86_400).rounded(.down) * 86_400)
    }
  }
}
