package import Model
import Store

extension Console {
  /// Whose session's token this is. That it is used is written down once a minute at most.
  ///
  /// - Throws: ``ConsoleError/notSignedIn`` for anything but a live token of an active account in an active tenant.
  package func authenticate(_ token: SessionToken) async throws -> Principal {
    let digest = token.digest
    guard let account = try await store.run(in: nil, Sessions.find(digest: digest)) else {
      throw ConsoleError.notSignedIn
    }
    if account.isTouchDue {
      _ = try await store.run(in: account.tenant, Sessions.touch(digest: digest, in: account.tenant))
    }
    return Principal(
      tenant: account.tenant, account: account.account, role: account.role,
      credential: .session(account.session, digest))
  }

  /// Whose access token this is, with the lesser of its role and its account's. That it is used is written down once a
  /// minute at most.
  ///
  /// - Throws: ``ConsoleError/notSignedIn`` for anything but a live token of an active account in an active tenant.
  package func authenticate(_ value: Credential<AccessToken>) async throws -> Principal {
    guard let holder = try await store.run(in: nil, AccessTokens.find(digest: value.digest)) else {
      throw ConsoleError.notSignedIn
    }
    if holder.isTouchDue {
      _ = try await store.run(in: holder.tenant, AccessTokens.touch(holder.token, in: holder.tenant))
    }
    return Principal(
      tenant: holder.tenant, account: holder.account, role: holder.role, credential: .accessToken(holder.token))
  }
}
