import Metrics

/// A pool's metrics, by OpenTelemetry's names for database clients.
struct PoolMetrics: Sendable {
  private let idle: Gauge
  private let used: Gauge
  private let waiting: Gauge
  private let waitTime: Timer
  private let timeouts: Counter

  init(name: String) {
    let pool = ("db.client.connection.pool.name", name)
    idle = Gauge(label: "db.client.connection.count", dimensions: [pool, ("db.client.connection.state", "idle")])
    used = Gauge(label: "db.client.connection.count", dimensions: [pool, ("db.client.connection.state", "used")])
    waiting = Gauge(label: "db.client.connection.pending_requests", dimensions: [pool])
    waitTime = Timer(label: "db.client.connection.wait_time", dimensions: [pool])
    timeouts = Counter(label: "db.client.connection.timeouts", dimensions: [pool])
  }

  func record(_ counts: (idle: Int, used: Int, waiting: Int)) {
    idle.record(counts.idle)
    used.record(counts.used)
    waiting.record(counts.waiting)
  }

  func waited(_ duration: Duration) { waitTime.record(duration: duration) }

  func countTimeout() { timeouts.increment() }
}
