import Contract
import Model

/// One field of a form, named by the JSON pointer of the member that it fills, as `owner/email`.
struct FormField: Sendable {
  enum Kind: Sendable {
    case text, email, newPassword, currentPassword, area, time, checkbox, number
    /// Words, one a line or with commas between, for an array.
    case list
    /// Headers, one a line as `Name: value`, for an array of objects, or for one object.
    case headers, headerObject
    /// One of these: value and the key of what is said for it.
    case choice([(value: String, word: String)])
    /// One of these: value and what is said for it, as it is.
    case options([(value: String, label: String)])
    /// What is pasted, used once and never shown again.
    case secret
    /// Of words as `choice`, all to be seen at once; `….hint` says more of each where there is one.
    case radio([(value: String, word: String)])
    /// The switch of the access mode and, beside it, whether it only observes.
    case accessMode
  }

  /// What becomes of the member when nothing is typed.
  enum Emptiness: Sendable {
    case leftOut
    /// `null`, which takes back what there was.
    case cleared
    /// An empty text, or an empty array.
    case kept
  }

  let name: String
  let kind: Kind
  /// The key of the label; `….hint` says more where there is one.
  let word: String
  /// The label itself, where it is no word of ours.
  var label: String?
  var isRequired = false
  var maximumLength: Int?
  /// HTML's `autocomplete`.
  var autocomplete: String?
  var whenEmpty = Emptiness.leftOut
  /// The member, where several fields of a form may fill the same one.
  var member: String?
  /// The field counts only where the one of this name has this value.
  var only: (name: String, value: String)?

  /// Whether what looks like a secret is masked when what was typed is shown again.
  var masksSecrets = false

  /// The pointer of the member that it fills.
  var pointer: String { "/" + (member ?? name) }

  /// Whether a complaint is of its member, or of something in that.
  func isMeant(by complaint: InvalidInput.Complaint) -> Bool {
    complaint.pointer == pointer || complaint.pointer.hasPrefix(pointer + "/")
  }

  /// Whether a secret stands in it that is for another field or for none.
  func showsSecret(_ typed: TypedForm) -> Bool {
    switch kind {
    case .secret, .newPassword, .currentPassword: false
    default: typed[name]?.holdsSecret == true
    }
  }

  /// What is said of it for what the API says: of a password that is there already, not how long one must be.
  func complaint(_ detail: String, of typed: TypedForm) -> String {
    guard case .currentPassword = kind, (typed[name] ?? "").isEmpty else { return detail }
    return "is missing"
  }

  func applies(to typed: TypedForm) -> Bool {
    only.map { typed[$0.name] == $0.value } ?? true
  }

  /// The member's value for what was typed; nil when it is left out.
  func json(_ typed: TypedForm) -> JSONValue? {
    let text = typed[name] ?? ""
    switch kind {
    case .checkbox: return .bool(typed[name] != nil)
    case .accessMode: return .string(Self.accessMode(typed, name))
    case .list: return list(Self.words(text))
    case .headers: return text.isEmpty ? empty : Self.headers(text)
    case .headerObject: return Self.headerObject(text)
    case .number where !text.isEmpty: return Int(text).map(JSONValue.integer) ?? .string(text)
    case .time where !text.isEmpty: return .string(Self.utc(text))
    default: return text.isEmpty ? empty : .string(text)
    }
  }

  private func list(_ words: [String]) -> JSONValue? {
    guard words.isEmpty, !isRequired, whenEmpty != .kept else { return .array(words.map(JSONValue.string)) }
    return whenEmpty == .cleared ? .null : nil
  }

  private var empty: JSONValue? {
    switch whenEmpty {
    case .leftOut: isRequired ? .string("") : nil
    case .cleared: .null
    case .kept: .string("")
    }
  }
}

extension FormField {
  /// What a switch, its second one and the values of the API come to.
  static func accessMode(_ typed: TypedForm, _ name: String) -> String {
    switch typed[name] {
    case nil: "open"
    case "required": typed[name + "/observe"] == nil ? "required" : "observe"
    // What neither says is refused as it is.
    case .some(let other): other
    }
  }

  /// HTML's `datetime-local` is of no time zone; the pages say that it is UTC.
  static func utc(_ local: String) -> String {
    local.count == 16 ? local + ":00Z" : local.hasSuffix("Z") ? local : local + "Z"
  }

  private static func words(_ text: String) -> [String] {
    text.split { $0 == "," || $0.isWhitespace }.map(String.init)
  }

  private static func lines(_ text: String) -> [(name: String, value: String)] {
    text.split(whereSeparator: \.isNewline).map(\.trimmed).filter { !$0.isEmpty }.map { line in
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(\.trimmed)
      return (parts[0], parts.count > 1 ? parts[1] : "")
    }
  }

  private static func headers(_ text: String) -> JSONValue {
    .array(lines(text).map { ["name": .string($0.name), "value": .string($0.value)] })
  }

  private static func headerObject(_ text: String) -> JSONValue {
    .object(lines(text).map { .init($0.name, .string($0.value)) })
  }

  /// Which of several words or lines a complaint is about, as it was typed.
  func part(at pointer: String, of typed: TypedForm) -> String? {
    let rest = pointer.dropFirst(self.pointer.count + 1).split(separator: "/")
    guard let place = rest.first, let text = typed[name] else { return nil }
    switch kind {
    case .list: return Int(place).flatMap { Self.words(text).element(at: $0) }
    case .headers: return Int(place).flatMap { Self.lines(text).element(at: $0)?.name }
    case .headerObject: return String(place.replacing("~1", with: "/").replacing("~0", with: "~"))
    default: return nil
    }
  }
}

extension StringProtocol {
  fileprivate var trimmed: String {
    var text = Substring(self)
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text.drop(while: \.isWhitespace))
  }
}

extension Array {
  fileprivate func element(at index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
