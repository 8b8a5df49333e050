import Crypto

/// What a client names a change by, so that trying it again makes no second one.
package struct IdempotencyKey: ConstrainedText {
  package static let constraint = TextConstraint(
    length: 1...255, pattern: "^[!-~]+$", requirement: "must be 1 to 255 visible ASCII characters",
    example: "0f8fad5b-d9cb-469f-a165-70867728950e")

  package let description: String

  /// `nil` unless `text` is one.
  package init?(_ text: String) {
    guard Self.constraint.length.contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { return nil }
    description = text
  }
}

/// A request that came with a key, as digests: neither the key nor what was sent can be told from them.
package struct IdempotentRequest: Hashable, Sendable {
  /// Of the account and the key.
  package let keyDigest: [UInt8]
  /// Of all that makes the request this one. Under the key, for a body may hold a password that can be guessed.
  package let fingerprint: [UInt8]

  /// - Parameter target: path and query, as sent.
  package init(
    _ key: IdempotencyKey, of account: ID<Account>, method: String, target: String, body: some Sequence<UInt8>
  ) {
    keyDigest = Array(SHA256.hash(data: Array("\(account) \(key)".utf8)))
    let secret = SymmetricKey(data: Array(key.description.utf8))
    let message = Array("\(method) \(target)\n".utf8) + body
    fingerprint = Array(HMAC<SHA256>.authenticationCode(for: message, using: secret))
  }

  /// The number by which requests of one account and key know of each other.
  package var lockNumber: Int64 {
    keyDigest.prefix(8).reduce(0) { $0 << 8 | Int64($1) }
  }
}

/// An answer to a change as it is repeated: without what it showed once.
package struct KeptAnswer: Hashable, Sendable {
  package let status: Int
  package let entityTag: String?
  package let body: [UInt8]

  package init(status: Int, entityTag: String?, body: [UInt8]) {
    (self.status, self.entityTag, self.body) = (status, entityTag, body)
  }
}
