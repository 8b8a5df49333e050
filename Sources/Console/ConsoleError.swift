package import Model

/// Why a use case refuses, besides what the store says and ``InvalidInput``.
package enum ConsoleError: Error, Equatable {
  /// No token, or one that is unknown, expired or of an account that is not active.
  case notSignedIn
  /// Tenant, e-mail address and password don't belong together; which of them is wrong is not told.
  case wrongCredentials
  case signUpClosed
  /// The role does not allow it.
  case forbidden
  /// An access token does not do: whoever has a leaked one must not make itself at home with it.
  case sessionRequired
  /// The password that was shown beside a session is not its account's.
  case wrongPassword
  /// Passwords or sign-ups were tried too often; in so many seconds they may be again.
  case tooManyAttempts(retryAfter: Int)
  /// A tenant keeps one active owner.
  case lastOwner
  /// The account is not invited, or not any more.
  case notInvited
  /// There is no such thing, as far as this tenant may know.
  case notFound
  /// The entity is of no version that was expected.
  case preconditionFailed
  /// The key has as many secrets as a key may have.
  case tooManySecrets
  /// A key keeps one secret.
  case lastSecret
  /// Another key of the tenant has the value that was brought along.
  case valueTaken
  /// The key was deleted for being in wrong hands.
  case keyCompromised
  /// There is no deletion of the key that could be taken back.
  case keyNotDeleted
  /// The group is live in these environments.
  case groupLive(in: [DeploymentEnvironment])
  /// Another API of the draft takes the same calls.
  case apiExists(API)
  /// There are no APIs to make a revision of.
  case emptyDraft
  /// The key is authorized for targets already: those at these places of the given ones.
  case alreadyAuthorized(targets: [Int])
  /// The policy counts there.
  case limitPolicyInUse(LimitPolicy.Uses)
  /// The account has searched too often; in so many seconds it may again.
  case tooManySearches(retryAfter: Int)
  /// The installation has no key to seal a secret under.
  case noSealingKey
  /// The account sent another request under the same idempotency key.
  case idempotencyKeyReused
  /// A request under the same idempotency key is still being done.
  case idempotencyInProgress
  /// More is going on than this node takes on at a time.
  case busy
}
