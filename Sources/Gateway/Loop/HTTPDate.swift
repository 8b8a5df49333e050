#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// `Date` as RFC 9110 §5.6.7 has it: `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDate {
  static func now() -> [UInt8] { bytes(secondsSince1970: time(nil)) }

  static func bytes(secondsSince1970 seconds: Int) -> [UInt8] {
    var moment = time_t(seconds)
    var parts = tm()
    gmtime_r(&moment, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let day = days[Int(parts.tm_wday)]
    let month = months[Int(parts.tm_mon)]
    let clock = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
    return Array("\(day), \(two(parts.tm_mday)) \(month) \(parts.tm_year + 1900) \(clock) GMT".utf8)
  }

  private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
}
