import Gateway
import Telemetry

extension MetricsRegistry {
  /// What a gateway's requests were, and its requests to backends, by OpenTelemetry's names.
  func observe(_ tally: RequestTally) {
    collect("http.server.request.duration", bounds: HTTPDurations.bounds) { tally.served().map(Self.reading) }
    collect("http.client.request.duration", bounds: HTTPDurations.bounds) { tally.forwarded().map(Self.reading) }
    for (dimensions, _) in tally.active() {
      observe("http.server.active_requests", dimensions: dimensions) {
        Double(tally.active().first { $0.dimensions.elementsEqual(dimensions, by: ==) }?.value ?? 0)
      }
    }
    observe("http.client.open_connections", dimensions: [("http.connection.state", "idle")]) {
      Double(tally.backendConnections().idle)
    }
    observe("http.client.open_connections", dimensions: [("http.connection.state", "active")]) {
      Double(tally.backendConnections().used)
    }
  }

  /// How many lines of the access log were written and lost.
  func observe(_ accessLog: AccessLog) {
    observe("latchkey.access_log.lines", .counter, dimensions: [("outcome", "written")]) {
      Double(accessLog.counts.written)
    }
    observe("latchkey.access_log.lines", .counter, dimensions: [("outcome", "dropped")]) {
      Double(accessLog.counts.dropped)
    }
  }

  private static func reading(_ durations: HTTPDurations) -> HistogramReading {
    HistogramReading(dimensions: durations.dimensions, counts: durations.counts, sum: durations.sum)
  }
}
