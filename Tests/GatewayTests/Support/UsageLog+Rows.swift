import Metering

extension UsageLog {
  /// All that was counted, by whichever loop.
  var rows: [UsageRow] {
    var rows: [UsageRow.Place: UsageRow] = [:]
    for row in take().flatMap(\.rows) { rows[row.place, default: row.uncounted].counts += row.counts }
    return Array(rows.values)
  }
}

extension UsageRow {
  fileprivate var uncounted: UsageRow {
    UsageRow(minute: minute, provider: provider, key: key, subscription: subscription, counts: UsageCounts())
  }
}
