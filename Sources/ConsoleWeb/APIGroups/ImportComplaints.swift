import ConsoleAPI
import Contract
import Model

extension Words {
  /// Why a document was not taken: where in it, where that is known.
  ///
  /// - Parameter body: why it could not be read, where that is the reason.
  func complaints(_ refusal: Refusal, of document: [UInt8], _ body: BodyError?) -> [String] {
    guard refusal.errors.isEmpty else {
      return refusal.errors.map { error in
        let said = complaint(error.detail)
        return error.pointer.isEmpty ? said : labelled(error.pointer, said)
      }
    }
    if let body, let said = complaint(body, of: document) { return [said] }
    return [refusal.code == .quotaExceeded ? self["document.quota"] : self["problem.\(refusal.code.rawValue)"]]
  }

  /// What is wrong with a text that is read as JSON or YAML, and in which line.
  func complaint(_ error: BodyError, of document: [UInt8]) -> String? {
    switch error {
    case .notJSON(let error):
      let place = TextPlace(of: error.offset, in: document)
      return self[
        "document.json", ["line": "\(place.line)", "column": "\(place.column)", "reason": reason(error.reason)]]
    case .notYAML(let error):
      guard let line = error.line else { return self["document.yaml.somewhere", ["reason": reason(error.reason)]] }
      return self["document.yaml", ["line": "\(line)", "reason": reason(error.reason)]]
    case .tooLarge: return self["document.tooLarge"]
    case .unsupportedMediaType, .cutOff: return nil
    }
  }

  /// In this language. A reason that has no words, as a new library may have one, tells nothing but that it is so.
  private func reason(_ reason: String) -> String {
    let anchor = "nothing has the anchor "
    if reason.hasPrefix(anchor) { return self["syntax.anchor", ["name": String(reason.dropFirst(anchor.count))]] }
    return texts["syntax." + reason] ?? self["syntax.other"]
  }
}

/// A place in a text as editors tell it, from 1.
struct TextPlace: Equatable {
  let line, column: Int

  /// - Parameter offset: in bytes of UTF-8.
  init(of offset: Int, in text: [UInt8]) {
    let before = text.prefix(offset)
    line = before.count { $0 == 0x0A } + 1
    let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    column = String(decoding: before[start...], as: UTF8.self).unicodeScalars.count + 1
  }
}
