import Contract

/// One field of a form, named by the JSON pointer of the member that it fills, as `owner/email`.
struct FormField: Sendable {
  enum Kind: Sendable {
    case text, email, newPassword, currentPassword, area, time, checkbox
    /// Words, one a line or with commas between, for an array.
    case list
    /// One of these: value and the key of what is said for it.
    case choice([(value: String, word: String)])
  }

  let name: String
  let kind: Kind
  /// The key of the label; `….hint` says more where there is one.
  let word: String
  var isRequired = false
  var maximumLength: Int?
  /// HTML's `autocomplete`.
  var autocomplete: String?

  /// The member's value for what was typed; nil when it is left out.
  func json(_ typed: String?) -> JSONValue? {
    switch kind {
    case .checkbox: return .bool(typed != nil)
    case .list:
      let words = (typed ?? "").split { $0 == "," || $0.isWhitespace }
      return words.isEmpty ? nil : .array(words.map { .string(String($0)) })
    case .time: return typed.flatMap { $0.isEmpty ? nil : .string(Self.utc($0)) }
    default:
      guard let typed, !typed.isEmpty || isRequired else { return nil }
      return .string(typed)
    }
  }

  /// HTML's `datetime-local` is of no time zone; the pages say that it is UTC.
  private static func utc(_ local: String) -> String {
    local.count == 16 ? local + ":00Z" : local.hasSuffix("Z") ? local : local + "Z"
  }
}

extension FormField {
  /// What the template of a field wants.
  func page(typed: String?, complaint: String?, focuses: Bool, words: Words) -> [String: any Sendable] {
    var page: [String: any Sendable] = [
      "name": name, "id": "field-" + name.replacing("/", with: "-"), "label": words[word],
      "value": typed ?? "", kindName: true,
    ]
    page["hint"] = words.texts[word + ".hint"]
    page["complaint"] = complaint
    page["isDescribed"] = complaint != nil || page["hint"] != nil
    page["required"] = isRequired
    page["maximumLength"] = maximumLength
    page["autocomplete"] = autocomplete
    page["autofocus"] = focuses
    if case .checkbox = kind { page["checked"] = typed != nil }
    if case .choice(let choices) = kind {
      page["choices"] = choices.map { choice -> [String: any Sendable] in
        ["value": choice.value, "label": words[choice.word], "selected": choice.value == typed]
      }
    }
    page["type"] = inputType
    return page
  }

  private var kindName: String {
    switch kind {
    case .area, .list: "isArea"
    case .checkbox: "isCheckbox"
    case .choice: "isChoice"
    case .newPassword, .currentPassword: "isPassword"
    default: "isInput"
    }
  }

  private var inputType: String {
    switch kind {
    case .email: "email"
    case .newPassword, .currentPassword: "password"
    case .time: "datetime-local"
    default: "text"
    }
  }
}
