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
    ]
  }
}
