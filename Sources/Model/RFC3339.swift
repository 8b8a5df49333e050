package import FoundationEssentials

/// Times as text: RFC 3339, in UTC when written, to the microsecond, which is what the database keeps.
package enum RFC3339 {
  /// As in `2026-11-23T16:54:34Z`, or with six digits of fraction if the second is not whole.
  ///
  /// - Parameter date: of the years 1 to 9999.
  package static func string(_ date: Date) -> String {
    let microseconds = microseconds(since1970: date)
    let second = Int(microseconds.flooredDivision(by: 1_000_000))
    let fraction = Int(microseconds - Int64(second) * 1_000_000)
    let day = second.flooredDivision(by: 86_400)
    let time = second - day * 86_400
    let civil = CivilDay(daysSince1970: day)
    var text = "\(padded(civil.year, 4))-\(padded(civil.month, 2))-\(padded(civil.day, 2))T"
    text += "\(padded(time / 3600, 2)):\(padded(time / 60 % 60, 2)):\(padded(time % 60, 2))"
    if fraction != 0 { text += ".\(padded(fraction, 6))" }
    return text + "Z"
  }

  /// `nil` unless `text` is a `date-time` of RFC 3339 §5.6 of a day that exists. Fractions beyond a microsecond are cut
  /// off; leap seconds are refused, since neither the database nor its clients have them.
  package static func date(_ text: String) -> Date? {
    var fields = DigitReader(rest: text.utf8[...])
    guard let year = fields.number(4), fields.take("-"), let month = fields.number(2), fields.take("-"),
      let day = fields.number(2), fields.take("T", "t"), let hour = fields.number(2), fields.take(":"),
      let minute = fields.number(2), fields.take(":"), let second = fields.number(2),
      year > 0, hour < 24, minute < 60, second < 60, let civil = CivilDay(year: year, month: month, day: day),
      let fraction = fields.fraction(), let offset = fields.offset(), fields.rest.isEmpty
    else { return nil }
    let seconds = civil.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second - offset
    return date(microsecondsSince1970: Int64(seconds) * 1_000_000 + Int64(fraction))
  }

  /// Whole microseconds since 1970-01-01, the unit in which the database tells times apart.
  package static func microseconds(since1970 date: Date) -> Int64 {
    Int64((date.timeIntervalSinceReferenceDate * 1_000_000).rounded()) + referenceMicroseconds
  }

  /// The inverse of `microseconds(since1970:)`; `nil` for a time that can't be written, as a client may make one up.
  package static func date(microsecondsSince1970 microseconds: Int64) -> Date? {
    guard writable.contains(microseconds) else { return nil }
    return Date(timeIntervalSinceReferenceDate: Double(microseconds - referenceMicroseconds) / 1_000_000)
  }

  /// The years 1 to 9999, less the last second's fractions, which a `Date` so far off rounds up.
  private static let writable: ClosedRange<Int64> = -62_135_596_800_000_000...253_402_300_799_000_000

  /// 2001-01-01, Foundation's epoch, in microseconds since 1970.
  private static let referenceMicroseconds: Int64 = 978_307_200_000_000

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

/// Takes a time's text apart.
private struct DigitReader {
  var rest: Substring.UTF8View

  mutating func number(_ width: Int) -> Int? {
    let digits = rest.prefix(width)
    guard digits.count == width, digits.allSatisfy(Self.isDigit) else { return nil }
    rest = rest.dropFirst(width)
    return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }

  mutating func take(_ choices: Unicode.Scalar...) -> Bool {
    guard let first = rest.first, choices.contains(Unicode.Scalar(first)) else { return false }
    rest = rest.dropFirst()
    return true
  }

  /// Microseconds; 0 if there is no fraction, `nil` for a point without digits.
  mutating func fraction() -> Int? {
    guard take(".") else { return 0 }
    let digits = rest.prefix(while: Self.isDigit)
    guard !digits.isEmpty else { return nil }
    rest = rest.dropFirst(digits.count)
    return (0..<6).reduce(0) { sum, place in
      let digit = digits.dropFirst(place).first.map { Int($0 - UInt8(ascii: "0")) } ?? 0
      return sum * 10 + digit
    }
  }

  /// Seconds east of UTC.
  mutating func offset() -> Int? {
    if take("Z", "z") { return 0 }
    let sign = rest.first == UInt8(ascii: "-") ? -1 : 1
    guard take("+", "-"), let hours = number(2), take(":"), let minutes = number(2), hours < 24, minutes < 60 else {
      return nil
    }
    return sign * (hours * 3600 + minutes * 60)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
