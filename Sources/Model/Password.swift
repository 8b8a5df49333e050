/// A password in the clear, on its way to being hashed. It does not print.
package struct Password: ConstrainedText {
  /// Any characters; 256 of them are at most 1,024 bytes. The lower bound is above the 8 of NIST SP 800-63B §3.1.1.2,
  /// because no second factor stands beside it.
  package static let constraint = TextConstraint(
    length: 12...256, requirement: "must be 12 to 256 characters", example: "correct horse battery staple")

  /// The password itself, for the one that hashes it.
  package let revealed: String

  /// `nil` unless `text` has 12 to 256 Unicode scalars. It is taken byte for byte: nothing is trimmed or normalised.
  package init?(_ text: String) {
    guard Self.constraint.length.contains(text.unicodeScalars.count) else { return nil }
    revealed = text
  }

  /// A new one of 128 random bits, for who has to be told one.
  package static func random() -> Password {
    var source = SystemRandomNumberGenerator()
    let text = CrockfordBase32.encode(UInt128.random(in: .min ... .max, using: &source))
    guard let password = Password(text) else { preconditionFailure("26 characters are a password") }
    return password
  }

  package var description: String { "Password(…)" }
}

extension Password: CustomDebugStringConvertible, CustomReflectable {
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
