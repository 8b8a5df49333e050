package import Model
package import Postgres

/// Statements about any account, for the owner's login.
package enum OperatedAccounts {
  /// Gives an account another password, and a role if one is given. One that is disabled stays so unless it is to be
  /// enabled; one that was invited is in.
  /// - Returns: the account's state; nil when there is none of this address.
  package static func reset(
    _ email: EmailAddress, in tenant: ID<Tenant>, passwordHash: String, role: Role?, isEnabled: Bool
  ) -> Statement<Account.State?> {
    Query(
      "operated_account.reset",
      """
      UPDATE accounts
      SET password_hash = \(passwordHash), role = coalesce(\(role), role), updated_at = now(),
        state = CASE WHEN state = 'disabled' AND NOT \(isEnabled) THEN state ELSE 'active' END
      WHERE tenant_id = \(tenant) AND lower(email COLLATE "C") = lower(\(email) COLLATE "C")
      RETURNING state
      """
    ) { row in try row.next() }.first
  }

  /// Takes from an account everything that it could be called by: its sessions and its access tokens; and forgets where,
  /// and by which browsers, it has signed in, for whoever knew the old password may have been there.
  package static func endSessions(of email: EmailAddress, in tenant: ID<Tenant>) -> Statement<Int> {
    Query<Void>(
      "operated_account.end_sessions",
      """
      WITH account AS (
        SELECT id FROM accounts
        WHERE tenant_id = \(tenant) AND lower(email COLLATE "C") = lower(\(email) COLLATE "C")
      ), revoked AS (
        DELETE FROM access_tokens t USING account a WHERE t.tenant_id = \(tenant) AND t.account_id = a.id
      ), forgotten AS (
        DELETE FROM sign_in_origins o USING account a WHERE o.tenant_id = \(tenant) AND o.account_id = a.id
      ), voided AS (
        DELETE FROM device_cookies d USING account a WHERE d.tenant_id = \(tenant) AND d.account_id = a.id
      )
      DELETE FROM sessions s USING account a WHERE s.tenant_id = \(tenant) AND s.account_id = a.id
      """
    ).affected
  }
}
