/// A browser that an account has signed in by: `Credential<DeviceCookie>` is what it shows to be known again.
///
/// Guesses of others do not keep out who shows it. It lets nobody in (OWASP, "Slow Down Online Guessing Attacks with
/// Device Cookies").
package enum DeviceCookie: CredentialKind {
  package static var credentialPrefix: StaticString { "dev_" }

  /// How long it counts, in days; see `is_known_device`.
  package static let lifetimeInDays = 180

  /// How many of an account's count, the newest: so many of browsers that have kept one before, and so many others.
  package static let maximumPerAccount = 20
}
