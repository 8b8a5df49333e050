/// For how long usage is kept, by what it is summed by.
struct UsageRetention: Sendable {
  var minutes: Duration = .days(8)
  var hours: Duration = .days(100)
  var days: Duration = .days(1_095)
}

extension Settings {
  static let retention = """
    three numbers of days, for which minutes, hours and days are kept, such as 8d,100d,1095d: at least 1, 31 and 31, and at \
    most 3650
    """
  static let spool = "a size such as 256MiB or 2GiB, from 1MiB to 1024GiB"

  static func retention(_ text: String) -> UsageRetention? {
    let days = text.split(separator: ",", omittingEmptySubsequences: false).compactMap { part in
      part.hasSuffix("d") ? Int(part.dropLast()) : nil
    }
    // Dry runs look 30 days back, by days and the hours of the first one.
    guard days.count == 3, zip(days, [1, 31, 31]).allSatisfy({ ($1...3_650).contains($0) }) else { return nil }
    return UsageRetention(minutes: .days(days[0]), hours: .days(days[1]), days: .days(days[2]))
  }

  /// - Returns: bytes.
  static func size(_ text: String) -> Int? {
    for (unit, bytes) in [("MiB", 1 << 20), ("GiB", 1 << 30)] where text.hasSuffix(unit) {
      guard let count = Int(text.dropLast(unit.count)), (1...1_048_576).contains(count) else { return nil }
      return count * bytes <= 1 << 40 ? count * bytes : nil
    }
    return nil
  }
}

extension Duration {
  fileprivate static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }
}
