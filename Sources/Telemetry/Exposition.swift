extension MetricsRegistry {
  /// The media type of ``exposition()``.
  package static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

  /// All metrics in Prometheus' text format.
  package func exposition() -> String {
    var text = ""
    var described: String?
    for (key, instrument) in all {
      let name = instrument.name(of: key.label)
      let lines = instrument.lines(name, key.dimensions)
      guard !lines.isEmpty else { continue }
      if name != described { text += "# TYPE \(name) \(instrument.type)\n" }
      described = name
      text += lines
    }
    return text
  }
}

extension MetricsRegistry.Instrument {
  fileprivate var type: String {
    switch self {
    case .counter, .observed(.counter, _): "counter"
    case .gauge, .observed(.gauge, _): "gauge"
    case .histogram, .collected: "histogram"
    }
  }

  /// `db.client.connection.timeouts` as `db_client_connection_timeouts_total`.
  fileprivate func name(of label: String) -> String {
    let name = Self.name(label)
    switch self {
    case .counter, .observed(.counter, _): return name.hasSuffix("_total") ? name : name + "_total"
    case .histogram(let histogram) where histogram.isTime: return name + "_seconds"
    case .collected: return name + "_seconds"
    case .gauge, .histogram, .observed: return name
    }
  }

  private static func name(_ label: String) -> String {
    let name = String(label.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    return name.first?.isNumber ?? true ? "_" + name : name
  }

  fileprivate func lines(_ name: String, _ dimensions: [MetricsRegistry.Dimension]) -> String {
    switch self {
    case .counter(let counter): Self.line(name, dimensions, "\(counter.value)")
    case .gauge(let gauge): Self.line(name, dimensions, Self.number(gauge.value))
    case .observed(_, let value): value().map { Self.line(name, dimensions, Self.number($0)) } ?? ""
    case .histogram(let histogram): Self.lines(name, dimensions, histogram.value, HistogramInstrument.bounds)
    case .collected(let bounds, let readings):
      readings().map { Self.lines(name, $0.dimensions, $0.state, bounds) }.joined()
    }
  }

  private static func lines(
    _ name: String, _ dimensions: [MetricsRegistry.Dimension], _ state: HistogramInstrument.State, _ bounds: [Double]
  ) -> String {
    var (text, total) = ("", 0)
    for (place, count) in state.counts.enumerated() {
      total += count
      let bound = place < bounds.count ? number(bounds[place]) : "+Inf"
      text += line(name + "_bucket", dimensions + [.init(name: "le", value: bound)], "\(total)")
    }
    return text + line(name + "_sum", dimensions, number(state.sum)) + line(name + "_count", dimensions, "\(total)")
  }

  private static func line(_ name: String, _ dimensions: [MetricsRegistry.Dimension], _ value: String) -> String {
    guard !dimensions.isEmpty else { return "\(name) \(value)\n" }
    let labels = dimensions.map { "\(Self.name($0.name))=\"\(escaped($0.value))\"" }
    return "\(name){\(labels.joined(separator: ","))} \(value)\n"
  }

  private static func escaped(_ value: String) -> String {
    value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }

  /// Whole numbers without a fraction; what is none as Prometheus writes it.
  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return Int64(exactly: value).map { "\($0)" } ?? "\(value)"
  }
}
