package import Model
package import Postgres

/// The database as the use cases know it: runs the repositories' statements, each transaction for one tenant.
///
/// The tenant is told to the server too, whose row-level security sees to it that nothing of another's is touched.
package struct Store: Sendable {
  let pool: PostgresPool
  private var witness: CommitWitness?
  private var actor = Actor()
  private var joined: (transaction: StoreTransaction, tenant: ID<Tenant>)?
  private var timeout: Duration?

  /// The address that the changes come from.
  package var address: String? { actor.address }
  /// The program that the changes come by.
  package var client: ClientName? { actor.client }

  /// - Parameter pool: of connections that log in as `latchkey_console`.
  package init(pool: PostgresPool) {
    self.pool = pool
  }

  /// The same store, whose transactions are taken down.
  package func witnessed(by witness: CommitWitness) -> Store {
    var store = self
    store.witness = witness
    return store
  }

  /// The same store, whose changes are this one's.
  package func acting(as actor: Actor) -> Store {
    var store = self
    store.actor = actor
    return store
  }

  /// The same store, whose changes are an account's that has just proved who it is.
  package func acting(as account: ID<Account>) -> Store {
    var store = self
    store.actor.account = account
    return store
  }

  /// The same store, whose statements may take this long each: for what changes much at once, and nobody does often.
  package func patient(for timeout: Duration) -> Store {
    var store = self
    store.timeout = timeout
    return store
  }

  /// The same store, all of whose transactions are parts of an open one of this tenant: done and undone with it.
  package func joined(to transaction: StoreTransaction, of tenant: ID<Tenant>) -> Store {
    var store = self
    store.joined = (transaction, tenant)
    return store
  }

  /// The open transaction that one for a tenant is a part of; `nil` where it is one of its own.
  ///
  /// Whoever has a connection must not wait for another: so many at once as there are connections would wait for each
  /// other until the deadline, and everybody else with them.
  private func joinedTransaction(of tenant: ID<Tenant>?) -> StoreTransaction? {
    guard let joined else {
      assert(!Self.holdsConnection, "a second connection is asked for while one is held")
      return nil
    }
    precondition(tenant == nil || tenant == joined.tenant, "a transaction is for one tenant")
    return joined.transaction
  }

  /// Whether a transaction is open here, with a connection of its own.
  @TaskLocal private static var holdsConnection = false

  /// Runs one statement in a transaction of its own.
  ///
  /// - Parameter tenant: for whom; `nil` sees no tenant's rows, only what definer functions answer.
  /// - Throws: ``StoreError``, `CancellationError`.
  package func run<Result: Sendable>(
    in tenant: ID<Tenant>?, _ statement: Statement<Result>
  ) async throws -> Result {
    try await pipeline(in: tenant, statement)
  }

  /// Runs statements in one transaction and one round trip. The first that fails undoes all of them; one that merely
  /// finds nothing does not.
  ///
  /// - Throws: ``StoreError``, `CancellationError`.
  package func pipeline<each Result: Sendable>(
    in tenant: ID<Tenant>?, _ statements: repeat Statement<each Result>
  ) async throws -> (repeat each Result) {
    do {
      if let transaction = joinedTransaction(of: tenant) { return try await transaction.batch(repeat each statements) }
      return try await pool.pipeline(
        options(tenant), settings: settings(tenant), endingWith: witness?.statement,
        repeat each statements)
    } catch let error as PostgresError {
      throw StoreError(error)
    }
  }

  /// Runs what has to look at results before it goes on, in one transaction. Whatever `body` throws undoes it.
  ///
  /// - Throws: ``StoreError``, `CancellationError`, and what `body` throws.
  package func transaction<Value: Sendable>(
    in tenant: ID<Tenant>, _ body: (StoreTransaction) async throws -> Value
  ) async throws -> Value {
    do {
      if let transaction = joinedTransaction(of: tenant) {
        if let timeout { try await transaction.extend(timeout: timeout) }
        return try await body(transaction)
      }
      return try await pool.transaction(options(tenant), settings: settings(tenant)) { transaction in
        let value = try await Self.$holdsConnection.withValue(true) { try await body(StoreTransaction(transaction)) }
        if let witness { try await transaction.run(witness.statement) }
        return value
      }
    } catch let error as PostgresError {
      throw StoreError(error)
    }
  }

  /// No tenant has all connections, whatever it has them wait for.
  private func options(_ tenant: ID<Tenant>?) -> TransactionOptions {
    TransactionOptions(timeout: timeout, party: tenant.map { PoolParty($0.description) })
  }

  /// All of them each time: a connection has been others' before.
  private func settings(_ tenant: ID<Tenant>?) -> TransactionSettings {
    [
      "latchkey.tenant_id": tenant?.description ?? "", "latchkey.account_id": actor.account?.description ?? "",
      "latchkey.request_id": actor.requestID ?? "", "latchkey.address": actor.address ?? "",
      "latchkey.credential": actor.credential ?? "", "latchkey.role": actor.role?.rawValue ?? "",
    ]
  }
}

/// An open transaction.
package struct StoreTransaction: Sendable {
  private let transaction: Transaction

  init(_ transaction: Transaction) {
    self.transaction = transaction
  }

  fileprivate func extend(timeout: Duration) async throws {
    try await transaction.extend(timeout: timeout)
  }

  /// Has all be looked at that otherwise is when the transaction is committed.
  package func checkConstraints() async throws {
    try await transaction.checkConstraints()
  }

  package func run<Result: Sendable>(_ statement: Statement<Result>) async throws -> Result {
    try await transaction.run(statement)
  }

  /// Runs statements in one round trip.
  package func batch<each Result: Sendable>(
    _ statements: repeat Statement<each Result>
  ) async throws -> (repeat each Result) {
    try await transaction.batch(repeat each statements)
  }
}
