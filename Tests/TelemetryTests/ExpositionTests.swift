import Metrics
import Telemetry
import Testing

/// What a scraper reads of the metrics that the code keeps.
struct ExpositionTests {
  private let registry = MetricsRegistry()

  @Test func countersGrow() {
    let counter = Counter(label: "db.client.connection.timeouts", dimensions: [("pool", "main")], factory: registry)
    counter.increment()
    counter.increment(by: 2)
    // Another one of the same name and dimensions is the same.
    Counter(label: "db.client.connection.timeouts", dimensions: [("pool", "main")], factory: registry).increment()
    #expect(
      registry.exposition() == """
        # TYPE db_client_connection_timeouts_total counter
        db_client_connection_timeouts_total{pool="main"} 4

        """)
  }

  @Test func gaugesTellTheirLastValue() {
    let gauge = Gauge(label: "connections", dimensions: [("state", "idle")], factory: registry)
    gauge.record(7)
    gauge.record(2.5)
    let meter = Meter(label: "level", factory: registry)
    meter.set(3)
    meter.increment(by: 2)
    meter.decrement(by: 1)
    #expect(
      registry.exposition() == """
        # TYPE connections gauge
        connections{state="idle"} 2.5
        # TYPE level gauge
        level 4

        """)
  }

  @Test func timersAreHistogramsInSeconds() {
    let timer = Timer(label: "wait.time", factory: registry)
    for milliseconds in [1, 3, 300, 90_000] { timer.recordMilliseconds(milliseconds) }
    let lines = registry.exposition().split(separator: "\n")
    #expect(lines.first == "# TYPE wait_time_seconds histogram")
    for line in [
      "wait_time_seconds_bucket{le=\"0.0005\"} 0", "wait_time_seconds_bucket{le=\"0.001\"} 1",
      "wait_time_seconds_bucket{le=\"0.005\"} 2", "wait_time_seconds_bucket{le=\"0.5\"} 3",
      "wait_time_seconds_bucket{le=\"60\"} 3", "wait_time_seconds_bucket{le=\"+Inf\"} 4",
      "wait_time_seconds_count 4",
    ] { #expect(lines.contains { $0 == line }, "\(line)") }
    #expect(lines.contains { $0.hasPrefix("wait_time_seconds_sum 90.304") })
  }

  @Test func whatIsObservedIsAskedForEachTime() {
    registry.observe("snapshot.age") { 1.5 }
    registry.observe("requests", .counter, dimensions: [("class", "2xx")]) { 10 }
    registry.observe("unknown") { nil }
    #expect(
      registry.exposition() == """
        # TYPE requests_total counter
        requests_total{class="2xx"} 10
        # TYPE snapshot_age gauge
        snapshot_age 1.5

        """)
  }

  @Test func namesAndValuesAreFitToBeRead() {
    registry.observe("1.odd-näme", dimensions: [("a-b", "x\"\\\ny")]) { .infinity }
    #expect(
      registry.exposition() == """
        # TYPE _1_odd_n_me gauge
        _1_odd_n_me{a_b="x\\"\\\\\\ny"} +Inf

        """)
  }

  @Test func manyCountAtOnce() async {
    let meter = Meter(label: "level", factory: registry)
    let counter = Counter(label: "count", factory: registry)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<1_000 {
            meter.increment(by: 1)
            counter.increment()
          }
        }
      }
    }
    let text = registry.exposition()
    #expect(text.contains("level 8000\n") && text.contains("count_total 8000\n"))
  }
}
