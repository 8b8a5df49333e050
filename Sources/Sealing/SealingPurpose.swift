/// What a sealing key's subkey is for. A purpose is never renamed: what was sealed for it would not open again.
package enum SealingPurpose: String, CaseIterable, Sendable {
  /// The header fields by which a backend knows the gateway.
  case backendHeaders = "backend headers"
  /// The digests of imported values; nothing is sealed under it.
  case importedValues = "imported values"
  /// The digests by which requests under an `Idempotency-Key` are told apart; nothing is sealed under it.
  case idempotentRequests = "idempotent requests"
}
