/// How far a node has read the change feed: all that a transaction's snapshot saw, and nothing else.
struct FeedPosition: Sendable, Equatable {
  /// The `pg_snapshot` of the transaction that read.
  var snapshot: String
  /// Which history of which database the snapshot belongs to: the cluster's system identifier, its timeline, and the
  /// ids of the database and of the feed's table. Transaction numbers of another one mean nothing here.
  var history: String
  /// Which run of the server it was. A crash forgets the numbers of transactions that had not been written down, also of
  /// such as were over when they were last seen, and the next run gives them to others.
  var run: String
  /// The version of the row that tells what was pruned, as it was then.
  var horizon: String
}

/// What the database says of a position when it is read on from there.
struct FeedState: Sendable, Equatable {
  /// Where this reading stands.
  var position: FeedPosition
  /// Whether rows that the former position had not seen may have been pruned by some transaction.
  var isPastHorizon: Bool
  /// Whether this reading sees less than the former one did.
  var isBehind: Bool
  /// Whether the server follows another one, and so may be behind.
  var isStandby: Bool

  /// What reading on from `former` takes.
  func continuation(from former: FeedPosition) -> Continuation {
    if position.history != former.history { return .reload(.otherHistory) }
    if isBehind { return isStandby ? .wait : .reload(.otherHistory) }
    if position.run != former.run { return .reload(.restarted) }
    // What was pruned before the former reading, that one has judged.
    return isPastHorizon && position.horizon != former.horizon ? .reload(.pruned) : .changes
  }

  enum Continuation: Equatable {
    /// The rows that were not seen yet are all that changed.
    case changes
    /// Everything has to be read again.
    case reload(Reason)
    /// Nothing newer can be learnt from this server now.
    case wait
  }

  /// Why the feed cannot tell what changed.
  enum Reason: String, Sendable {
    /// The database was restored, or replaced by another.
    case otherHistory
    case restarted
    /// The node was away for longer than changes are kept.
    case pruned
    /// So much changed that reading it one by one would take longer.
    case tooMuch
  }
}
