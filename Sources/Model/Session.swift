package import FoundationEssentials

/// An account that has signed in, until when.
package struct Session: Sendable {
  package let token: SessionToken
  /// When it ends at the latest. It ends sooner when it is not used.
  package let expiresAt: Date
  package let tenant: Tenant
  package let account: Account

  package init(token: SessionToken, expiresAt: Date, tenant: Tenant, account: Account) {
    (self.token, self.expiresAt) = (token, expiresAt)
    (self.tenant, self.account) = (tenant, account)
  }
}

extension Session {
  /// What signing in takes.
  package struct Credentials: Sendable {
    package let tenant: Slug
    package let email: EmailAddress
    package let password: Password

    package init(tenant: Slug, email: EmailAddress, password: Password) {
      (self.tenant, self.email, self.password) = (tenant, email, password)
    }
  }
}
