import FoundationEssentials
import Model
import Testing

struct RFC3339Tests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2000-02-29T23:59:59Z", 951_868_799_000_000),
    ("2026-11-23T16:54:34.123456Z", 1_795_452_874_123_456), ("1969-12-31T23:59:59.999999Z", -1),
    ("0001-01-01T00:00:00Z", -62_135_596_800_000_000), ("9999-12-31T23:59:58Z", 253_402_300_798_000_000),
    ("9999-12-31T23:59:59Z", 253_402_300_799_000_000),
    ("1900-03-01T00:00:00Z", -2_203_891_200_000_000),
  ])
  func readsAndWrites(text: String, microseconds: Int64) throws {
    let date = try #require(RFC3339.date(text))
    #expect(RFC3339.microseconds(since1970: date) == microseconds)
    #expect(RFC3339.date(microsecondsSince1970: microseconds).map(RFC3339.string) == text)
  }

  @Test(arguments: [Int64.min, .max, -62_135_596_800_000_001, 253_402_300_799_000_001, -8_000_000_000_000_000_000])
  func makesNoDateOfATimeThatCannotBeWritten(microseconds: Int64) {
    #expect(RFC3339.date(microsecondsSince1970: microseconds) == nil)
  }

  @Test(arguments: [
    ("2026-01-01T01:00:00+02:30", "2025-12-31T22:30:00Z"), ("2026-01-01t00:00:00-00:00", "2026-01-01T00:00:00Z"),
    ("2026-01-01T00:00:00.5z", "2026-01-01T00:00:00.500000Z"),
    ("2026-01-01T00:00:00.1234567891Z", "2026-01-01T00:00:00.123456Z"),
  ])
  func readsOtherSpellings(text: String, canonical: String) throws {
    let date = try #require(RFC3339.date(text))
    #expect(RFC3339.string(date) == canonical)
  }

  @Test(arguments: [
    "", "2026-01-01", "2026-01-01T00:00Z", "2026-01-01T00:00:00", "2026-01-01 00:00:00Z", "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z", "2026-04-31T00:00:00Z", "2025-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
    "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00.Z",
    "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01", "2026-01-01T00:00:00Zx", "+026-01-01T00:00:00Z",
    "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59.9Z", "9999-12-31T23:59:00-01:00",
    "２026-01-01T00:00:00Z",
  ])
  func refusesWhatIsNoTime(text: String) {
    #expect(RFC3339.date(text) == nil)
  }

  @Test func agreesWithFoundationOnEveryDayOfManyYears() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = TimeZone(secondsFromGMT: 0)!
    for day in stride(from: -40_000, to: 60_000, by: 7) {
      let date = Date(timeIntervalSince1970: Double(day) * 86_400)
      let parts = calendar.dateComponents([.year, .month, .day], from: date)
      let text = RFC3339.string(date).prefix(10).split(separator: "-").compactMap { Int($0) }
      #expect(text == [parts.year, parts.month, parts.day])
      #expect(RFC3339.date(RFC3339.string(date)) == date)
    }
  }
}
