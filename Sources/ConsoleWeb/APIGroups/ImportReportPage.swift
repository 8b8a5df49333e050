import Contract
import Foundation
import Model

/// What an import did, for a person: what is new, what is otherwise, and what was left out for which reason. Of each a few
/// lines, and all of them on pages of their own.
struct ImportReportPage {
  /// How many lines are shown of what has a page of its own besides.
  static let shown = 10
  private static let shownReasons = 20
  private let report: ImportReport
  private let words: Words
  private let path: String

  /// - Parameter path: of the report.
  init(_ report: ImportReport, _ words: Words, at path: String) {
    (self.report, self.words, self.path) = (report, words, path)
  }

  /// The whole report or, where the address says so, all of one part of it.
  func page(_ query: TypedForm) -> [String: any Sendable] {
    let importedAt = RFC3339.string(report.importedAt)
    var page: [String: any Sendable] = [
      "hasReport": true, "importedAt": importedAt, "created": report.created.count, "changed": report.changed.count,
      "same": report.unchanged, "skipped": report.skipped.count, "whole": path,
    ]
    if let part = part(query) { page.merge(part) { $1 } } else { page.merge(summary) { $1 } }
    return page.withTimes
  }

  /// In the order in which the document has them first.
  private var reasons: [(reason: String, operations: [String])] {
    let groups = Dictionary(grouping: report.skipped, by: \.reason)
    var seen: Set<String> = []
    return report.skipped.map(\.reason).filter { seen.insert($0).inserted }.map { reason in
      (reason, (groups[reason] ?? []).map(\.operation))
    }
  }

  private var summary: [String: any Sendable] {
    let reasons = reasons
    var summary: [String: any Sendable] = [
      "hasSkipped": !reasons.isEmpty,
      "reasons": zip(0..., reasons.prefix(Self.shownReasons)).map { number, group -> [String: any Sendable] in
        var page: [String: any Sendable] = [
          "reason": words.importReason(group.reason), "count": group.operations.count,
          "operations": Array(group.operations.prefix(Self.shown)),
        ]
        page["all"] = all("reason=\(number)", group.operations.count)
        return page
      },
      "parts": [part("created", report.created), part("changed", report.changed)].compactMap(\.self),
    ]
    if reasons.count > Self.shownReasons { summary["allSkipped"] = all("part=skipped", report.skipped.count) }
    return summary
  }

  private func part(_ name: String, _ lines: [ImportReport.Line]) -> [String: any Sendable]? {
    guard !lines.isEmpty else { return nil }
    var page: [String: any Sendable] = [
      "heading": words["document." + name], "count": lines.count,
      "lines": lines.prefix(Self.shown).map { ["call": $0.call, "name": $0.name] },
    ]
    page["all"] = all("part=\(name)", lines.count)
    return page
  }

  /// The way to all of something; nil where all of it is shown.
  private func all(_ query: String, _ count: Int) -> [String: any Sendable]? {
    guard count > Self.shown else { return nil }
    return ["href": "\(path)?\(query)", "label": words["document.all", ["count": words.number(count)]]]
  }
}

// MARK: All of one part

extension ImportReportPage {
  private struct Row {
    let call, text: String
  }

  /// Nil where the address names no part that there is.
  private func part(_ query: TypedForm) -> [String: any Sendable]? {
    if let number = query["reason"].flatMap({ Int($0) }), reasons.indices.contains(number) {
      let group = reasons[number]
      let rows = group.operations.map { Row(call: $0, text: "") }
      return rowsPage(rows, words.importReason(group.reason), "?reason=\(number)", query)
    }
    switch query["part"] {
    case "created": return rowsPage(rows(report.created), words["document.created"], "?part=created", query)
    case "changed": return rowsPage(rows(report.changed), words["document.changed"], "?part=changed", query)
    case "skipped":
      let rows = report.skipped.map { Row(call: $0.operation, text: words.importReason($0.reason)) }
      return rowsPage(rows, words["document.skipped"], "?part=skipped", query)
    default: return nil
    }
  }

  private func rows(_ lines: [ImportReport.Line]) -> [Row] { lines.map { Row(call: $0.call, text: $0.name) } }

  private func rowsPage(
    _ rows: [Row], _ heading: String, _ place: String, _ query: TypedForm
  ) -> [String: any Sendable] {
    let pages = StoredPages(rows, query).page(at: path + place, as: "lines") { _, row in
      ["call": row.call, "text": row.text]
    }
    let more: [String: any Sendable] = [
      "isPart": true, "partHeading": heading, "count": rows.count, "hasText": rows.contains { !$0.text.isEmpty },
    ]
    return pages.merging(more) { $1 }
  }
}

extension Words {
  /// Why something was left out, in this language where it is known.
  func importReason(_ reason: String) -> String {
    let clash = "takes the same calls as "
    if reason.hasPrefix(clash) {
      return self["document.reason.clash", ["other": String(reason.dropFirst(clash.count))]]
    }
    if reason.hasPrefix("the path ") {
      let requirement = String(reason.dropFirst("the path ".count))
      if requirement == APIPath.constraint.requirement {
        return self["document.reason.path", ["requirement": complaint(requirement)]]
      }
    }
    return texts["document.reason." + reason] ?? reason
  }
}
