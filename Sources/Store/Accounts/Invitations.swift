package import FoundationEssentials
package import Model
package import Postgres

/// Which account may accept an invitation.
package struct InvitedAccount: Sendable {
  package let tenant: ID<Tenant>
  package let account: ID<Account>
}

/// Statements about invitations. An account has one at most.
package enum Invitations {
  /// Gives an account that is invited an invitation, in place of the one that it had; else nothing. Gives when it expires.
  package static func insert(
    digest: SecretDigest, to account: ID<Account>, in tenant: ID<Tenant>
  ) -> Statement<Date?> {
    Query<Date>(
      "invitation.insert",
      """
      INSERT INTO invitations (tenant_id, account_id, token_digest, expires_at)
      SELECT tenant_id, id, \(digest), now() + \(Invitation.lifetime) * interval '1 second'
      FROM accounts
      WHERE tenant_id = \(tenant) AND id = \(account) AND state = 'invited'
      ON CONFLICT ON CONSTRAINT invitations_pkey DO UPDATE
      SET token_digest = excluded.token_digest, created_at = excluded.created_at, expires_at = excluded.expires_at
      RETURNING expires_at
      """
    ).first
  }

  /// Asks for no tenant: the definer function answers for one digest.
  package static func find(digest: SecretDigest?) -> Statement<InvitedAccount?> {
    Query(
      "invitation.find_by_digest",
      "SELECT tenant_id, account_id FROM invitation_by_digest(\(digest))"
    ) { row in try InvitedAccount(tenant: row.next(), account: row.next()) }.first
  }

  /// Uses an invitation up, which makes its account active with a password. Gives how many it was, 0 or 1.
  package static func accept(
    digest: SecretDigest, passwordHash: String, in tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Void>(
      "invitation.accept",
      """
      WITH used AS (
        DELETE FROM invitations
        WHERE tenant_id = \(tenant) AND token_digest = \(digest) AND expires_at > now()
        RETURNING tenant_id, account_id
      )
      UPDATE accounts a
      SET password_hash = \(passwordHash), state = 'active', updated_at = clock_timestamp()
      FROM used
      WHERE a.tenant_id = used.tenant_id AND a.id = used.account_id AND a.state = 'invited'
      """
    ).affected
  }

  package static func delete(of account: ID<Account>, in tenant: ID<Tenant>) -> Statement<Int> {
    Query<Void>(
      "invitation.delete",
      "DELETE FROM invitations WHERE tenant_id = \(tenant) AND account_id = \(account)"
    ).affected
  }
}
