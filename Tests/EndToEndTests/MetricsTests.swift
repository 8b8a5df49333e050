import Contract
import Foundation
import NIOHTTP1
import TestPostgres
import Testing

/// What the running binary tells of itself is what the documents and the dashboard say.
@Suite(.timeLimit(.minutes(10))) struct MetricsTests {
  /// What `/metrics` says after some of everything has happened: calls, checks, changes with a receipt.
  private func scraped() async throws -> Scraped {
    let environment = TestDatabase.current.configuration.environment.merging(["LATCHKEY_ACCESS_LOG": "0.5"]) { $1 }
    return try await RunningLatchkey.with(environment: environment) { latchkey in
      let acme = try await Tenancy("acme", at: latchkey.address(of: "console"))
      let gateway = "http://\(latchkey.address(of: "gateway"))/acme/online"
      try await RecordingBackend.with { backend in
        _ = try await acme.release("open", backend: .http(backend.url), accessMode: "open")
        #expect(try await Caller.untilStatus(200, "\(gateway)/open/x").status == 200)
      }
      let pets = try await acme.openedDoor(at: "\(gateway)/pets/x")
      #expect(try await acme.call(.PATCH, "/subscription-keys/\(pets.key)?wait=5s", ["name": "renamed"]).status == 200)
      let internalListener = "http://\(latchkey.address(of: "internal"))"
      let original = [("X-Original-Method", "BREW"), ("X-Original-URI", "/acme/online/pets/x")]
      #expect(try await Caller.call(.GET, "\(internalListener)/check/nginx", headers: original).status == 401)
      #expect(try await Caller.call(.RAW(value: "BREW"), "\(gateway)/pets/x").status == 401)
      let answer = try await Caller.call(.GET, "\(internalListener)/metrics")
      #expect(answer.headers["Content-Type"] == ["text/plain; version=0.0.4; charset=utf-8"])
      return try Scraped(answer.body)
    }
  }

  @Test(.database) func areAsTheDocumentsAndTheDashboardSay() async throws {
    let scraped = try await scraped()
    expectDocumented(scraped, try Self.document("metrics.md"))
    try expectShown(scraped, try JSONValue(parsing: Array(try Self.document("grafana/latchkey.json").utf8)))
    scraped.expectSoundHistograms()
    let methods = scraped.values(of: "http_request_method", in: "http_server_request_duration_seconds_count")
    #expect(methods == ["GET", "PATCH", "POST", "_OTHER"])
    #expect(scraped.values(of: "listener", in: "http_server_active_requests") == ["check", "console", "gateway"])
    for label in Set(scraped.samples.flatMap(\.labels.keys)) {
      let values = Set(scraped.samples.compactMap { $0.labels[label] })
      #expect(!values.contains { $0.contains("acme") || $0.contains("pets") || $0.hasPrefix("sub_") }, "\(label)")
    }
  }

  private static func document(_ path: String) throws -> String {
    try String(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/\(path)"),
      encoding: .utf8)
  }

  /// Each metric has a row, with its type and its labels, and each row a metric.
  private func expectDocumented(_ scraped: Scraped, _ page: String) {
    var rows: [String: (type: String, labels: Set<String>)] = [:]
    for line in page.split(separator: "\n") where line.hasPrefix("| `") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      rows[cells[0].filter { $0 != "`" }] = (cells[1], Set(cells[2].matches(of: /`(\w+)`/).map { String($0.1) }))
    }
    #expect(Set(rows.keys) == Set(scraped.types.keys))
    for (name, row) in rows {
      #expect(row.type == scraped.types[name], "\(name)")
      #expect(row.labels.isSuperset(of: scraped.labels(of: name)), "\(name)")
      // A kind of failure that did not happen here has no series.
      #expect(row.labels.subtracting(["error_type"]) == scraped.labels(of: name).subtracting(["error_type"]), "\(name)")
    }
  }

  /// Each name in a query of the dashboard's is that of a series, and each label one that it has.
  private func expectShown(_ scraped: Scraped, _ dashboard: JSONValue) throws {
    let panels = try #require(dashboard["panels"]?.elements)
    let queries = panels.flatMap { $0["targets"]?.elements ?? [] }.compactMap { $0["expr"]?.text }
    #expect(queries.count > 20)
    for query in queries {
      let selectors = query.matches(of: /(\w+)\{([^}]*)\}/)
      #expect(!selectors.isEmpty, "\(query)")
      var known: Set<String> = ["job", "instance"]
      for selector in selectors {
        let name = String(selector.1)
        #expect(scraped.names.contains(name), "\(name)")
        let family = scraped.family(of: name)
        known.formUnion(scraped.labels(of: family))
        known.formUnion(["le", "error_type"])
        for matcher in selector.2.matches(of: /(\w+)(=~|!~|!=|=)"([^"]*)"/) {
          #expect(known.contains(String(matcher.1)), "\(matcher.0)")
          if matcher.2 == "=", matcher.3 != "", !matcher.3.hasPrefix("$") {
            #expect(scraped.values(of: String(matcher.1), in: name).contains(String(matcher.3)), "\(matcher.0)")
          }
        }
      }
      for grouping in query.matches(of: /by \(([^)]*)\)/) {
        for label in grouping.1.split(separator: /, ?/) { #expect(known.contains(String(label)), "\(query)") }
      }
    }
  }
}

/// What Prometheus reads, by the rules of its text format, each of which is held against the text.
private struct Scraped {
  struct Sample {
    let name: String
    let labels: [String: String]
    let value: Double
  }

  private(set) var types: [String: String] = [:]
  private(set) var samples: [Sample] = []

  var names: Set<String> { Set(samples.map(\.name)) }

  init(_ text: String) throws {
    try #require(text.hasSuffix("\n"))
    var current = ""
    var series: Set<String> = []
    for line in text.split(separator: "\n") {
      if let type = line.wholeMatch(of: /# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)/) {
        current = String(type.1)
        #expect(types.updateValue(String(type.2), forKey: current) == nil, "the lines of \(current) are not together")
        continue
      }
      let sample = try #require(
        line.wholeMatch(of: /([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(.*)\})? (-?[0-9.e+-]+|NaN|[+-]Inf)/), "\(line)")
      let labels = (sample.3 ?? "").matches(of: /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\"n])*)"(?:,|$)/)
      #expect(labels.map { $0.0.count }.reduce(0, +) == (sample.3 ?? "").count, "\(line)")
      #expect(series.insert("\(sample.1){\(sample.3 ?? "")}").inserted, "twice: \(line)")
      let pairs = labels.map { (String($0.1), String($0.2)) }
      let read = Sample(
        name: String(sample.1), labels: try Dictionary(pairs) { _, _ in throw CocoaError(.formatting) },
        value: try #require(Double(sample.4)))
      samples.append(read)
      #expect(family(of: read.name) == current, "\(line) stands under \(current)")
      #expect(types[current] != "counter" || read.name.hasSuffix("_total") && read.value >= 0, "\(line)")
    }
  }

  func family(of name: String) -> String {
    for suffix in ["_bucket", "_sum", "_count"] where name.hasSuffix(suffix) {
      let family = String(name.dropLast(suffix.count))
      if types[family] == "histogram" { return family }
    }
    return name
  }

  func labels(of family: String) -> Set<String> {
    Set(samples.filter { self.family(of: $0.name) == family }.flatMap(\.labels.keys)).subtracting(["le"])
  }

  func values(of label: String, in name: String) -> [String] {
    Set(samples.filter { $0.name == name }.compactMap { $0.labels[label] }).sorted()
  }

  /// Buckets that grow, the last of which is all, and the same bounds in all of one name.
  func expectSoundHistograms() {
    for (family, type) in types where type == "histogram" {
      var bounds: Set<[String]> = []
      let kinds = Set(samples.filter { $0.name == "\(family)_count" }.map(\.labels))
      #expect(!kinds.isEmpty, "\(family)")
      for kind in kinds {
        let buckets = samples.filter { sample in
          sample.name == "\(family)_bucket" && sample.labels.filter { $0.key != "le" } == kind
        }
        bounds.insert(buckets.compactMap { $0.labels["le"] })
        let counts = buckets.map(\.value)
        #expect(counts == counts.sorted() && buckets.last?.labels["le"] == "+Inf", "\(family) \(kind)")
        let all = samples.first { $0.name == "\(family)_count" && $0.labels == kind }
        #expect(all?.value == counts.last, "\(family) \(kind)")
        #expect(samples.contains { $0.name == "\(family)_sum" && $0.labels == kind }, "\(family) \(kind)")
      }
      #expect(bounds.count == 1, "\(family)")
    }
  }
}
