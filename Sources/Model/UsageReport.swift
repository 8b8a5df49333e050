package import FoundationEssentials

/// What was called, as one of the parties sees it: what its keys did anywhere, or what reached its groups.
package enum UsageReport {
  /// Which party a tenant is to the calls.
  package enum Side: String, CaseIterable, Sendable {
    case caller, provider
  }

  /// How long a time one row tells of.
  package enum Bucket: String, CaseIterable, Sendable {
    case minute, hour, day
    /// All of the time that is asked for.
    case total
  }

  /// What rows are told apart by.
  package enum Dimension: String, CaseIterable, Sendable {
    case key, secret, group, environment, api, outcome
  }

  /// What is asked.
  package struct Question: Sendable {
    /// nil: as either party, each row telling as which.
    package var side: Side?
    /// nil: as much as ``Bucket/usual``, up to now.
    package var from, to: Date?
    package var bucket: Bucket
    package var dimensions: Set<Dimension>
    package var filter: Filter

    package init(
      side: Side? = nil, from: Date? = nil, to: Date? = nil, bucket: Bucket = .hour, by dimensions: Set<Dimension> = [],
      filter: Filter = Filter()
    ) {
      (self.side, self.from, self.to, self.bucket) = (side, from, to, bucket)
      (self.dimensions, self.filter) = (dimensions, filter)
    }
  }

  /// What of it; nil: all.
  package struct Filter: Sendable {
    package var key: ID<SubscriptionKey>?
    package var secret: ID<SubscriptionKey.Secret>?
    package var group: ID<APIGroup>?
    package var environment: DeploymentEnvironment?
    package var api: ID<API>?
    package var outcome: CallOutcome.Kind?

    package init(
      key: ID<SubscriptionKey>? = nil, secret: ID<SubscriptionKey.Secret>? = nil, group: ID<APIGroup>? = nil,
      environment: DeploymentEnvironment? = nil, api: ID<API>? = nil, outcome: CallOutcome.Kind? = nil
    ) {
      (self.key, self.secret, self.group) = (key, secret, group)
      (self.environment, self.api, self.outcome) = (environment, api, outcome)
    }
  }

  /// Calls that are alike as far as the question goes. What is not told apart, or is nothing, is nil.
  package struct Row: Identified, Sendable {
    package static var idPrefix: StaticString { "usg" }

    package let side: Side
    package let startsAt, endsAt: Date
    package let subject: Subject
    package let figures: Figures

    package init(side: Side, startsAt: Date, endsAt: Date, subject: Subject, figures: Figures) {
      (self.side, self.startsAt, self.endsAt) = (side, startsAt, endsAt)
      (self.subject, self.figures) = (subject, figures)
    }
  }

  /// Whose calls of what.
  package struct Subject: Hashable, Sendable {
    package let key: ID<SubscriptionKey>?
    /// Of the asker's own keys only, as groups' names are.
    package let keyName: DisplayName?
    package let secret: ID<SubscriptionKey.Secret>?
    package let group: ID<APIGroup>?
    package let groupName: DisplayName?
    package let environment: DeploymentEnvironment?
    package let api: ID<API>?
    package let outcome: CallOutcome.Kind?
    package let reason: CallOutcome.Reason?

    package init(
      key: ID<SubscriptionKey>?, keyName: DisplayName?, secret: ID<SubscriptionKey.Secret>?, group: ID<APIGroup>?,
      groupName: DisplayName?, environment: DeploymentEnvironment?, api: ID<API>?, outcome: CallOutcome.Kind?,
      reason: CallOutcome.Reason?
    ) {
      (self.key, self.keyName, self.secret) = (key, keyName, secret)
      (self.group, self.groupName, self.environment, self.api) = (group, groupName, environment, api)
      (self.outcome, self.reason) = (outcome, reason)
    }
  }

  /// What was counted.
  package struct Figures: Hashable, Sendable {
    package let statuses: StatusCounts
    package let bytesIn, bytesOut: Int
    package let latency: Latency
    package let lastCalledAt: Date

    package init(statuses: StatusCounts, bytesIn: Int, bytesOut: Int, latency: Latency, lastCalledAt: Date) {
      (self.statuses, self.bytesIn, self.bytesOut) = (statuses, bytesIn, bytesOut)
      (self.latency, self.lastCalledAt) = (latency, lastCalledAt)
    }

    package var requests: Int { statuses.sum }
    package var errors: Int { statuses.clientErrors + statuses.serverErrors }
  }

  /// How many calls had an answer of which class of status, or none.
  package struct StatusCounts: Hashable, Sendable {
    package let informational, successful, redirected, clientErrors, serverErrors, unanswered: Int

    package init(
      informational: Int, successful: Int, redirected: Int, clientErrors: Int, serverErrors: Int, unanswered: Int
    ) {
      (self.informational, self.successful, self.redirected) = (informational, successful, redirected)
      (self.clientErrors, self.serverErrors, self.unanswered) = (clientErrors, serverErrors, unanswered)
    }

    package var sum: Int { informational + successful + redirected + clientErrors + serverErrors + unanswered }
  }

  /// How long calls took, in milliseconds.
  package struct Latency: Hashable, Sendable {
    package let mean, median, p95, p99: Double

    package init(mean: Double, median: Double, p95: Double, p99: Double) {
      (self.mean, self.median, self.p95, self.p99) = (mean, median, p95, p99)
    }

    /// - Parameter duration: of all calls together, in microseconds.
    package init(_ histogram: LatencyHistogram, duration: Int) {
      func milliseconds(_ share: Double) -> Double { (histogram.quantile(share) ?? 0) / 1000 }
      self.init(
        mean: Double(duration) / 1000 / Double(max(1, histogram.count)), median: milliseconds(0.5),
        p95: milliseconds(0.95), p99: milliseconds(0.99))
    }
  }
}
