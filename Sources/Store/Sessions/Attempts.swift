package import Model
package import Postgres

/// A password that somebody tries, as it is counted.
package struct SignInAttempt: Sendable {
  package let tenant: Slug
  package let email: EmailAddress
  /// Where it is tried from; `nil` if that is not known.
  package let address: String?
  /// The digest of the device cookie that comes with it, whosever it may be.
  package let device: SecretDigest?

  package init(tenant: Slug, email: EmailAddress, address: String?, device: SecretDigest?) {
    (self.tenant, self.email, self.address, self.device) = (tenant, email, address, device)
  }
}

/// Statements about what may be tried so often only. They ask for no tenant: definer functions count.
package enum Attempts {
  /// Counts an attempt before it is made. Gives in how many seconds the next may be made; 0 if this one may.
  package static func admit(_ attempt: SignInAttempt) -> Statement<Int> {
    Query<Int>(
      "attempt.admit_sign_in",
      "SELECT admit_sign_in(\(attempt.tenant), \(attempt.email), \(attempt.address), \(attempt.device))"
    ).only
  }

  /// Takes back that an attempt was counted, which was none in vain.
  package static func forgive(_ attempt: SignInAttempt) -> Statement<Int> {
    Query<Void>(
      "attempt.forgive_sign_in",
      "SELECT FROM forgive_sign_in(\(attempt.tenant), \(attempt.email), \(attempt.address), \(attempt.device))"
    ).affected
  }

  /// Counts a sign-up before it is done. Gives in how many seconds the next may be done; 0 if this one may.
  package static func admitSignUp(from address: String?, hourlyLimit: Int) -> Statement<Int> {
    Query<Int>(
      "attempt.admit_sign_up",
      "SELECT admit_sign_up(\(address), \(hourlyLimit))"
    ).only
  }
}

/// Statements about where accounts have signed in from.
package enum SignInOrigins {
  package static func insert(
    _ address: String?, of account: ID<Account>, in tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Void>(
      "sign_in_origin.insert",
      """
      INSERT INTO sign_in_origins (tenant_id, account_id, origin)
      VALUES (\(tenant), \(account), origin_of(\(address)))
      ON CONFLICT ON CONSTRAINT sign_in_origins_pkey DO UPDATE SET last_signed_in_at = now()
      """
    ).affected
  }

  /// Forgets where an account has signed in from, but for this address.
  package static func delete(
    allOf account: ID<Account>, but address: String?, in tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Void>(
      "sign_in_origin.delete_all",
      """
      DELETE FROM sign_in_origins
      WHERE tenant_id = \(tenant) AND account_id = \(account)
        AND (\(address)::text IS NULL OR origin <> origin_of(\(address)))
      """
    ).affected
  }
}
