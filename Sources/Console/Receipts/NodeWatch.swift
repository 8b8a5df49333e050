import Metrics
package import Model
import ServiceLifecycle
package import Store
import Synchronization

/// Waits until changes are in force on every gateway: one look at the database for all who wait, as long as anybody does.
package final class NodeWatch: Service {
  private struct Waiter {
    let changes: [CommittedChange]
    let begun = ContinuousClock.now
    /// What was known last.
    var roster: NodeRoster?
    /// Nil for a moment at first.
    var continuation: CheckedContinuation<Receipt, Never>?
    var isOver = false

    var receipt: Receipt {
      let after = begun.duration(to: .now)
      return roster.map { Receipt(of: changes, by: $0, after: after) } ?? .unknown(after: after)
    }
  }

  private struct State {
    var waiters: [UInt64: Waiter] = [:]
    var next: UInt64 = 0
  }

  private let store: Store
  private let state = Mutex(State())
  private let wakeups: AsyncStream<Void>
  private let wakeup: AsyncStream<Void>.Continuation

  init(store: Store) {
    self.store = store
    (wakeups, wakeup) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Says whether changes are in force: as soon as they are, or else when the time is up, or the task cancelled.
  ///
  /// - Parameter changes: committed before this is called.
  package func receipt(for changes: [CommittedChange], within limit: Duration) async -> Receipt {
    let number = state.withLock { state in
      state.next += 1
      state.waiters[state.next] = Waiter(changes: changes)
      return state.next
    }
    wakeup.yield()
    let receipt = await withTaskGroup(of: Void.self) { group in
      group.addTask {
        try? await Task.sleep(for: limit)
        self.end(number)
      }
      defer { group.cancelAll() }
      return await withTaskCancellationHandler {
        await withCheckedContinuation { enter(number, $0) }
      } onCancel: {
        end(number)
      }
    }
    Timer(label: "latchkey.receipt.wait_time", dimensions: [("enforced", "\(receipt.isEnforced)")])
      .record(duration: receipt.after)
    return receipt
  }

  /// Looks for those who wait, until the graceful shutdown, or cancellation.
  package func run() async throws {
    try? await cancelWhenGracefulShutdown { try await self.watch() }
    for number in state.withLock({ Array($0.waiters.keys) }) { end(number) }
  }
}

extension NodeWatch {
  private func enter(_ number: UInt64, _ continuation: CheckedContinuation<Receipt, Never>) {
    let isOver = state.withLock { state in
      state.waiters[number]?.continuation = continuation
      return state.waiters[number]?.isOver ?? true
    }
    if isOver { end(number) }
  }

  /// Lets one wait no longer, who may not have begun to.
  private func end(_ number: UInt64) {
    let ended: Waiter? = state.withLock { state in
      state.waiters[number]?.isOver = true
      guard state.waiters[number]?.continuation != nil else { return nil }
      return state.waiters.removeValue(forKey: number)
    }
    if let ended { ended.continuation?.resume(returning: ended.receipt) }
  }

  private func watch() async throws {
    for await _ in wakeups {
      while let waiting = waiting() {
        await look(for: waiting.numbers)
        try await Task.sleep(for: waiting.youngest < .milliseconds(500) ? .milliseconds(10) : .milliseconds(100))
      }
    }
  }

  /// Who waits now, and for how long the one who came last; nil when nobody does.
  private func waiting() -> (numbers: [UInt64], youngest: Duration)? {
    state.withLock { state in
      guard let latest = state.waiters.values.map(\.begun).max() else { return nil }
      return (Array(state.waiters.keys), latest.duration(to: .now))
    }
  }

  /// Asks the database. What it answers says something to those only whose changes were committed before it was asked.
  private func look(for numbers: [UInt64]) async {
    // Without an answer there is nothing new: everybody waits for as long as they want to.
    guard let roster = try? await store.run(in: nil, GatewayNodes.all) else { return }
    let satisfied: [UInt64] = state.withLock { state in
      for number in numbers { state.waiters[number]?.roster = roster }
      return numbers.filter { state.waiters[$0]?.receipt.isEnforced ?? false }
    }
    for number in satisfied { end(number) }
  }
}
