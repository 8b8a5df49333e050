extension ConnectionThread {
  /// A connection lent to one caller, until it is released on the connection's thread.
  struct Lease: Sendable {
    let id: LeaseID
    let connection: ConnectionID
    /// Nil when the connection has ended in the moment it was granted.
    let thread: ConnectionThread?
    let pool: PostgresPool

    /// Takes the connection over; the first thing done with it.
    func begin(on session: Session, _ transaction: TransactionProgress? = nil) {
      session.lease = id
      session.transaction = transaction
    }

    func end(on session: Session) { pool.release(id, of: connection, on: session) }
  }
}
