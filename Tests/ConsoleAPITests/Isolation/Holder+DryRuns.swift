import FoundationEssentials
import Model
import Store

/// Statements about what changes would take away.
extension Holder {
  private func find(_ reached: ReachedCalls, after before: [String] = []) -> StatementTrial {
    // Each of those tried takes something away.
    StatementTrial(DryRuns.find(reached, in: DryRun.Span(until: .now), of: tenant)!, after: before)
  }

  private static let observing = "UPDATE api_groups SET access_mode = 'observe', access_mode_online = NULL"
  private static let verified = [
    "DROP INDEX domains_host_unique", "UPDATE domains SET state = 'verified', verified_at = now()",
  ]

  private func used(secret: ID<SubscriptionKey.Secret>) -> String {
    "UPDATE usage_recent SET part_id = '\(secret)' WHERE side = 'caller'"
  }

  private func used(api: ID<API>) -> String {
    "UPDATE usage_recent SET part_id = '\(api)' WHERE side = 'provider'"
  }

  private var changes: Authorization.Changes {
    Authorization.Changes(description: .keep, expiresAt: .set(.now), targets: [], limitPolicy: .keep)
  }

  var dryRunTrials: [StatementTrial] {
    [
      find(.key(key)), find(.narrowedKey(key, until: .now, providers: nil)),
      find(.narrowedKey(key, until: nil, providers: [])), find(.group(group)), find(.target(group, .online)),
      find(.secret(secret, of: key), after: [used(secret: secret)]),
      find(.apis([api], of: group, .online), after: [used(api: api)]),
      find(.keyHeaders(group, keeping: []), after: ["UPDATE api_groups SET key_headers = '{X-Api-Key}'"]),
      find(
        .unauthorized(group, .ofGroup(.required)),
        after: [Self.observing, "DELETE FROM authorization_targets"]),
      find(.authorization(authorization)), find(.narrowedAuthorization(authorization, changes)),
      find(.limited(by: usedLimitPolicy)), find(.domain(domain), after: Self.verified),
    ] + dryRunTrialsBesideOthers
  }

  /// What others have of the same ids is otherwise.
  private var dryRunTrialsBesideOthers: [StatementTrial] {
    let (others, expired) = ("tenant_id <> '\(tenant)'", "expires_at = now() - interval '1 day'")
    return [
      find(.group(group), after: [Self.openViews]), find(.group(group), after: hoursOfTheFirstDay),
      // This tenant's authorizations have ended.
      find(
        .unauthorized(group, .ofGroup(.required)),
        after: [Self.observing, Self.openViews, "UPDATE authorizations SET \(expired) WHERE tenant_id = '\(tenant)'"]),
      // The policy is this tenant's group's too, and so reaches all there at once.
      find(
        .limited(by: usedLimitPolicy),
        after: [Self.unchecked, "UPDATE api_groups SET limit_policy_online = NULL WHERE \(others)"]),
    ]
  }

  /// All calls were in the hour that is the first of all.
  private var hoursOfTheFirstDay: [String] {
    let since = "to_timestamp(\(DryRun.Span(until: .now).since.timeIntervalSince1970))"
    return [
      "SELECT add_usage_partition('usage_hours', \(since))::text",
      "UPDATE usage_hours SET starts_at = \(since) WHERE starts_at = (SELECT max(starts_at) FROM usage_hours)",
    ]
  }
}
