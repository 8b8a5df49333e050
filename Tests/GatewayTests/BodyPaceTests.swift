import NIOCore
import Testing

@testable import Gateway

/// How long a request's body is waited for: a pause of a minute, and at 100 bytes a second.
struct BodyPaceTests {
  private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

  private func pace() -> BodyPace { BodyPace(bytesPerSecond: 100, longestPause: .seconds(60), now: start) }

  private func seconds(_ pace: BodyPace) -> Double { Double((pace.deadline - start).nanoseconds) / 1_000_000_000 }

  @Test func aByteAMinuteDoesNotHoldAConnection() {
    var pace = pace()
    for minute in 0..<10 { pace.took(1, now: start + .seconds(59) * minute) }
    #expect(seconds(pace) == 60.09)
  }

  @Test func whatComesAsFastAsItMustIsWaitedFor() {
    var pace = pace()
    for second in 1...1000 { pace.took(100, now: start + .seconds(Int64(second))) }
    #expect(seconds(pace) == 1060)
  }

  @Test(arguments: [1_000_000, 1 << 30, Int.max])
  func noLeadIsLongerThanThePause(bytes: Int) {
    var pace = pace()
    pace.took(bytes, now: start + .seconds(30))
    #expect(seconds(pace) == 90)
  }

  @Test func hurriedItIsAsIfItHadAlwaysBeenSo() {
    var (dripping, steady) = (pace(), pace())
    dripping.took(1, now: start + .seconds(4))
    dripping.hurry(longestPause: .seconds(5))
    #expect(seconds(dripping) == 5.01)
    steady.took(10_000, now: start + .seconds(50))
    steady.hurry(longestPause: .seconds(5))
    #expect(seconds(steady) == 55)
    steady.hurry(longestPause: .seconds(10))
    steady.took(100, now: start + .seconds(54))
    #expect(seconds(steady) == 56)
    steady.begin(now: start + .seconds(100))
    #expect(seconds(steady) == 160)
  }

  @Test func beginsAnewForAClientThatWasKeptWaiting() {
    var pace = pace()
    pace.restart(now: start + .seconds(45))
    #expect(seconds(pace) == 105)
  }
}
