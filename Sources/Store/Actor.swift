package import Model

/// Who has something changed and by which request, as the database is told it with each transaction: the audit takes it
/// from there.
package struct Actor: Sendable {
  /// nil for somebody who is not signed in, and for an operator.
  package var account: ID<Account>?
  /// The id of the session or access token that was shown, and the role that it had then. A change is refused if by its
  /// commit the one has ended or the other is less. nil for an account that has just proved who it is otherwise.
  let credential: String?
  let role: Role?
  /// Of the request that asked for it; nil for what no request asked for.
  package let requestID: String?
  /// The address that the request came from.
  package let address: String?
  /// The program that the request came by.
  package let client: ClientName?

  package init(
    account: ID<Account>? = nil, credential: String? = nil, role: Role? = nil, requestID: String? = nil,
    address: String? = nil, client: ClientName? = nil
  ) {
    (self.account, self.credential, self.role) = (account, credential, role)
    (self.requestID, self.address, self.client) = (requestID, address, client)
  }
}
