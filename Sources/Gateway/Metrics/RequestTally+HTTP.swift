/// What OpenTelemetry has names for, over all event loops.
extension RequestTally {
  /// How long requests took, for each kind that there was, from their heads to the last byte of their answers.
  package func served() -> [HTTPDurations] {
    Listener.allCases.flatMap { listener in
      MethodName.allCases.flatMap { method in
        Self.sums(traffic.compactMap { $0.served(method, on: listener) }, Self.dimensions(method, listener))
      }
    }
  }

  /// The same of requests to backends, from their heads to their answers' last bytes.
  package func forwarded() -> [HTTPDurations] {
    MethodName.allCases.flatMap { method in
      Self.sums(traffic.compactMap { $0.forwarded(method) }, [("http.request.method", method.label)])
    }
  }

  /// How many requests are being answered, for each method and listener.
  package func active() -> [(dimensions: [(String, String)], value: Int)] {
    Listener.allCases.flatMap { listener in
      MethodName.allCases.map { method in
        (Self.dimensions(method, listener), traffic.reduce(0) { $0 + $1.active(method, on: listener) })
      }
    }
  }

  /// Connections to backends.
  package func backendConnections() -> (idle: Int, used: Int) {
    traffic.map(\.backendConnections).reduce((0, 0)) { ($0.0 + $1.idle, $0.1 + $1.used) }
  }

  private static func dimensions(_ method: MethodName, _ listener: Listener) -> [(String, String)] {
    [("http.request.method", method.label), ("listener", listener.rawValue), ("url.scheme", "http")]
  }

  private static func sums(_ loops: [OutcomeDurations], _ dimensions: [(String, String)]) -> [HTTPDurations] {
    guard !loops.isEmpty else { return [] }
    return ExchangeOutcome.all.compactMap { outcome in
      let counted = loops.compactMap { $0.durations(outcome) }
      guard !counted.isEmpty else { return nil }
      var sum = HTTPDurations(dimensions: dimensions + [outcome.dimension])
      for durations in counted { durations.add(to: &sum) }
      return sum
    }
  }
}
