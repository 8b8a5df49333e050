package import Model
package import Postgres

/// Statements about the browsers that accounts have signed in by.
package enum DeviceCookies {
  /// - Parameter shown: What the browser shows; if it is one of this account's, the new one takes its place.
  package static func insert(
    _ digest: SecretDigest, replacing shown: SecretDigest?, of account: ID<Account>, in tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Void>(
      "device_cookie.insert",
      """
      WITH replaced AS (
        DELETE FROM device_cookies
        WHERE tenant_id = \(tenant) AND account_id = \(account) AND digest = \(shown)
        RETURNING digest
      )
      INSERT INTO device_cookies (tenant_id, account_id, digest, replaces_another)
      VALUES (\(tenant), \(account), \(digest), EXISTS (SELECT FROM replaced))
      """
    ).affected
  }

  /// Forgets those that are older than as many as an account may have.
  ///
  /// Those of browsers that have kept one before are counted by themselves: whoever keeps none has a new one each
  /// time, and would push them out.
  package static func trim(of account: ID<Account>, in tenant: ID<Tenant>) -> Statement<Int> {
    Query<Void>(
      "device_cookie.trim",
      """
      DELETE FROM device_cookies
      WHERE tenant_id = \(tenant) AND account_id = \(account) AND digest IN (
        SELECT digest
        FROM (
          SELECT digest, row_number() OVER (PARTITION BY replaces_another ORDER BY created_at DESC, digest) AS place
          FROM device_cookies
          WHERE tenant_id = \(tenant) AND account_id = \(account)
        ) AS kept
        WHERE place > \(DeviceCookie.maximumPerAccount))
      """
    ).affected
  }

  /// Makes all of an account's void, but for this one.
  package static func delete(
    allOf account: ID<Account>, but digest: SecretDigest?, in tenant: ID<Tenant>
  ) -> Statement<Int> {
    Query<Void>(
      "device_cookie.delete_all",
      """
      DELETE FROM device_cookies
      WHERE tenant_id = \(tenant) AND account_id = \(account) AND digest IS DISTINCT FROM \(digest)
      """
    ).affected
  }
}
