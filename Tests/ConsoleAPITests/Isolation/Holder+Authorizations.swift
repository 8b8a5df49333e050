import Model
import Store

/// Statements about authorizations and their targets, each of which names something of the holder's.
extension Holder {
  var authorizationTrials: [StatementTrial] {
    let changes = Authorization.Changes(
      description: .clear, expiresAt: .keep, targets: nil, limitPolicy: .set(Reference(limitPolicy.description)))
    let other = Authorization.GivenTarget(group: Reference(group.description), environment: .test)
    return [
      StatementTrial(Authorizations.find(authorization, in: tenant), after: [Self.openViews]),
      StatementTrial(Authorizations.update(authorization, to: changes, expecting: .any, in: tenant)),
      StatementTrial(Authorizations.delete(authorization, in: tenant)),
      StatementTrial(
        Authorizations.lock(withExpiredBeside: authorization, in: tenant), after: [Self.expiredAuthorizations]),
      StatementTrial(Authorizations.lock(withTargetsOf: group, in: tenant)),
      StatementTrial(AuthorizationTargets.lockGroups([target], in: tenant)),
      StatementTrial(AuthorizationTargets.judge([target], for: authorization, in: tenant)),
      StatementTrial(AuthorizationTargets.delete(allBut: [other], of: authorization, in: tenant)),
      StatementTrial(AuthorizationTargets.delete([target], ofExpired: [authorization], in: tenant)),
    ]
  }

  /// Statements about all authorizations, and those that hang on what this tenant has, while others have the opposite.
  var authorizationListTrials: [StatementTrial] {
    lists + [
      StatementTrial(Authorizations.insert(limitedDraft, id: .random(), in: tenant), after: [onlyOwnKeys], finds: 1),
      // Gives the places that were taken: none, where the key has no such target of this tenant.
      StatementTrial(AuthorizationTargets.insert([target], into: authorization, in: tenant), finds: 0),
      StatementTrial(
        AuthorizationTargets.insert([target], into: authorization, in: tenant), after: [noOwnTargets], finds: 0),
      StatementTrial(
        AuthorizationTargets.insert([target], into: authorization, in: tenant),
        after: ["DELETE FROM authorization_targets"], finds: 0),
      StatementTrial(
        Authorizations.delete(emptyOf: [authorization], in: tenant), after: [noOwnTargets], finds: 1),
      StatementTrial(
        Authorizations.delete(emptyOf: [authorization], in: tenant), after: ["DELETE FROM authorization_targets"],
        finds: 1),
      StatementTrial(Authorizations.lock(withTargetsOf: group, in: tenant), after: [noOwnTargets], finds: 0),
      StatementTrial(
        Authorizations.lock(withExpiredBeside: authorization, in: tenant),
        after: [otherSubscriber, Self.expiredAuthorizations], finds: 1),
      StatementTrial(
        Authorizations.lockExpired(of: Reference(key.description), in: tenant),
        after: [otherSubscriber, Self.expiredAuthorizations, onlyOwnKeys], finds: 1),
      StatementTrial(
        AuthorizationTargets.judge([target], for: authorization, in: tenant),
        after: [noOwnTargets, "UPDATE deployments SET ended_at = now() WHERE tenant_id = '\(tenant)'"], finds: 1),
    ] + explanationTrials
  }

  private var limitedDraft: Authorization.Draft {
    Authorization.Draft(
      kind: .subscriptionKey, subscription: Reference(key.description), targets: [target], description: nil,
      expiresAt: nil, limitPolicy: Reference(limitPolicy.description))
  }

  /// Of a key of the same id that is another tenant's, as there is none while ids are one tenant's alone.
  private var otherSubscriber: String {
    """
    INSERT INTO authorizations (tenant_id, id, subscriber_tenant_id, subscription_key_id)
    SELECT '\(tenant)', 'aut_other', k.tenant_id, k.id FROM subscription_keys k
    WHERE k.id = '\(key)' AND k.tenant_id <> '\(tenant)'
    LIMIT 1
    """
  }

  private var lists: [StatementTrial] {
    let states: [Authorization.State?] = [nil, .active, .withdrawn]
    let limited = Authorization.Filter(limitPolicy: usedLimitPolicy)
    return states.flatMap { state in
      [nil, group].map { group in
        let filter = Authorization.Filter(subscription: nil, group: group, environment: nil, state: state)
        let withdrawn = ["UPDATE subscription_keys SET providers = '{}'"]
        return StatementTrial(
          Authorizations.list(filter, after: nil, limit: 51, in: tenant),
          after: [Self.openViews] + (state == .withdrawn ? withdrawn : []))
      }
    } + listsOfWhatOthersHave
      + [StatementTrial(Authorizations.list(limited, after: nil, limit: 51, in: tenant), after: [Self.openViews])]
  }

  private var listsOfWhatOthersHave: [StatementTrial] {
    func list(
      _ group: ID<APIGroup>? = nil, _ environment: DeploymentEnvironment? = nil, after: [String], finds: Int = 0
    ) -> StatementTrial {
      let filter = Authorization.Filter(subscription: nil, group: group, environment: environment, state: nil)
      return StatementTrial(
        Authorizations.list(filter, after: nil, limit: 51, in: tenant), after: [Self.unchecked] + after, finds: finds)
    }
    let withdrawn = Authorization.Filter(subscription: nil, group: nil, environment: nil, state: .withdrawn)
    let active = Authorization.Filter(state: .active)
    // As others' keys are.
    let named = Authorization.Filter(text: SearchText(Twins.mark))
    let othersRestricted = "UPDATE subscription_keys SET providers = '{}' WHERE tenant_id <> '\(tenant)'"
    return [
      // Of another tenant's key.
      StatementTrial(
        Authorizations.list(withdrawn, after: nil, limit: 51, in: tenant), after: [Self.openViews, othersRestricted],
        finds: 1),
      list(after: emptyPage, finds: 2),
      // One is left, of another tenant's key.
      list(after: [Self.openViews, "DELETE FROM subscription_keys WHERE tenant_id = '\(tenant)'"], finds: 1),
      list(group, after: ["DELETE FROM authorizations WHERE tenant_id = '\(tenant)'"]),
      list(group, after: [Self.openViews, Self.ordered], finds: 2),
      StatementTrial(
        Authorizations.list(active, after: nil, limit: 51, in: tenant),
        after: [Self.openViews, Self.unchecked, Self.ordered], finds: 2),
      StatementTrial(
        Authorizations.list(named, after: nil, limit: 51, in: tenant), after: [Self.openViews, Self.unchecked], finds: 0
      ),
      list(group, after: elsewhere), list(nil, .test, after: elsewhere), list(group, .test, after: elsewhere),
    ]
  }

  /// Of those of one id the first one is that of the tenant whose id is before all others.
  private static let ordered = "CLUSTER authorizations USING authorizations_pkey"

  /// This tenant has a page of authorizations without targets, which others have.
  private var emptyPage: [String] {
    [
      """
      INSERT INTO authorizations (tenant_id, id, subscriber_tenant_id, subscription_key_id, created_at)
      SELECT '\(tenant)', 'empty ' || n, '\(tenant)', '\(key)', now() + interval '1 hour'
      FROM generate_series(1, 51) AS n
      """,
      """
      INSERT INTO authorization_targets (
        tenant_id, authorization_id, subscriber_tenant_id, subscription_key_id, group_id, environment)
      SELECT t.id, 'empty ' || n, t.id, 'key ' || n, '\(group)', 'online'
      FROM tenants t
      CROSS JOIN generate_series(1, 51) AS n
      WHERE t.slug = 'globex'
      """,
    ]
  }

  /// This tenant's targets are of another group, and those of others in every environment.
  private var elsewhere: [String] {
    [
      """
      INSERT INTO api_groups (tenant_id, id, name, prefix, access_mode)
      VALUES ('\(tenant)', 'grp_other', 'Other', 'other', 'required')
      """,
      "UPDATE authorization_targets SET group_id = 'grp_other' WHERE tenant_id = '\(tenant)'",
      """
      INSERT INTO authorization_targets (
        tenant_id, authorization_id, subscriber_tenant_id, subscription_key_id, group_id, environment)
      SELECT tenant_id, authorization_id, subscriber_tenant_id, subscription_key_id, group_id, e.environment
      FROM authorization_targets
      CROSS JOIN (VALUES ('test'), ('preview')) AS e (environment)
      WHERE tenant_id <> '\(tenant)'
      """,
    ]
  }

  private var explanationTrials: [StatementTrial] {
    let explanation = Explanations.authorization(of: key, for: group, .online, in: tenant)
    let gone = "DELETE FROM authorizations WHERE tenant_id = '\(tenant)'"
    return [
      StatementTrial(explanation),
      StatementTrial(explanation, after: [noOwnTargets], finds: 0),
      StatementTrial(explanation, after: [Self.openViews, Self.unchecked, gone], finds: 0),
    ]
  }
}
