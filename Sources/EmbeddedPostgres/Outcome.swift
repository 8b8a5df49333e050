import Synchronization

/// A value that comes once, for any number of waiters, before or after.
final class Outcome<Value: Sendable>: Sendable {
  private enum State {
    case pending([AsyncStream<Value>.Continuation])
    case settled(Value)
  }

  private let state = Mutex(State.pending([]))

  /// The value, if it has come.
  var current: Value? {
    state.withLock { if case .settled(let value) = $0 { value } else { nil } }
  }

  /// Sets the value; one that comes later is ignored.
  func settle(_ value: Value) {
    state.withLock { state in
      guard case .pending(let waiters) = state else { return }
      state = .settled(value)
      for waiter in waiters { waiter.yield(value) }
    }
  }

  /// Waits for the value; nil when the waiting task was cancelled first.
  func value() async -> Value? {
    let (values, waiter) = AsyncStream.makeStream(of: Value.self, bufferingPolicy: .bufferingNewest(1))
    state.withLock { state in
      switch state {
      case .settled(let value): waiter.yield(value)
      case .pending(let waiters): state = .pending(waiters + [waiter])
      }
    }
    return await values.first { _ in true }
  }
}
