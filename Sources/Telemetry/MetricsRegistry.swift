package import Metrics
import Synchronization

/// The process's metrics in memory, for whoever scrapes them: the backend of swift-metrics, and values that are asked
/// for when they are wanted.
package final class MetricsRegistry: Sendable {
  /// A metric's name as the code has it, and what tells it from others of that name.
  struct Key: Hashable, Sendable {
    let label: String
    let dimensions: [Dimension]
  }

  struct Dimension: Hashable, Sendable {
    let name, value: String
  }

  enum Instrument: Sendable {
    case counter(CounterInstrument)
    case gauge(GaugeInstrument)
    case histogram(HistogramInstrument)
    /// Asked for at each scrape; nil leaves it out.
    case observed(Kind, @Sendable () -> Double?)
    /// Histograms of times, asked for at each scrape.
    case collected(bounds: [Double], @Sendable () -> [HistogramReading])

    var counter: CounterInstrument? { if case .counter(let counter) = self { counter } else { nil } }
    var gauge: GaugeInstrument? { if case .gauge(let gauge) = self { gauge } else { nil } }
    var histogram: HistogramInstrument? { if case .histogram(let histogram) = self { histogram } else { nil } }
  }

  /// Whether a value only grows.
  package enum Kind: Sendable { case counter, gauge }

  private let instruments = Mutex<[Key: Instrument]>([:])

  package init() {}

  /// Has a value asked for at each scrape.
  ///
  /// - Parameters:
  ///   - label: by OpenTelemetry's conventions; seconds, where it is a time.
  ///   - dimensions: of few values each, and never a tenant or a key.
  package func observe(
    _ label: String, _ kind: Kind = .gauge, dimensions: [(String, String)] = [],
    _ value: @escaping @Sendable () -> Double?
  ) {
    let key = Key(label: label, dimensions: dimensions.map { Dimension(name: $0.0, value: $0.1) })
    instruments.withLock { $0[key] = .observed(kind, value) }
  }

  /// Has histograms of times asked for at each scrape: as many as there are by then, each with dimensions of its own.
  ///
  /// - Parameters:
  ///   - label: by OpenTelemetry's conventions.
  ///   - bounds: the largest of each bucket but the last, in seconds, ascending.
  package func collect(
    _ label: String, bounds: [Double], _ readings: @escaping @Sendable () -> [HistogramReading]
  ) {
    instruments.withLock { $0[Key(label: label, dimensions: [])] = .collected(bounds: bounds, readings) }
  }

  /// Everything, sorted by name.
  var all: [(key: Key, instrument: Instrument)] {
    instruments.withLock { $0.map { (key: $0.key, instrument: $0.value) } }.sorted { $0.key < $1.key }
  }

  /// The instrument of this name and these dimensions, made at its first use: of what has the same, there is one.
  private func instrument<Handler: Sendable>(
    _ label: String, _ dimensions: [(String, String)], _ cast: (Instrument) -> Handler?, make: () -> Instrument
  ) -> Handler {
    let key = Key(label: label, dimensions: dimensions.map { Dimension(name: $0.0, value: $0.1) })
    return instruments.withLock { instruments in
      if let known = instruments[key].flatMap(cast) { return known }
      let made = make()
      // A name that was another kind of metric before is the newer one's.
      instruments[key] = made
      guard let handler = cast(made) else { preconditionFailure("what was made is of the kind that was asked for") }
      return handler
    }
  }
}

/// How often something took how long, as it is asked for.
package struct HistogramReading: Sendable {
  let dimensions: [MetricsRegistry.Dimension]
  let state: HistogramInstrument.State

  /// - Parameters:
  ///   - dimensions: of few values each, and never a tenant or a key.
  ///   - counts: for each bound, and for what is above all.
  ///   - sum: in seconds.
  package init(dimensions: [(String, String)], counts: [Int], sum: Double) {
    self.dimensions = dimensions.map { MetricsRegistry.Dimension(name: $0.0, value: $0.1) }
    state = HistogramInstrument.State(counts: counts, sum: sum)
  }
}

extension MetricsRegistry.Key: Comparable {
  static func < (left: Self, right: Self) -> Bool {
    (left.label, left.dimensions.map { $0.name + "=" + $0.value }.joined(separator: ","))
      < (right.label, right.dimensions.map { $0.name + "=" + $0.value }.joined(separator: ","))
  }
}

extension MetricsRegistry: MetricsFactory {
  package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    instrument(label, dimensions, \.counter) { .counter(CounterInstrument()) }
  }

  package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    guard aggregate else { return instrument(label, dimensions, \.gauge) { .gauge(GaugeInstrument()) } }
    return instrument(label, dimensions, \.histogram) { .histogram(HistogramInstrument()) }
  }

  package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    instrument(label, dimensions, \.gauge) { .gauge(GaugeInstrument()) }
  }

  package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    instrument(label, dimensions, \.histogram) { .histogram(HistogramInstrument(isTime: true)) }
  }

  // A handler that is let go of keeps its last value: pools come and go by the same names.
  package func destroyCounter(_ handler: any CounterHandler) {}
  package func destroyRecorder(_ handler: any RecorderHandler) {}
  package func destroyMeter(_ handler: any MeterHandler) {}
  package func destroyTimer(_ handler: any TimerHandler) {}
}
