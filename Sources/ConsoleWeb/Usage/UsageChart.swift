import Foundation
import Model

/// A drawing of calls over time, step by step from the oldest: numbers for an SVG of ``width`` by ``height``, whose plot
/// leaves room for what stands beside and below it.
struct UsageChart {
  static let width = 720, height = 200
  private static let left = 56.0, right = 8.0, top = 10.0, bottom = 26.0
  private static var plotWidth: Double { Double(width) - left - right }
  private static var plotHeight: Double { Double(height) - top - bottom }

  /// What one step has, nil for one without a call.
  struct Step {
    let startsAt: Date
    let figures: UsageReport.Figures?
  }

  let steps: [Step]

  /// - Parameter rows: at most one for each part of the time.
  init(_ rows: [UsageReport.Row], over span: UsageReport.Span) {
    let byTime = Dictionary(rows.map { ($0.startsAt, $0.figures) }) { first, _ in first }
    steps = stride(from: span.from, to: span.to, by: span.level.seconds).map { time in
      Step(startsAt: time, figures: byTime[time])
    }
  }

  /// The least of 1, 2 and 5 times a power of ten that is not below `value`: where the axis ends.
  static func ceiling(_ value: Double) -> Double {
    guard value > 1 else { return 1 }
    let power = pow(10, floor(log10(value)))
    return [1, 2, 5, 10].map { $0 * power }.first { $0 >= value } ?? 10 * power
  }

  private var stepWidth: Double { Self.plotWidth / Double(max(1, steps.count)) }
  private func x(_ index: Int) -> Double { Self.left + Double(index) * stepWidth }
  private func y(_ value: Double, of maximum: Double) -> Double {
    Self.top + Self.plotHeight * (1 - min(1, value / maximum))
  }

  /// A number for an attribute.
  private static func text(_ number: Double) -> String {
    let tenths = Int((number * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }
}

extension UsageChart {
  /// Kinds of answers from the bottom up, each a class of the style sheet.
  private static let kinds: [(name: String, count: @Sendable (UsageReport.StatusCounts) -> Int)] = [
    ("good", { $0.informational + $0.successful + $0.redirected }), ("client", { $0.clientErrors }),
    ("server", { $0.serverErrors }), ("unanswered", { $0.unanswered }),
  ]

  /// The most calls that a step has, rounded up.
  var mostRequests: Double { Self.ceiling(Double(steps.compactMap(\.figures?.requests).max() ?? 0)) }

  /// A bar for each kind of answer that a step has.
  var bars: [[String: any Sendable]] {
    steps.enumerated().flatMap { index, step -> [[String: any Sendable]] in
      guard let statuses = step.figures?.statuses else { return [] }
      var below = 0
      return Self.kinds.compactMap { kind in
        let count = kind.count(statuses)
        guard count > 0 else { return nil }
        let (low, high) = (y(Double(below), of: mostRequests), y(Double(below + count), of: mostRequests))
        below += count
        return [
          "kind": kind.name, "x": Self.text(x(index) + 0.5), "y": Self.text(high),
          "width": Self.text(max(1, stepWidth - 1)), "height": Self.text(max(0.5, low - high)),
        ]
      }
    }
  }

  /// The slowest 95th of a hundred that a step has, in milliseconds, rounded up.
  var slowest: Double { Self.ceiling(steps.compactMap { $0.figures?.latency.p99 }.max() ?? 0) }

  /// The quantiles that are drawn, each a class of the style sheet, with where they lie in the steps that have calls.
  private var quantiles: [(name: String, points: [(x: String, y: String)])] {
    let quantiles: [(String, (UsageReport.Latency) -> Double)] = [
      ("p50", { $0.median }), ("p95", { $0.p95 }), ("p99", { $0.p99 }),
    ]
    return quantiles.map { name, value in
      let points = steps.enumerated().compactMap { index, step -> (x: String, y: String)? in
        guard let latency = step.figures?.latency else { return nil }
        return (Self.text(x(index) + stepWidth / 2), Self.text(y(value(latency), of: slowest)))
      }
      return (name, points)
    }
  }

  /// A line through the points of each quantile.
  var lines: [[String: any Sendable]] {
    quantiles.map { ["kind": $0.name, "points": $0.points.map { "\($0.x),\($0.y)" }.joined(separator: " ")] }
  }

  /// A dot for each of them, where they are few: a line would not show them.
  var dots: [[String: any Sendable]] {
    quantiles.filter { $0.points.count <= 12 }.flatMap { name, points in
      points.map { ["kind": name, "x": $0.x, "y": $0.y] as [String: any Sendable] }
    }
  }

  /// Lines across at nothing, half and all, with what they stand for.
  func grid(to maximum: Double, _ label: (Double) -> String) -> [[String: any Sendable]] {
    [0, 0.5, 1].map { share in
      let height = y(share * maximum, of: maximum)
      return ["y": Self.text(height), "textY": Self.text(height + 4), "label": label(share * maximum)]
    }
  }

  /// When the first step, the middle one and the last begin.
  func times(_ range: UsageRange) -> [[String: any Sendable]] {
    [(0, "start"), (steps.count / 2, "middle"), (steps.count - 1, "end")].map { index, anchor in
      let time = RFC3339.string(steps[index].startsAt)
      return [
        "x": Self.text(anchor == "end" ? Self.left + Self.plotWidth : x(index)), "anchor": anchor,
        "label": String(range == .month ? time.prefix(10).dropFirst(5) : time.prefix(16).dropFirst(11)),
      ]
    }
  }
}
