import Contract
import Foundation
import Model

/// The forms that make and change a limit policy: beside what is said of it, a table with a row for each period.
enum LimitPolicyForm {
  static let creation = form(LimitPolicy.Draft.shape, submit: "limitPolicy.create")

  static let change = form(LimitPolicy.Changes.shape, submit: "form.save", hidden: [FormVersion.field])

  private static func form<Value>(_ shape: Shape<Value>, submit: String, hidden: [String] = []) -> Form<Value> {
    let modes = LimitPolicy.Mode.allCases.map { (value: $0.rawValue, word: "limitPolicy.mode.\($0.rawValue)") }
    let cleared: FormField.Emptiness = hidden.isEmpty ? .leftOut : .cleared
    var form = Form(
      fields: [
        FormField(name: "name", kind: .text, word: "limitPolicy.name", isRequired: true, maximumLength: 100),
        FormField(name: "description", kind: .area, word: "limitPolicy.description", whenEmpty: cleared),
        FormField(name: "mode", kind: .radio(modes), word: "limitPolicy.mode"),
      ] + LimitPeriod.allCases.flatMap(row), shape: shape, submit: submit, hidden: hidden)
    form.adapt = { withLimits($0) }
    form.place = place
    return form
  }

  /// A period's fields.
  private static func row(_ period: LimitPeriod) -> [FormField] {
    ["requests", "overdraft"].map {
      FormField(name: "\(prefix)\(period.rawValue)/\($0)", kind: .number, word: "limitPolicy.\($0)", maximumLength: 20)
    }
  }

  private static let prefix = "limits/"

  /// What a policy has, as if it had been typed.
  static func typed(_ policy: LimitPolicy) -> TypedForm {
    var typed = change.filled(from: LimitPolicy.shape.json(policy))
    for limit in policy.limits {
      typed["\(prefix)\(limit.period.rawValue)/requests"] = String(limit.requests)
      typed["\(prefix)\(limit.period.rawValue)/overdraft"] = limit.overdraft == 0 ? nil : String(limit.overdraft)
    }
    typed[FormVersion.field] = RFC3339.string(policy.updatedAt)
    return typed
  }

  /// What the template wants: the fields, and those of the limits in rows of their own.
  static func page(_ form: [String: any Sendable], _ words: Words) -> [String: any Sendable] {
    let fields = form["fields"] as? [[String: any Sendable]] ?? []
    func isLimit(_ field: [String: any Sendable]) -> Bool { (field["name"] as? String)?.hasPrefix(prefix) == true }
    let limits = fields.filter(isLimit)
    var page = form
    page["fields"] = fields.filter { !isLimit($0) }
    page["rows"] = LimitPeriod.allCases.map { period -> [String: any Sendable] in
      let cells = limits.filter { ($0["name"] as? String)?.hasPrefix("\(prefix)\(period.rawValue)/") == true }
      let columns = zip(["requests", "overdraft"], cells).map { column, cell in
        cell.merging(["column": column, "period": period.rawValue]) { $1 }
      }
      return ["period": period.rawValue, "label": words["limit.period.\(period.rawValue)"], "cells": columns]
    }
    return page
  }
}

extension LimitPolicyForm {
  /// The request, in which those limits are an array that have anything typed. Numbers may be typed as pages show them.
  private static func withLimits(_ json: JSONValue) -> JSONValue {
    guard case .object(let members) = json else { return json }
    let limits = LimitPeriod.allCases.compactMap { period -> JSONValue? in
      guard case .object(let given) = json["limits"]?[period.rawValue] else { return nil }
      return .object(
        [.init("per", .string(period.rawValue))] + given.map { .init($0.name, number($0.value)) })
    }
    return .object(members.filter { $0.name != "limits" } + [.init("limits", .array(limits))])
  }

  private static func number(_ value: JSONValue) -> JSONValue {
    guard let text = value.text else { return value }
    return Int(text.filter { !$0.isWhitespace && $0 != "," }).map(JSONValue.integer) ?? value
  }

  /// A complaint of one of the array's limits is of its period's field; that there is none, of the first.
  private static func place(
    _ complaint: InvalidInput.Complaint, _ typed: TypedForm
  ) -> InvalidInput.Complaint {
    guard complaint.pointer.hasPrefix("/limits") else { return complaint }
    let parts = complaint.pointer.split(separator: "/").dropFirst()
    let given = LimitPeriod.allCases.filter { period in
      ["requests", "overdraft"].contains { !(typed["\(prefix)\(period.rawValue)/\($0)"] ?? "").isEmpty }
    }
    guard let index = parts.first.flatMap({ Int($0) }), given.indices.contains(index), let member = parts.last,
      parts.count == 2
    else {
      return .init(pointer: "/\(prefix)\(LimitPeriod.second.rawValue)/requests", detail: "must have a limit")
    }
    return .init(pointer: "/\(prefix)\(given[index].rawValue)/\(member)", detail: complaint.detail)
  }
}
