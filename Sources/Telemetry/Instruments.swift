import Metrics
import Synchronization

/// A count that only grows.
final class CounterInstrument: CounterHandler {
  private let count = Atomic<Int64>(0)

  var value: Int64 { count.load(ordering: .relaxed) }

  func increment(by amount: Int64) { count.add(amount, ordering: .relaxed) }
  func reset() { count.store(0, ordering: .relaxed) }
}

/// The value that was said last.
final class GaugeInstrument: RecorderHandler, MeterHandler {
  private let bits = Atomic<UInt64>(0)

  var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

  func record(_ value: Int64) { set(Double(value)) }
  func record(_ value: Double) { set(value) }
  func set(_ value: Int64) { set(Double(value)) }
  func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
  func increment(by amount: Double) { change(by: amount) }
  func decrement(by amount: Double) { change(by: -amount) }

  private func change(by amount: Double) {
    var known = bits.load(ordering: .relaxed)
    while true {
      let changed = (Double(bitPattern: known) + amount).bitPattern
      let (exchanged, original) = bits.compareExchange(expected: known, desired: changed, ordering: .relaxed)
      if exchanged { return }
      known = original
    }
  }
}

/// How often values were at most so large, their number and their sum. Times are kept in seconds.
final class HistogramInstrument: RecorderHandler, TimerHandler {
  struct State: Sendable {
    /// For each bound, and for what is above all.
    var counts: [Int]
    var sum = 0.0
  }

  /// From what a look into memory takes to the longest wait that anybody has.
  static let bounds = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
  ]

  let isTime: Bool
  private let state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))

  init(isTime: Bool = false) { self.isTime = isTime }

  var value: State { state.withLock { $0 } }

  func record(_ value: Int64) { record(Double(value)) }
  func recordNanoseconds(_ duration: Int64) { record(Double(duration) * 1e-9) }

  func record(_ value: Double) {
    let place = Self.bounds.firstIndex { value <= $0 } ?? Self.bounds.count
    state.withLock { state in
      state.counts[place] += 1
      state.sum += value
    }
  }
}
