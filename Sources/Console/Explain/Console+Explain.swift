package import FoundationEssentials
import Framing
package import Model
import Routing
import Store

extension Console {
  /// What the gateway would decide about a call with a key, and by which rules.
  ///
  /// A caller may ask about its own keys, a provider about its own groups. Neither learns more than it may: of another's
  /// key nothing but that it exists, which the search tells too; of another's group nothing but what calling it tells, and so
  /// not whether it is open or observes. Every question counts as a search.
  /// - Throws: `InvalidInput` when key and group are both another's, or not there; ``ConsoleError/tooManySearches(retryAfter:)``.
  package func explain(
    _ question: Explanation.Question, now: Date, as principal: Principal
  ) async throws -> Explanation {
    try principal.require(.anyRole)
    let parties = try await parties(to: question, as: principal)
    let at = UnixTime(microseconds: RFC3339.microseconds(since1970: question.at ?? now))
    guard case .success(let call) = parties.call else { return Explanation(refusedAs: parties.call.failure) }
    let snapshot = Snapshot.explained(parties, secret: parties.secret, tenant: principal.tenant)
    return Explanation(
      call.decision(by: snapshot, at: at), of: parties, isOwnGroup: parties.group?.tenant == principal.tenant)
  }

  private func parties(to question: Explanation.Question, as principal: Principal) async throws -> Parties {
    let secret = SecretValue.random()
    let call = Result { () throws(RequestHeadError) in
      try AskedCall(
        method: question.method, url: question.url, secret: secret,
        addressing: Addressing(domain: configuration.gatewayDomain), origin: question.origin,
        requestMethod: question.requestMethod)
    }
    let (asked, address) = (try? call.get(), try? call.get().address)
    let (count, own, found, group) = try await store.pipeline(
      in: principal.tenant,
      SubscriptionSearches.count(by: principal.account, in: principal.tenant),
      SubscriptionKeys.find(question.subscription.id ?? .none, in: principal.tenant),
      SubscriptionSearches.find(question.subscription.id),
      Explanations.group(
        host: asked?.host, slug: address?.slug ?? "", prefix: address?.prefix ?? "", address?.environment ?? .online))
    guard count.searches <= configuration.searchesPerMinute else {
      throw ConsoleError.tooManySearches(retryAfter: count.secondsLeft)
    }
    let isOwnGroup = group?.tenant == principal.tenant
    guard let id = question.subscription.id, !own.isEmpty || (isOwnGroup && found != nil) else {
      throw InvalidInput(
        "/subscriptionId", "must be one of the tenant's keys, or any key if the URL leads to one of the tenant's groups"
      )
    }
    var (authorization, limits) = (AuthorizationExpiry?.none, [RemainingLimit]())
    if let group {
      (authorization, limits) = try await store.pipeline(
        in: principal.tenant,
        Explanations.authorization(of: id, for: group.group, group.environment, in: principal.tenant),
        Explanations.limits(of: id, for: group.group, group.environment, of: group.tenant, at: question.at))
    }
    return Parties(
      call: call, secret: secret, id: id, ownTenant: principal.tenant, own: own.first, group: group,
      host: asked?.host, authorization: authorization, limits: limits)
  }
}

/// What a question is about.
private struct Parties {
  let call: Result<AskedCall, RequestHeadError>
  /// Stands for the key's own in the call, which nobody knows.
  let secret: SecretValue
  let id: ID<SubscriptionKey>
  let ownTenant: ID<Tenant>
  /// The key, if it is the asker's.
  let own: SubscriptionKey?
  let group: GroupAtAddress?
  /// What the call names that may be bound to the group.
  let host: HostName?
  let authorization: AuthorizationExpiry?
  /// What limits the key there, and all callers, as far as the asker may know.
  let limits: [RemainingLimit]
}

extension Parties {
  /// The secret that stands for the key's, good for as long as the last of them; none where none counts: an imported one
  /// does at its tenant's own groups only.
  fileprivate func secrets(until time: (Date?) -> UnixTime) -> [PublishedKey.Secret] {
    guard let own else { return [PublishedKey.Secret(secret.digest)] }
    let isOwnGroup = ownTenant == group?.tenant
    let counting = own.secrets.filter { isOwnGroup || $0.prefix.hasPrefix("lk_") }
    return counting.map { time($0.expiresAt) }.max().map { [PublishedKey.Secret(secret.digest, expiresAt: $0)] } ?? []
  }

  /// What the snapshot has for the policy whose limits these are; nil where there are none.
  fileprivate func policy(_ scope: RemainingLimit.Scope) -> PublishedLimits? {
    let limits = limits.filter { $0.scope == scope }
    guard let mode = limits.first?.mode else { return nil }
    // Whichever it is: the asker need not know it.
    return PublishedLimits(id: ID(bits: scope == .key ? 1 : 2), mode: mode, limits: limits.map(\.limit))
  }
}

extension Result {
  fileprivate var failure: Failure? { if case .failure(let failure) = self { failure } else { nil } }
}

extension ID {
  /// An id of nothing.
  fileprivate static var none: ID { ID(bits: 0) }
}

extension Snapshot {
  /// All that there is to decide by: the group that the call's address names, and the key.
  fileprivate static func explained(_ parties: Parties, secret: SecretValue, tenant: ID<Tenant>) -> Snapshot {
    // A key of another's belongs to nobody that the asker knows of.
    let subscriber = parties.own == nil ? ID<Tenant>.random() : tenant
    var changes: [SnapshotChange] = [
      .tenant(subscriber, PublishedTenant(id: subscriber, slug: Slug("caller")!, isActive: true)),
      .key(parties.id, PublishedKey(parties, of: subscriber)),
    ]
    changes += [parties.policy(.key), parties.policy(.shared)].compactMap(\.self).map { .limits($0.id, $0) }
    if let group = parties.group {
      changes += [
        .tenant(group.tenant, PublishedTenant(id: group.tenant, slug: group.slug, isActive: group.isTenantActive)),
        .group(group.group, PublishedGroup(group, limits: parties.policy(.shared)?.id)),
      ]
      if let id = group.domain, let host = parties.host {
        let domain = PublishedDomain(id: id, host: host, group: group.group, environment: group.environment)
        changes.append(.domain(id, domain))
      }
    }
    return Snapshot.empty.applying(changes)
  }
}

extension PublishedKey {
  fileprivate init(_ parties: Parties, of tenant: ID<Tenant>) {
    func time(_ date: Date?) -> UnixTime {
      date.map { UnixTime(microseconds: RFC3339.microseconds(since1970: $0)) } ?? .distantFuture
    }
    var authorizations: [Authorization] = []
    if let group = parties.group, let authorization = parties.authorization {
      authorizations = [
        Authorization(
          group: group.group, environment: group.environment, expiresAt: time(authorization.expiresAt),
          limits: parties.policy(.key)?.id)
      ]
    }
    self.init(
      id: parties.id, tenant: tenant, isActive: parties.own.map { $0.state == .active } ?? true,
      expiresAt: time(parties.own?.expiresAt), secrets: parties.secrets(until: time), authorizations: authorizations)
  }
}

extension PublishedGroup {
  fileprivate init(_ group: GroupAtAddress, limits: ID<LimitPolicy>?) {
    let live = group.live.map { live in
      // Nothing is forwarded, so that where to does not matter.
      Live(
        deployment: live.deployment, environment: group.environment,
        backend: .mock(MockResponse(status: 200, headers: [], body: "")),
        apis: live.apis.map { PublishedAPI(id: $0.id, pattern: $0.pattern) })
    }
    self.init(
      id: group.group, tenant: group.tenant, tenantSlug: group.slug, prefix: group.prefix, accessMode: group.accessMode,
      limits: limits.map { [group.environment: $0] } ?? [:],
      keyHeaders: group.keyHeaders, cors: group.cors, live: live.map { [$0] } ?? [])
  }
}

extension Explanation {
  /// Of what the gateway does not even read.
  fileprivate init(refusedAs error: RequestHeadError?) {
    let status = error?.status ?? 400
    self.init(
      isForwarded: false, status: status,
      steps: [
        Step(.request, .refused, "The gateway reads no such request: \(error?.explanation ?? "it is malformed").")
      ]
        + Rule.allCases.dropFirst().map { Step($0, .notReached) },
      target: nil)
  }

  fileprivate init(_ decision: Decision, of parties: Parties, isOwnGroup: Bool) {
    // Who calls another's group cannot tell one that observes from one that is open.
    let isJudged = isOwnGroup || parties.group?.accessMode != .observe
    let observes = decision.isObserved
    let failed = observes && !isJudged ? nil : decision.failure
    let route: Route? = if case .forward(let route) = decision { route } else { nil }
    let limits = route.map { parties.limits(counting: $0) } ?? []
    var steps: [Step] = []
    var isOver = false
    for rule in Rule.allCases {
      if isOver {
        steps.append(Step(rule, .notReached))
      } else if let failed, failed.rule == rule {
        steps.append(Step(rule, observes ? .wouldRefuse : .refused, failed.explanation))
        isOver = !observes
      } else if rule == .cors, case .preflight(let preflight) = decision {
        steps.append(Step(rule, .answered, preflight.explanation))
        isOver = true
      } else if rule == .limits {
        steps.append(.judging(limits))
      } else {
        steps.append(Self.passed(rule, decision, parties, isJudged: isJudged, isAfter: failed?.rule))
      }
    }
    let isOverLimit = steps.last?.result == .refused
    self.init(
      isForwarded: route != nil && !isOverLimit,
      status: route == nil ? failed?.status ?? 204 : isOverLimit ? 429 : nil, steps: steps,
      target: isOwnGroup ? Target(parties, api: route?.api) : nil, limits: limits)
  }

  private static func passed(
    _ rule: Rule, _ decision: Decision, _ parties: Parties, isJudged: Bool, isAfter failed: Rule?
  ) -> Step {
    switch rule {
    case .credential, .authorization:
      if case .forward(let route) = decision, !isJudged || route.verdict == .notJudged {
        let isOwnGroup = parties.group?.tenant == parties.ownTenant
        return Step(rule, .notJudged, isOwnGroup ? "The group is open." : "The group refuses nobody.")
      }
      // Behind an observed flaw of the credential nobody asks for its authorization.
      if failed == .credential, rule == .authorization { return Step(rule, .notReached) }
      if rule == .credential, parties.own == nil {
        return Step(rule, .assumed, "The key is another tenant's; whether it is good is not told.")
      }
      if rule == .authorization, let expiry = parties.authorization?.expiresAt {
        return Step(rule, .passed, "Until \(RFC3339.string(expiry)).")
      }
      return Step(rule, .passed)
    case .cors: return Step(rule, .passed, decision.whatTheBrowserIsTold(of: parties))
    default: return Step(rule, .passed)
    }
  }
}

extension Parties {
  /// What limits a call that takes this route.
  fileprivate func limits(counting route: Route) -> [RemainingLimit] {
    limits.filter { limit in
      switch limit.scope {
      case .key: route.caller?.limits != nil
      case .shared: route.limits != nil
      }
    }
  }
}

extension Explanation.Step {
  /// What limits come to that count for a call.
  fileprivate static func judging(_ limits: [RemainingLimit]) -> Self {
    func end(of mode: LimitPolicy.Mode) -> String? {
      limits.filter { $0.mode == mode && $0.isUsedUp }.map(\.resetsAt).max().map(RFC3339.string)
    }
    if let end = end(of: .enforce) { return Self(.limits, .refused, "A limit is used up until \(end).") }
    if let end = end(of: .observe) {
      return Self(.limits, .wouldRefuse, "A limit that is only observed is used up until \(end).")
    }
    return Self(.limits, .passed, limits.isEmpty ? "Nothing limits the call." : nil)
  }
}

extension Explanation.Target {
  fileprivate init?(_ parties: Parties, api: ID<API>?) {
    guard let group = parties.group, let live = group.live else { return nil }
    self.init(
      group: group.group, groupName: group.groupName, environment: group.environment, accessMode: group.accessMode,
      version: live.version, api: api)
  }
}

extension Decision {
  /// Whether the call is forwarded that would be refused with access authorization enabled.
  fileprivate var isObserved: Bool {
    if case .forward(let route) = self, case .wouldRefuse = route.verdict { true } else { false }
  }

  /// What refuses the call, or would with access authorization enabled.
  fileprivate var failure: Refusal? {
    switch self {
    case .refuse(let refusal, _, _): refusal
    case .preflight: nil
    case .forward(let route): if case .wouldRefuse(let refusal) = route.verdict { refusal } else { nil }
    }
  }
}

extension Decision {
  /// Of a call that a page of another origin makes; nil of every other.
  fileprivate func whatTheBrowserIsTold(of parties: Parties) -> String? {
    guard let call = try? parties.call.get(), call.hasOrigin else { return nil }
    let rules: CrossOriginRules? =
      switch self {
      case .refuse(_, let target, _): target?.crossOrigin
      case .preflight(let preflight): preflight.target.crossOrigin
      case .forward(let route): route.target.crossOrigin
      }
    return switch rules.map(call.mayBeRead) {
    case true: "The group's cors policy allows the origin: its pages may read the answer."
    case false: "The group's cors policy does not name the origin: a browser keeps the answer from its pages."
    default: "The group has no cors policy: a browser goes by what the backend says."
    }
  }
}

extension Preflight {
  fileprivate var explanation: String {
    switch permits {
    case true: "A preflight: the group's cors policy allows the origin and the method."
    case false: "A preflight: the group's cors policy allows the origin, and not the method."
    default: "A preflight: the group's cors policy does not name the origin."
    }
  }
}

extension Refusal {
  fileprivate var rule: Explanation.Rule {
    switch self {
    case .exposedSecret: .exposedSecret
    case .notDeployed: .deployment
    case .unauthenticated: .credential
    case .unauthorized: .authorization
    case .noSuchAPI, .methodNotAllowed: .api
    }
  }

  fileprivate var explanation: String {
    switch self {
    case .exposedSecret: "A secret stands in the URL, where it belongs in no case."
    case .notDeployed: "Nothing is live at this address."
    case .unauthenticated(let flaw): Self.explanation(of: flaw)
    case .unauthorized(.missing): "The key is not authorized for this group in this environment."
    case .unauthorized(.expired): "The key's authorization has expired."
    case .noSuchAPI: "The live revision has no API at this path."
    case .methodNotAllowed(let methods): "The live revision has this path with \(methods.fieldValue) only."
    }
  }

  private static func explanation(of flaw: CredentialFlaw) -> String {
    switch flaw {
    case .missing: "There is no key in the call."
    case .malformed: "What stands for the key is none."
    case .several: "There is more than one credential."
    case .unknown: "There is no such secret."
    case .disabled: "The key is disabled."
    case .expired: "The key has expired."
    case .suspended: "The key's tenant is suspended."
    }
  }
}
