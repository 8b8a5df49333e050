import Model

extension FormField {
  /// What others made of a field meanwhile, as people read it; nil where that is what was typed, or nobody's to see.
  func difference(of typed: TypedForm, from present: TypedForm, _ words: Words) -> String? {
    let (own, others) = (canonical(typed), canonical(present))
    guard own != others else { return nil }
    switch kind {
    case .newPassword, .currentPassword, .secret: return nil
    case .checkbox: return words[others.isEmpty ? "form.present.off" : "form.present.on"]
    case .choice(let choices), .radio(let choices):
      return choices.first { $0.value == others }.map { words[$0.word] } ?? others
    case .options(let options): return options.first { $0.value == others }?.label ?? others
    case .accessMode: return words["access.mode." + others]
    case .time where !others.isEmpty: return others.replacing("T", with: " ") + " UTC"
    default: return others.isEmpty ? words["form.present.nothing"] : others
    }
  }

  /// The same for what is meant the same, however it was typed.
  private func canonical(_ typed: TypedForm) -> String {
    let text = typed[name] ?? ""
    switch kind {
    case .checkbox: return typed[name] == nil ? "" : "true"
    case .accessMode: return Self.accessMode(typed, name)
    case .list: return text.split { $0 == "," || $0.isWhitespace }.joined(separator: "\n")
    default: return text.replacing("\r\n", with: "\n")
    }
  }
}
