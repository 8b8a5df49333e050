package import FoundationEssentials

extension UsageReport {
  /// Of what time usage is told, in whole minutes, hours or days of UTC.
  package struct Span: Hashable, Sendable {
    /// How long what is summed is.
    package enum Level: Int, Sendable {
      case minute = 60
      case hour = 3600
      case day = 86_400

      package var seconds: Double { Double(rawValue) }

      fileprivate func round(_ time: Date, _ rule: FloatingPointRoundingRule) -> Date {
        Date(timeIntervalSince1970: (time.timeIntervalSince1970 / seconds).rounded(rule) * seconds)
      }
    }

    package let from, to: Date
    package let level: Level

    /// - Throws: ``InvalidInput`` for what is too long for its buckets, or no time at all.
    package init(_ question: Question, now: Date) throws(InvalidInput) {
      let (bucket, last) = (question.bucket, question.to ?? now)
      let length = question.from.map { last.timeIntervalSince($0) } ?? bucket.usual
      guard length > 0 else { throw InvalidInput("?from", "must be before `to`") }
      level = bucket.level(from: last - length, to: last)
      to = level.round(last, .up)
      from = question.from.map { [level] in level.round($0, .down) } ?? to - bucket.usual
      guard to.timeIntervalSince(from) <= bucket.longest else {
        throw InvalidInput("?from", "must be at most \(Int(bucket.longest) / 86_400) days before `to`, by \(bucket)")
      }
    }

    private init(from: Date, to: Date, level: Level) {
      (self.from, self.to, self.level) = (from, to, level)
    }

    /// A part of it, of whole buckets.
    package func part(from: Date, to: Date) -> Span { Span(from: from, to: to, level: level) }

    /// When a row's time ends that begins then.
    package func end(of start: Date, in bucket: Bucket) -> Date {
      bucket == .total ? to : start + level.seconds
    }
  }
}

extension UsageReport.Bucket {
  private static let aDay = 86_400.0

  /// How long a time is told of where nobody says.
  fileprivate var usual: Double {
    switch self {
    case .minute: 3600
    case .hour, .total: Self.aDay
    case .day: 30 * Self.aDay
    }
  }

  fileprivate var longest: Double {
    switch self {
    case .minute: 2 * Self.aDay
    case .hour: 62 * Self.aDay
    case .day, .total: 1100 * Self.aDay
    }
  }

  /// What is summed for a time: a total by as large parts as it is whole ones of, or as leave it about as exact as it is
  /// long.
  fileprivate func level(from start: Date, to end: Date) -> UsageReport.Span.Level {
    switch self {
    case .minute: return .minute
    case .hour: return .hour
    case .day: return .day
    case .total:
      let length = end.timeIntervalSince(start)
      if length > 8 * Self.aDay || start.isWhole(Self.aDay) && end.isWhole(Self.aDay) { return .day }
      return length > 6 * 3600 || start.isWhole(3600) && end.isWhole(3600) ? .hour : .minute
    }
  }
}

extension Date {
  /// Whether it is so many seconds after 1970, or twice as many, and so on.
  fileprivate func isWhole(_ seconds: Double) -> Bool {
    timeIntervalSince1970.truncatingRemainder(dividingBy: seconds) == 0
  }
}
