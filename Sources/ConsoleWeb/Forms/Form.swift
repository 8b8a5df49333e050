import Contract
import Foundation
import Model

/// A form that fills a request of the JSON API, so that both have the same rules and the same complaints.
struct Form<Value: Sendable>: Sendable {
  let fields: [FormField]
  let shape: Shape<Value>
  /// The key of what the button says.
  let submit: String
  /// What goes along unseen, by its name among what was typed.
  var hidden: [String] = []

  /// What was typed, as the request.
  ///
  /// - Parameter present: what an update's form was filled with: what is as it was is left out, what was emptied is null.
  /// - Throws: `InvalidInput`, whose pointers are fields' names.
  func value(of typed: TypedForm, changing present: TypedForm? = nil, now: Date) throws(InvalidInput) -> Value {
    var json = JSONValue.object([])
    for field in fields {
      if let present, (typed[field.name] ?? "") == (present[field.name] ?? "") { continue }
      if let value = field.json(typed[field.name]) ?? (present == nil ? nil : .null) {
        json.set(field.name.split(separator: "/")[...], to: value)
      }
    }
    return try shape.value(of: json, now: now)
  }

  /// What the template of a form wants: fields with what was typed and what is wrong with it.
  func page(
    _ typed: TypedForm = TypedForm(), complaints: [InvalidInput.Complaint] = [], words: Words
  ) -> [String: any Sendable] {
    let names = Set(fields.map { "/" + $0.name })
    var focused: String?
    let shown = fields.map { field -> [String: any Sendable] in
      let own = complaints.first { $0.pointer == "/" + field.name || $0.pointer.hasPrefix("/\(field.name)/") }
      let focuses = focused == nil && (own != nil || complaints.isEmpty)
      if focuses { focused = field.name }
      return field.page(
        typed: typed[field.name], complaint: own.map { words.complaint($0.detail) }, focuses: focuses, words: words)
    }
    var page: [String: any Sendable] = ["fields": shown, "submit": words[submit]]
    let others = complaints.filter { complaint in !names.contains { complaint.pointer.hasPrefix($0) } }
    page["complaints"] = others.map { "\($0.pointer) \(words.complaint($0.detail))" }
    page["hidden"] = hidden.map { ["name": $0, "value": typed[$0] ?? ""] as [String: any Sendable] }
    return page
  }
}

extension JSONValue {
  /// Sets a member of a member …, which are made where they are missing.
  fileprivate mutating func set(_ path: ArraySlice<Substring>, to value: JSONValue) {
    guard let name = path.first.map(String.init), case .object(var members) = self else { return }
    let index = members.firstIndex { $0.name == name }
    var member = index.map { members[$0].value } ?? .object([])
    if path.count == 1 { member = value } else { member.set(path.dropFirst(), to: value) }
    if let index { members[index] = Member(name, member) } else { members.append(Member(name, member)) }
    self = .object(members)
  }
}

/// What came with a form: texts by the names of their fields.
struct TypedForm: Sendable {
  private var values: [String: String] = [:]

  init() {}

  init(_ values: [String: String]) { self.values = values }

  /// - Parameter json: As a query string is read: members that are strings, of which the last of a name counts.
  init(_ json: JSONValue) {
    guard case .object(let members) = json else { return }
    for member in members { values[member.name] = member.value.text?.replacing("\r\n", with: "\n") }
  }

  subscript(name: String) -> String? {
    get { values[name] }
    set { values[name] = newValue }
  }

  /// The fields' names, in their own order.
  var names: [String] { values.keys.sorted() }
}

extension Words {
  /// What is wrong with a field, in this language where it is known.
  func complaint(_ detail: String) -> String { texts["complaint." + detail] ?? detail }
}
