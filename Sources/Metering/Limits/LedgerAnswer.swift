package import Model

/// What the ledger is told and asked of one limit of a subject.
package struct LedgerRequest: Sendable {
  package let subject: LimitedSubject
  package let period: LimitPeriod
  package let window: LentWindow?
  /// Let through since it was last told; less than none where more was given back.
  package let spent: Int64
  /// What is held and not wanted any more.
  package let returned: Int64
  /// How many requests wait.
  package let urgent: Int64
  /// How many more are to be expected.
  package let ahead: Int64
}

/// What the ledger says of one limit of a subject, having settled what it was told.
package enum LedgerAnswer: Sendable {
  /// There is no such limit any more, or not yet.
  case unlimited
  case lent(Loan)

  package struct Loan: Sendable {
    package let window: LentWindow
    /// What this node may let through of it from now on.
    package let held: Int64
    /// What nobody holds.
    package let remaining: Int64
    /// What other nodes hold.
    package let elsewhere: Int64

    package init(window: LentWindow, held: Int64, remaining: Int64, elsewhere: Int64) {
      (self.window, self.held, self.remaining, self.elsewhere) = (window, held, remaining, elsewhere)
    }
  }
}
