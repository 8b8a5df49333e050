import Foundation
import Model
import Store

/// Statements about accounts and what they sign in by, each of which names something of the holder's.
extension Holder {
  var accountTrials: [StatementTrial] {
    let changes = Account.Changes(name: DisplayName("Changed"), role: nil, state: nil)
    return [
      StatementTrial(Accounts.find(account, in: tenant)),
      StatementTrial(Accounts.names(of: [account], in: tenant)),
      StatementTrial(AccountFootprints.find(account, in: tenant)),
      StatementTrial(Accounts.update(account, to: changes, expecting: .any, in: tenant)),
      StatementTrial(Accounts.delete(invited, in: tenant)),
      StatementTrial(AccountPasswords.find(of: account, in: tenant)),
      StatementTrial(
        AccountPasswords.update(of: account, from: "x", to: "y", in: tenant), after: [Self.knownPasswords]),
      StatementTrial(Invitations.insert(digest: SecretDigest(hashing: "new"), to: invited, in: tenant)),
      StatementTrial(
        Invitations.accept(digest: SecretDigest(hashing: invitation), passwordHash: "x", in: tenant)),
      StatementTrial(Invitations.delete(of: invited, in: tenant)),
      StatementTrial(SignInOrigins.delete(allOf: account, but: nil, in: tenant)),
      StatementTrial(DeviceCookies.trim(of: account, in: tenant), after: [Self.manyDeviceCookies]),
      StatementTrial(DeviceCookies.delete(allOf: account, but: nil, in: tenant)),
    ] + sessionTrials + accessTokenTrials + answerTrials
  }

  /// By a browser that shows what every tenant's account may have been known by.
  var deviceTrials: [StatementTrial] {
    [
      StatementTrial(
        DeviceCookies.insert(
          SecretDigest(hashing: "new"), replacing: SecretDigest(hashing: "1"), of: account, in: tenant),
        after: [Self.manyDeviceCookies])
    ]
  }

  private var sessionTrials: [StatementTrial] {
    let digest = SecretDigest(hashing: caller.token)
    let new = NewSession(digest: SecretDigest(hashing: "new"), address: nil, client: nil, lifetime: 60, idleTimeout: 60)
    return [
      StatementTrial(
        Sessions.insert(new, id: .random(), of: account, knowing: "x", in: tenant), after: [Self.knownPasswords]),
      StatementTrial(
        Sessions.touch(digest: digest, in: tenant),
        after: ["UPDATE sessions SET last_used_at = now() - interval '1 hour'"]),
      StatementTrial(Sessions.list(of: account, current: digest, after: nil, limit: 51, in: tenant)),
      StatementTrial(Sessions.delete(digest: digest, in: tenant)),
      StatementTrial(Sessions.delete(session, of: account, in: tenant)),
      StatementTrial(Sessions.delete(allOf: account, but: nil, in: tenant)),
    ]
  }

  private var accessTokenTrials: [StatementTrial] {
    let draft = AccessToken.Draft(name: DisplayName("New")!, role: nil, expiresAt: nil)
    return [
      StatementTrial(
        AccessTokens.insert(draft, role: .viewer, value: .random(), id: .random(), of: account, in: tenant)),
      StatementTrial(
        AccessTokens.touch(accessToken, in: tenant), after: ["UPDATE access_tokens SET last_used_at = NULL"]),
      StatementTrial(AccessTokens.find(accessToken, of: nil, in: tenant)),
      StatementTrial(AccessTokens.list(of: account, nil, after: nil, limit: 51, in: tenant)),
      StatementTrial(AccessTokens.delete(accessToken, of: nil, in: tenant)),
    ]
  }

  private var answerTrials: [StatementTrial] {
    let request = IdempotentRequest(
      IdempotencyKey("once")!, of: account, authority: "owner session", method: "POST", target: "/", body: [])
    let fingerprint = request.fingerprints[0].map { String(format: "%02x", $0) }.joined()
    return [
      StatementTrial(IdempotentAnswers.find(request, of: account, in: tenant)),
      StatementTrial(
        IdempotentAnswers.update(body: [1], to: request, of: account, in: tenant),
        after: ["UPDATE idempotent_answers SET request_fingerprint = '\\x\(fingerprint)'"]),
    ]
  }

  /// Statements about the tenant as a whole.
  var tenantTrials: [StatementTrial] {
    let audit = [
      AuditEvent.Filter(), AuditEvent.Filter(from: Date(timeIntervalSince1970: 0)),
    ].flatMap { filter in
      [nil, Position(createdAt: .now, id: ID<AuditEvent>(bits: 2))].map { position in
        StatementTrial(AuditEvents.list(filter, after: position, limit: 51, in: tenant))
      }
    }
    return [
      StatementTrial(Tenants.find(tenant), finds: 1),
      StatementTrial(
        Tenants.update(tenant, to: Tenant.Changes(name: DisplayName("Changed")), expecting: .any), finds: 1),
      StatementTrial(Quotas.find(in: tenant), finds: 1),
      StatementTrial(Accounts.list(Account.Filter(), after: nil, limit: 51, in: tenant)),
      StatementTrial(Accounts.lockOwners(in: tenant), finds: 1),
      StatementTrial(AccessTokens.list(of: nil, SearchText("a"), after: nil, limit: 51, in: tenant)),
    ] + audit
  }
}
