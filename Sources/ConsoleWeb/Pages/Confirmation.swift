/// The page that a destructive step asks on: what it is done to, what will break, and the one button that does it.
///
/// Its form posts to its own address.
struct Confirmation {
  /// The key of the heading, and of the button as `….submit` and of what it means as `….about`.
  let word: String
  /// What it is done to, as people know it.
  let name: String
  /// What will break, a sentence each, said already.
  var effects: [String] = []
  /// What else is asked there.
  var fields: [FormField] = []
  let back: String
  /// What goes along with the one button.
  var hidden: [(name: String, value: String)] = []

  func page(_ words: Words) -> PageAnswer {
    let asked = fields.map { $0.page(TypedForm(), complaint: nil, focuses: false, words: words) }
    return .page(
      "confirm", title: word,
      [
        "heading": "\(words[word]): \(name)", "intro": words[word + ".about"], "submit": words[word + ".submit"],
        "hasEffects": !effects.isEmpty, "effects": effects, "fields": asked, "back": back, "backLabel": name,
        "hidden": hidden.map { ["name": $0.name, "value": $0.value] as [String: any Sendable] },
      ])
  }
}
