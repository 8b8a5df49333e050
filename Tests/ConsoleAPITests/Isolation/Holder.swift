import Contract
import Model
import Sealing
import Store

/// Somebody with some of everything, as statements name it.
struct Holder: Sendable {
  let caller: Caller
  let things: Things
  /// Of somebody who has not come yet.
  let invitation: String
  /// Whose statements these are: the holder's own, or another, who has nothing of it.
  let tenant: ID<Tenant>

  func id<Entity: Identified>(_ name: String, of _: Entity.Type = Entity.self) -> ID<Entity> {
    ID(things[name] ?? "") ?? ID(bits: 0)
  }

  var account: ID<Account> { caller.account }
  var invited: ID<Account> { id("accountId") }
  var key: ID<SubscriptionKey> { id("subscriptionKeyId") }
  var secret: ID<SubscriptionKey.Secret> { id("secretId") }
  var group: ID<APIGroup> { id("groupId") }
  var api: ID<API> { id("apiId") }
  var revision: ID<Revision> { id("revisionId") }
  var deployment: ID<Deployment> { id("deploymentId") }
  var authorization: ID<Authorization> { id("authorizationId") }
  var domain: ID<Domain> { id("domainId") }
  var limitPolicy: ID<LimitPolicy> { id("limitPolicyId") }
  /// One that its authorization and its group are under.
  var usedLimitPolicy: ID<LimitPolicy> { id("usedLimitPolicyId") }
  var accessToken: ID<AccessToken> { id("accessTokenId") }
  var session: ID<OpenSession> { id("sessionId") }
  var target: Authorization.GivenTarget {
    Authorization.GivenTarget(group: Reference(group.description), environment: .online)
  }
}

/// What is brought about for single statements, of every tenant alike unless it says otherwise.
extension Holder {
  /// Rows may go that others refer to.
  static let unchecked = "SET LOCAL session_replication_role = replica"
  static let knownPasswords = "UPDATE accounts SET password_hash = 'x', state = 'active'"
  /// As many as each account may have.
  static let manyDeviceCookies = """
    INSERT INTO device_cookies (tenant_id, account_id, digest, created_at)
    SELECT tenant_id, id, sha256(convert_to(i::text, 'UTF8')), now() - i * interval '1 minute'
    FROM accounts, generate_series(1, 20) i
    """
  static let deletedKeys = "UPDATE subscription_keys SET deleted_at = now()"
  static let expiredSecrets = "UPDATE subscription_secrets SET expires_at = now() - interval '1 day'"
  static let expiredAuthorizations = "UPDATE authorizations SET expires_at = now() - interval '1 day'"

  /// Only this tenant's key of an id can be found by it.
  var onlyOwnKeys: String { "UPDATE subscription_keys SET deleted_at = now() WHERE tenant_id <> '\(tenant)'" }
  var deletedOwnKeys: String { "UPDATE subscription_keys SET deleted_at = now() WHERE tenant_id = '\(tenant)'" }
  var noOwnKeys: String { "UPDATE subscription_keys SET state = 'disabled' WHERE tenant_id = '\(tenant)'" }
  var noOwnTargets: String { "DELETE FROM authorization_targets WHERE tenant_id = '\(tenant)'" }

  /// Views that have the tenant in themselves show every tenant's rows, so that only the statement says whose it means.
  static let openViews = """
    DO $$
    DECLARE opened regclass;
    BEGIN
      FOREACH opened IN ARRAY ARRAY['authorized_subscriptions', 'withdrawn_authorizations']::regclass[] LOOP
        EXECUTE format('CREATE OR REPLACE VIEW %s WITH (security_barrier) AS %s', opened,
          replace(pg_get_viewdef(opened), 'current_tenant()', 'a.tenant_id'));
      END LOOP;
    END
    $$
    """
}
