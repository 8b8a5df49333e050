extension FormField {
  /// What the template of a field wants.
  func page(_ typed: TypedForm, complaint: String?, focuses: Bool, words: Words) -> [String: any Sendable] {
    // A secret that is refused where it does not belong is not shown again.
    let kept = complaint != nil && showsSecret(typed) ? nil : typed[name]
    let text = masksSecrets ? kept.map { TrialCall.masked($0, secret: "") } : kept
    var page: [String: any Sendable] = [
      "name": name, "id": "field-" + name.replacing("/", with: "-"), "label": label ?? words[word],
      "value": text ?? "", kindName: true, "isGroup": isGroup, "isLabelled": isLabelled,
    ]
    page["hint"] = words.texts[word + ".hint"]
    page["complaint"] = complaint
    page["isDescribed"] = complaint != nil || page["hint"] != nil
    page["required"] = isRequired
    page["isTime"] = isTime
    page["maximumLength"] = maximumLength
    page["autocomplete"] = autocomplete
    page["autofocus"] = focuses
    page["only"] = only?.value
    page["type"] = inputType
    switch kind {
    case .checkbox: page["checked"] = text != nil
    case .choice(let choices): page["choices"] = Self.page(choices, text, words)
    case .options(let options):
      page["choices"] = options.map { option -> [String: any Sendable] in
        ["value": option.value, "label": option.label, "selected": option.value == text]
      }
    case .radio(let choices):
      // The focus is on the one that is chosen, else on the first, as it is for who comes by the keyboard.
      let focused = choices.firstIndex { $0.value == text ?? "" } ?? 0
      page["radios"] = zip(0..., Self.page(choices, text ?? "", words)).map { index, choice in
        choice.merging(["focuses": focuses && index == focused, "isWrong": complaint != nil]) { $1 }
      }
    case .accessMode:
      let mode = Self.accessMode(typed, name)
      page["checked"] = mode != "open"
      page["observes"] = mode == "observe"
    default: break
    }
    return page
  }

  private static func page(
    _ choices: [(value: String, word: String)], _ typed: String?, _ words: Words
  ) -> [[String: any Sendable]] {
    choices.map { choice in
      var page: [String: any Sendable] = [
        "value": choice.value, "label": words[choice.word], "selected": choice.value == typed,
      ]
      page["about"] = words.texts[choice.word + ".hint"] ?? ""
      page["hasAbout"] = words.texts[choice.word + ".hint"] != nil
      return page
    }
  }

  private var kindName: String {
    switch kind {
    case .area, .list, .headers, .headerObject: "isArea"
    case .checkbox: "isCheckbox"
    case .choice, .options: "isChoice"
    case .radio: "isRadio"
    case .accessMode: "isAccessMode"
    case .newPassword, .currentPassword, .secret: "isPassword"
    default: "isInput"
    }
  }

  /// Whether it is several controls, which a legend names.
  private var isGroup: Bool {
    switch kind {
    case .radio, .accessMode: true
    default: false
    }
  }

  /// Whether a label stands before the control.
  private var isLabelled: Bool {
    if case .checkbox = kind { false } else { !isGroup }
  }

  /// Whether a browser may hold half of it, which it sends to nobody.
  var isTime: Bool {
    if case .time = kind { true } else { false }
  }

  private var inputType: String {
    switch kind {
    case .email: "email"
    case .newPassword, .currentPassword, .secret: "password"
    case .time: "datetime-local"
    default: "text"
    }
  }
}
