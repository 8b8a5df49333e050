import Model

/// Of how long a time the page tells, and by which steps.
enum UsageRange: String, CaseIterable {
  case hour, day, month

  var bucket: UsageReport.Bucket {
    switch self {
    case .hour: .minute
    case .day: .hour
    case .month: .day
    }
  }

  /// In seconds.
  var step: Double {
    switch self {
    case .hour: 60
    case .day: 3600
    case .month: 86_400
    }
  }

  /// How many steps it has.
  var count: Int {
    switch self {
    case .hour: 60
    case .day: 24
    case .month: 30
    }
  }
}
