import Model
import Store

/// Statements about limit policies.
extension Holder {
  var limitPolicyTrials: [StatementTrial] {
    let changes = LimitPolicy.Changes(name: DisplayName("Changed"), description: .clear, mode: .observe, limits: nil)
    return [
      StatementTrial(LimitPolicies.find(limitPolicy, in: tenant)),
      StatementTrial(LimitPolicies.update(limitPolicy, to: changes, expecting: .any, in: tenant)),
      StatementTrial(LimitPolicies.lock(limitPolicy, in: tenant)),
      StatementTrial(LimitPolicies.lockForReference(Reference(limitPolicy.description), in: tenant)),
      StatementTrial(LimitPolicies.delete(limitPolicy, in: tenant)),
      StatementTrial(RemainingLimits.list(of: authorization, in: tenant)),
      StatementTrial(RemainingLimits.find(of: group, .online, in: tenant)),
    ]
  }

  var limitPolicyListTrials: [StatementTrial] {
    let draft = LimitPolicy.Draft(
      name: DisplayName("New")!, description: nil, mode: .enforce,
      limits: [LimitPolicy.Limit(requests: 1, period: .second)])
    let (reference, gone) = (
      Reference<LimitPolicy>(limitPolicy.description), "DELETE FROM limit_policies WHERE tenant_id = '\(tenant)'"
    )
    let limited = APIGroup.EnvironmentChanges(limitPolicy: .set(reference))
    return [
      StatementTrial(LimitPolicies.insert(draft, id: .random(), in: tenant), finds: 1),
      StatementTrial(LimitPolicies.list(LimitPolicy.Filter(), after: nil, limit: 51, in: tenant)),
      StatementTrial(
        LimitPolicies.list(LimitPolicy.Filter(text: SearchText("twin")), after: nil, limit: 51, in: tenant), finds: 0),
      // Nothing is live of this tenant's, and others' is.
      StatementTrial(
        RemainingLimits.list(of: authorization, in: tenant),
        after: ["UPDATE deployments SET ended_at = now() WHERE tenant_id = '\(tenant)'"], finds: 2),
      StatementTrial(
        RemainingLimits.find(of: group, .online, in: tenant),
        after: ["UPDATE deployments SET ended_at = now() WHERE tenant_id = '\(tenant)'"], finds: 1),
      // Its policy is gone, and another tenant's is not.
      StatementTrial(
        APIGroups.update(.online, of: group, to: limited, expecting: .any, in: tenant), after: [Self.unchecked, gone],
        finds: 1),
    ]
  }
}
