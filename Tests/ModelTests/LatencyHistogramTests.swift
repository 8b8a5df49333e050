import Model
import Testing

@Suite struct LatencyHistogramTests {
  @Test func hasBucketsWithoutGapsEachAtMostAQuarterWide() {
    for bucket in 0..<LatencyHistogram.bucketCount {
      let (low, next) = (LatencyHistogram.lowerBound(of: bucket), LatencyHistogram.lowerBound(of: bucket + 1))
      #expect(LatencyHistogram.bucket(of: low) == bucket)
      #expect(LatencyHistogram.bucket(of: next - 1) == bucket)
      #expect(bucket < 4 || (next - low) * 4 <= low)
    }
    #expect(LatencyHistogram.lowerBound(of: LatencyHistogram.bucketCount) > 60_000_000)
  }

  @Test(arguments: [-1, Int64.max]) func takesWhatIsBeyondIntoItsLastBuckets(microseconds: Int64) {
    #expect(LatencyHistogram.bucket(of: microseconds) == (microseconds < 0 ? 0 : LatencyHistogram.bucketCount - 1))
  }

  @Test func tellsQuantilesWithinAnEighth() {
    var histogram = LatencyHistogram()
    for microseconds in stride(from: Int64(1000), through: 100_000, by: 100) {
      histogram.add(1, toBucket: LatencyHistogram.bucket(of: microseconds))
    }
    for (share, exact) in [(0.5, 50_500.0), (0.95, 95_050), (0.99, 99_010)] {
      let told = histogram.quantile(share) ?? 0
      #expect(abs(told - exact) < exact / 8, "\(share): \(told)")
    }
    #expect(LatencyHistogram().quantile(0.5) == nil)
  }

  @Test func isOneNumberThatAddsUp() throws {
    var (left, right) = (LatencyHistogram(), LatencyHistogram())
    for (bucket, count) in [(0, 7), (3, 999_999_999_999), (79, 1)] { left.add(Int64(count), toBucket: bucket) }
    right.add(41, toBucket: 2)
    #expect(left.digits.utf8.count == 12 * 79 + 1)
    #expect(LatencyHistogram(digits: left.digits) == left)
    #expect(right.digits == "41" + String(repeating: "0", count: 24))
    #expect(LatencyHistogram().digits == "0")
    left += right
    #expect(left.counts[2] == 41 && left.count == 1_000_000_000_048)
  }

  @Test(arguments: ["-1", "1e5", " 1", "1" + String(repeating: "0", count: 960)])
  func refusesWhatIsNoSuchNumber(digits: String) {
    #expect(LatencyHistogram(digits: digits) == nil)
  }
}
