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
  /// Makes of what the fields come to what the request is, where they are not the same.
  var adapt: @Sendable (JSONValue) -> JSONValue = { $0 }
  /// Says of a complaint about the request which field it is of, where that is not the member that it names.
  var place: @Sendable (InvalidInput.Complaint, TypedForm) -> InvalidInput.Complaint = { complaint, _ in complaint }

  /// What was typed, as the request.
  ///
  /// - Parameter present: what an update's form was filled with: what is as it was is left out, what was emptied is null.
  /// - Throws: `InvalidInput`, whose pointers are fields' names.
  func value(of typed: TypedForm, changing present: TypedForm? = nil, now: Date) throws(InvalidInput) -> Value {
    var json = JSONValue.object([])
    for field in fields where field.applies(to: typed) {
      if let present, (typed[field.name] ?? "") == (present[field.name] ?? "") { continue }
      if let value = field.json(typed) ?? (present == nil ? nil : .null) {
        json.set(field.pointer.split(separator: "/")[...], to: value)
      }
    }
    return try shape.value(of: adapt(json), now: now)
  }

  /// What the template of a form wants: fields with what was typed and what is wrong with it.
  ///
  /// - Parameters:
  ///   - present: what others made of the thing meanwhile, which whoever sends the form again has seen.
  ///   - takesFocus: whether one begins at the form's first field, or at the first that is wrong.
  func page(
    _ typed: TypedForm = TypedForm(), complaints: [InvalidInput.Complaint] = [], besides present: TypedForm? = nil,
    words: Words, takesFocus: Bool = true
  ) -> [String: any Sendable] {
    let complaints = complaints.map { place($0, typed) }
    var focused: String? = takesFocus ? nil : ""
    var others = complaints
    let shown = fields.map { field -> [String: any Sendable] in
      // Of several fields of one member it is the last that counts, which says most of it.
      let isOwn = { (complaint: InvalidInput.Complaint) in
        field.name == fields.last { $0.applies(to: typed) && $0.isMeant(by: complaint) }?.name
      }
      let own = complaints.first(where: isOwn)
      others.removeAll(where: isOwn)
      let focuses = focused == nil && (own != nil || complaints.isEmpty)
      if focuses { focused = field.name }
      let page = field.page(
        typed, complaint: own.map { words.complaint($0, field, typed) }, focuses: focuses, words: words)
      guard let text = present.flatMap({ field.difference(of: typed, from: $0, words) }) else { return page }
      return page.merging(["present": text, "isDescribed": true]) { $1 }
    }
    var page: [String: any Sendable] = ["fields": shown, "submit": words[submit]]
    page["hasTime"] = fields.contains(where: \.isTime)
    page["complaints"] = others.map { "\($0.pointer) \(words.complaint($0.detail))" }
    page["hidden"] = hidden.map { name -> [String: any Sendable] in
      ["name": name, "value": (name == FormVersion.field ? present?[name] : nil) ?? typed[name] ?? ""]
    }
    return page
  }

  /// What a thing has, as if it had been typed.
  func filled(from json: JSONValue) -> TypedForm {
    var texts: [String: String] = [:]
    for field in fields { texts[field.name] = json.member(field.pointer.split(separator: "/")[...])?.typed }
    return TypedForm(texts)
  }
}

extension JSONValue {
  /// A member of a member …
  fileprivate func member(_ path: ArraySlice<Substring>) -> JSONValue? {
    guard let name = path.first else { return self }
    return self[String(name)]?.member(path.dropFirst())
  }

  /// As a person would type it; nil where nothing is.
  fileprivate var typed: String? {
    switch self {
    case .null, .object, .bool(false): nil
    case .bool(true): "true"
    case .integer(let number): String(number)
    case .number(let text), .string(let text): text
    case .array(let elements): elements.compactMap(\.text).joined(separator: "\n")
    }
  }

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
  private(set) var values: [String: String] = [:]
  /// Files that were chosen; a field in which none was is not among them.
  private(set) var files: [String: [UInt8]] = [:]

  init() {}

  init(_ values: [String: String]) { self.values = values }

  /// - Parameter json: As a query string is read: members that are strings, of which the last of a name counts.
  init(_ json: JSONValue) {
    guard case .object(let members) = json else { return }
    for member in members { values[member.name] = member.value.text?.replacing("\r\n", with: "\n") }
  }

  /// - Throws: `InvalidInput` for a text that is not UTF-8.
  init(_ multipart: MultipartForm) throws(InvalidInput) {
    for part in multipart.parts {
      if let fileName = part.fileName {
        files[part.name] = fileName.isEmpty && part.bytes.isEmpty ? nil : Array(part.bytes)
      } else if let text = String(validating: part.bytes, as: UTF8.self) {
        values[part.name] = text.replacing("\r\n", with: "\n")
      } else {
        throw InvalidInput("/" + part.name, "must be UTF-8")
      }
    }
  }

  subscript(name: String) -> String? {
    get { values[name] }
    set { values[name] = newValue }
  }

  /// The fields' names, in their own order.
  var names: [String] { values.keys.sorted() }
}

extension Words {
  /// What is wrong with a field or, where it has several words or lines, with which of them.
  fileprivate func complaint(_ complaint: InvalidInput.Complaint, _ field: FormField, _ typed: TypedForm) -> String {
    if field.showsSecret(typed) { return self["complaint.secret"] }
    let part = field.part(at: complaint.pointer, of: typed)
    let said = self.complaint(field.complaint(complaint.detail, of: typed))
    return part.map { labelled("“\($0)”", said) } ?? said
  }

  /// What is wrong with a field, in this language where it is known.
  func complaint(_ detail: String) -> String {
    // It names the other by its id, which no page shows.
    let known = detail.hasPrefix("takes the same calls as api_") ? "takes the same calls as another" : detail
    if let text = texts["complaint." + known] { return text }
    // What is different each time says no more than the field.
    let kinds = [("must be one of ", "complaint.choice"), ("must be an id: ", "complaint.id")]
    return kinds.first { detail.hasPrefix($0.0) }.map { self[$0.1] } ?? detail
  }
}
