import Model

/// What views show of one tenant, whatever others have, and with whom it has to do with the same ids.
extension Holder {
  private func rows(
    of view: String, where condition: String = "true", after before: [String] = [], finds: Int
  ) -> StatementTrial {
    StatementTrial(
      DynamicSQL.texts("SELECT to_jsonb(v)::text FROM \(view) v WHERE \(condition)"), after: [Self.unchecked] + before,
      finds: finds)
  }

  var viewTrials: [StatementTrial] {
    [
      // Its own key's, and the stranger's.
      rows(of: "authorized_subscriptions", finds: 2), rows(of: "withdrawn_authorizations", finds: 0),
      rows(of: "withdrawn_authorizations", after: ["UPDATE subscription_keys SET providers = '{}'"], finds: 2),
      // The keys take this provider and no other.
      rows(
        of: "withdrawn_authorizations",
        after: [
          """
          UPDATE subscription_keys SET providers = ARRAY(SELECT slug FROM tenants WHERE id = '\(tenant)')
          WHERE tenant_id = '\(tenant)'
          """
        ], finds: 0),
      // Those of the same ids take none.
      rows(
        of: "withdrawn_authorizations",
        after: ["UPDATE subscription_keys SET providers = '{}' WHERE tenant_id <> '\(tenant)'"], finds: 1),
      rows(of: "received_authorizations", finds: 2), rows(of: "received_targets", finds: 1),
      rows(of: "received_authorizations", where: "v.is_live", after: liveElsewhere, finds: 1),
      rows(of: "received_targets", where: "v.is_live", finds: 1),
      rows(of: "received_targets", where: "v.is_live", after: liveElsewhere, finds: 0),
    ]
  }

  /// Of the provider's group that this tenant may call nothing is live, but of a group of the same id of this tenant's own.
  private var liveElsewhere: [String] {
    let received = """
      tenant_id <> '\(tenant)' AND group_id IN (
        SELECT group_id FROM authorization_targets
        WHERE subscriber_tenant_id = '\(tenant)' AND tenant_id <> '\(tenant)')
      """
    return [
      """
      INSERT INTO deployments
      SELECT (jsonb_populate_record(d, jsonb_build_object('tenant_id', '\(tenant)', 'id', 'dep_' || d.environment))).*
      FROM deployments d
      WHERE d.ended_at IS NULL AND \(received)
      """,
      "UPDATE deployments SET ended_at = now() WHERE \(received)",
    ]
  }
}
