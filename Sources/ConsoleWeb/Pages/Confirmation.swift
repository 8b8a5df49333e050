import Model

/// The page that a destructive step asks on: what it is done to, what will break, and the one button that does it.
///
/// Its form posts to its own address.
struct Confirmation {
  /// What the button says of a form's second step, below this name.
  static let field = "confirmed"
  static let yes = "true"
  static let no = "back"

  /// The key of the heading, and of the button as `….submit` and of what it means as `….about`.
  let word: String
  /// What it is done to, as people know it.
  let name: String
  /// What will break, a sentence each, said already.
  var effects: [String] = []
  /// Who called lately through what it takes away; `nil` where calls have nothing to do with it.
  var missed: DryRun?
  /// What else is asked there.
  var fields: [FormField] = []
  let back: String
  /// What goes along with the one button.
  var hidden: [(name: String, value: String)] = []
  /// Whether it asks about what was typed into a form, which may be gone back to.
  private var isSecondStep = false

  init(
    word: String, name: String, effects: [String] = [], missed: DryRun? = nil, fields: [FormField] = [], back: String,
    hidden: [(name: String, value: String)] = []
  ) {
    (self.word, self.name, self.effects, self.fields, self.back) = (word, name, effects, fields, back)
    (self.missed, self.hidden) = (missed, hidden)
  }

  /// The same with all that was typed going along, both to what is done and back to the form.
  func carrying(_ typed: TypedForm) -> Confirmation {
    var carrying = self
    let names = typed.names.filter { $0 != FormToken.field && $0 != Self.field }
    carrying.hidden += names.map { ($0, typed[$0] ?? "") }
    carrying.isSecondStep = true
    return carrying
  }

  func page(_ words: Words) -> PageAnswer {
    let asked = fields.map { $0.page(TypedForm(), complaint: nil, focuses: false, words: words) }
    var page: [String: any Sendable] = [
      "name": name, "heading": words.labelled(words[word], name), "intro": words[word + ".about"],
      "submit": words[word + ".submit"],
      Layout.keepsTyped: isSecondStep, Layout.enter: ["name": Self.field, "value": Self.yes],
      "hasEffects": !effects.isEmpty, "effects": effects, "fields": asked, "back": back, "backLabel": name,
      "hidden": hidden.map { ["name": $0.name, "value": $0.value] as [String: any Sendable] },
      "isSecondStep": isSecondStep,
    ]
    if let missed { page["missed"] = words.missed(missed) }
    return .page("confirm", title: word, page)
  }
}
