package import Model

/// Who has something changed and by which request, as the database is told it with each transaction: the audit takes it
/// from there.
package struct Actor: Sendable {
  /// nil for somebody who is not signed in, and for an operator.
  package var account: ID<Account>?
  /// Of the request that asked for it; nil for what no request asked for.
  package let requestID: String?
  /// The address that the request came from.
  package let address: String?

  package init(account: ID<Account>? = nil, requestID: String? = nil, address: String? = nil) {
    (self.account, self.requestID, self.address) = (account, requestID, address)
  }
}
