/// Over how long a limit counts: in fixed windows of UTC, days from midnight on and months from their first. Which window
/// it is, the database's clock says.
package enum LimitPeriod: String, CaseIterable, Sendable {
  case second, minute, hour, day, month

  /// Its place among all, from 0 on.
  package var ordinal: Int {
    switch self {
    case .second: 0
    case .minute: 1
    case .hour: 2
    case .day: 3
    case .month: 4
    }
  }

  /// Whether what a backend failed is given back: what is counted over so long is paid for, not a matter of load.
  package var isQuota: Bool { self == .day || self == .month }

  /// How long a window is, the shortest month for a month.
  package var leastLength: Duration {
    switch self {
    case .second: .seconds(1)
    case .minute: .seconds(60)
    case .hour: .seconds(3600)
    case .day: .seconds(86_400)
    case .month: .seconds(28 * 86_400)
    }
  }
}
