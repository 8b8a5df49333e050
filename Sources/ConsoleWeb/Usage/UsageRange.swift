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
}
