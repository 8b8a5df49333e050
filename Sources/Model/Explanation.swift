package import FoundationEssentials

/// Why a call would be decided as it would, rule by rule in the order that gateways ask them.
package struct Explanation: Sendable {
  /// What is asked, in the gateway's order.
  package enum Rule: String, CaseIterable, Sendable {
    /// Whether the method and the URL are a request that the gateway reads.
    case request
    /// Whether a secret stands where none belongs.
    case exposedSecret
    /// Whether something is live at the address.
    case deployment
    /// Whether the group's `cors` policy answers the call by itself, as it does a browser's preflight; and what it tells
    /// the browser of any other.
    case cors
    /// Whether the key is good.
    case credential
    /// Whether the key is authorized for the group in the environment.
    case authorization
    /// Whether the live revision has an API for the path and the method.
    case api
    /// Whether the limits that count for the call leave it one.
    case limits
  }

  package enum Result: String, CaseIterable, Sendable {
    case passed
    case refused
    /// The gateway answers by this rule, and asks no other.
    case answered
    /// The group is open, so nobody asks.
    case notJudged
    /// The group only observes, or the limit does: `required` would refuse here, or `enforce`.
    case wouldRefuse
    /// A rule before it refused.
    case notReached
    /// The key is another tenant's: it is taken for a good one, whatever it is.
    case assumed
  }

  package struct Step: Sendable {
    package let rule: Rule
    package let result: Result
    /// For people; what only the other party may know is not in it.
    package let detail: String?

    package init(_ rule: Rule, _ result: Result, _ detail: String? = nil) {
      (self.rule, self.result, self.detail) = (rule, result, detail)
    }
  }

  /// Whether the call would be forwarded, or answered by the mock.
  package let isForwarded: Bool
  /// The status that the gateway itself would answer; nil for a forwarded call, which the backend answers.
  package let status: Int?
  package let steps: [Step]
  /// What the call's address leads to; nil for nothing live, and for another tenant's.
  package let target: Target?
  /// The limits that count for the call, in the order of ``LimitedTarget/limits``, as they stand.
  package let limits: [RemainingLimit]

  package init(isForwarded: Bool, status: Int?, steps: [Step], target: Target?, limits: [RemainingLimit] = []) {
    (self.isForwarded, self.status, self.steps, self.target) = (isForwarded, status, steps, target)
    self.limits = limits
  }

  /// A target of the asker's own, with the API that takes the call.
  package struct Target: Sendable {
    package let group: ID<APIGroup>
    package let groupName: DisplayName
    package let environment: DeploymentEnvironment
    package let accessMode: AccessMode
    package let version: RevisionVersion
    package let api: ID<API>?

    package init(
      group: ID<APIGroup>, groupName: DisplayName, environment: DeploymentEnvironment, accessMode: AccessMode,
      version: RevisionVersion, api: ID<API>?
    ) {
      (self.group, self.groupName, self.environment) = (group, groupName, environment)
      (self.accessMode, self.version, self.api) = (accessMode, version, api)
    }
  }

  /// What is asked.
  package struct Question: Sendable {
    package let subscription: Reference<SubscriptionKey>
    package let method, url: String
    /// When the call is made; nil is now.
    package let at: Date?
    /// What the call says in `Origin` and `Access-Control-Request-Method`, as browsers do; nil for nothing.
    package let origin, requestMethod: String?

    package init(
      subscription: Reference<SubscriptionKey>, method: String, url: String, at: Date?, origin: String?,
      requestMethod: String?
    ) {
      (self.subscription, self.method, self.url, self.at) = (subscription, method, url, at)
      (self.origin, self.requestMethod) = (origin, requestMethod)
    }
  }
}
