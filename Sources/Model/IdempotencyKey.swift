package import Crypto

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
  /// Of all that makes the request this one, under each of the secrets. The first is the one to keep.
  package let fingerprints: [[UInt8]]

  /// - Parameters:
  ///   - authority: by what role, and what kind of credential: whoever may less than before is told nothing of what was
  ///     answered then.
  ///   - target: path and query, as sent.
  ///   - secrets: what the database does not have, the newest first: a body may hold a password or an imported value that
  ///     can be guessed, and so can the key. With none the fingerprint is under the key alone.
  package init(
    _ key: IdempotencyKey, of account: ID<Account>, authority: String, method: String, target: String,
    body: some Sequence<UInt8>, secrets: [SymmetricKey] = []
  ) {
    keyDigest = Array(SHA256.hash(data: Array("\(account) \(key)".utf8)))
    let own = SymmetricKey(data: Array(key.description.utf8))
    let message = Array("\(authority) \(method) \(target)\n".utf8) + body
    let inner = Array(HMAC<SHA256>.authenticationCode(for: message, using: own))
    let outer = secrets.map { Array(HMAC<SHA256>.authenticationCode(for: inner, using: $0)) }
    fingerprints = outer.isEmpty ? [inner] : outer
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
