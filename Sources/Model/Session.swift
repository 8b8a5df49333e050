package import FoundationEssentials

/// An account that has signed in, until when.
package struct Session: Sendable {
  package let token: SessionToken
  /// What the browser that it begins in is known by again; nil where an answer is read, whose members do not tell it.
  package let device: Credential<DeviceCookie>?
  /// When it ends at the latest. It ends sooner when it is not used.
  package let expiresAt: Date
  package let tenant: Tenant
  package let account: Account

  package init(
    token: SessionToken, device: Credential<DeviceCookie>? = nil, expiresAt: Date, tenant: Tenant, account: Account
  ) {
    (self.token, self.device, self.expiresAt) = (token, device, expiresAt)
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
