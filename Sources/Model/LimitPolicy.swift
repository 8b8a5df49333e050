package import FoundationEssentials

/// Limits that a provider sets under one name: of each key at a target that it is authorized for, or of all callers of a
/// target together.
package struct LimitPolicy: Identified, Hashable, Sendable {
  package static var idPrefix: StaticString { "lim" }

  /// What becomes of a call that is over a limit.
  package enum Mode: String, CaseIterable, Sendable {
    case enforce
    /// It goes on, and is counted as one that would not have.
    case observe
  }

  /// How many requests a window of a period takes.
  package struct Limit: Hashable, Sendable {
    package static let requests = 1...1_000_000_000_000
    package static let overdrafts = 0...1_000_000_000_000

    package let requests: Int
    package let period: LimitPeriod
    /// How many more a gateway lets through in a window while it cannot reach the database and holds nothing; 0 refuses.
    package let overdraft: Int

    package init(requests: Int, period: LimitPeriod, overdraft: Int = 0) {
      (self.requests, self.period, self.overdraft) = (requests, period, overdraft)
    }

    /// Whether there may be such a limit.
    package var isValid: Bool { Self.requests.contains(requests) && Self.overdrafts.contains(overdraft) }
  }

  package let id: ID<LimitPolicy>
  package let name: DisplayName
  package let description: Remark?
  package let mode: Mode
  /// One for each of some periods, the shortest first; at least one.
  package let limits: [Limit]
  package let createdAt, updatedAt: Date

  package init(
    id: ID<LimitPolicy>, name: DisplayName, description: Remark?, mode: Mode, limits: [Limit], createdAt: Date,
    updatedAt: Date
  ) {
    (self.id, self.name, self.description, self.mode) = (id, name, description, mode)
    (self.limits, self.createdAt, self.updatedAt) = (limits, createdAt, updatedAt)
  }
}

extension LimitPolicy {
  /// What those are told of a policy whom it limits: not whose name and id it has, nor what an outage lets through.
  package struct Terms: Hashable, Sendable {
    package let mode: Mode
    /// As in ``LimitPolicy/limits``.
    package let limits: [Limit]

    package init(mode: Mode, limits: [Limit]) {
      (self.mode, self.limits) = (mode, limits)
    }
  }

  /// By which a policy is known where it counts.
  package struct Named: Hashable, Sendable {
    package let id: ID<LimitPolicy>
    package let name: DisplayName

    package init(id: ID<LimitPolicy>, name: DisplayName) {
      (self.id, self.name) = (id, name)
    }

    /// `nil` without both.
    package init?(id: ID<LimitPolicy>?, name: DisplayName?) {
      guard let id, let name else { return nil }
      self.init(id: id, name: name)
    }
  }

  /// Where a policy counts; of many, some.
  package struct Uses: Hashable, Sendable {
    /// How many of each kind are told.
    package static let maximum = 20

    /// An authorization under the policy.
    package struct Limited: Hashable, Sendable {
      package let id: ID<Authorization>
      package let subscription: FoundSubscription

      package init(id: ID<Authorization>, subscription: FoundSubscription) {
        (self.id, self.subscription) = (id, subscription)
      }
    }

    /// Newest first.
    package let authorizations: [Limited]
    /// Newest group first, and each group's environments in their order.
    package let environments: [Authorization.Target]
    /// Whether there are more.
    package let areMore: Bool

    package init(authorizations: [Limited], environments: [Authorization.Target], areMore: Bool) {
      (self.authorizations, self.environments, self.areMore) = (authorizations, environments, areMore)
    }

    package var areNone: Bool { authorizations.isEmpty && environments.isEmpty }
  }

  /// Which policies a list shows.
  package struct Filter: Sendable {
    /// Found in the name, the description or the id, in whatever case.
    package let text: SearchText?

    package init(text: SearchText? = nil) {
      self.text = text
    }
  }

  /// What making one takes.
  package struct Draft: Sendable {
    package let name: DisplayName
    package let description: Remark?
    package let mode: Mode
    package let limits: [Limit]

    package init(name: DisplayName, description: Remark?, mode: Mode, limits: [Limit]) {
      (self.name, self.description, self.mode, self.limits) = (name, description, mode, limits)
    }
  }

  /// What may be changed of one; `nil` and `.keep` stay as they are.
  package struct Changes: Sendable {
    package let name: DisplayName?
    package let description: Change<Remark>
    package let mode: Mode?
    /// All that it then has. What was counted for a period stays counted.
    package let limits: [Limit]?

    package init(name: DisplayName?, description: Change<Remark>, mode: Mode?, limits: [Limit]?) {
      (self.name, self.description, self.mode, self.limits) = (name, description, mode, limits)
    }
  }
}

extension [LimitPolicy.Limit] {
  /// The limit of this period; `nil`: there is none.
  package func limit(per period: LimitPeriod) -> LimitPolicy.Limit? { first { $0.period == period } }
}
