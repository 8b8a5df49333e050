import Mustache

/// The templates, once in each language. A template is named by its path, as `subscription-keys.list`.
struct PageLibrary: Sendable {
  private let templates: [Language: MustacheLibrary]

  /// - Throws: when a template cannot be read or says a word that a language lacks: a fault of the build.
  init(_ files: [(name: String, text: String)] = EmbeddedFiles.all) throws {
    MustacheContentTypes.register(HTMLText(), named: HTMLText.name)
    let sources: [(String, String)] = files.compactMap { file in
      file.name.hasPrefix("Templates/")
        ? (String(file.name.dropFirst(10).prefix { $0 != "." }).replacing("/", with: "."), file.text) : nil
    }
    templates = try Dictionary(
      uniqueKeysWithValues: Language.allCases.map { language in
        let words = Words.of(language)
        let texts = try sources.map { name, text in
          (name, try MustacheTemplate(string: "{{% CONTENT_TYPE:\(HTMLText.name)}}" + words.filled(into: text)))
        }
        return (language, MustacheLibrary(templates: Dictionary(uniqueKeysWithValues: texts)))
      })
  }

  /// - Parameter data: Dictionaries, arrays, strings, numbers and truth values.
  func render(_ template: String, _ data: [String: any Sendable], in language: Language) -> String {
    guard let text = templates[language]?.render(data, withTemplate: template) else {
      preconditionFailure("there is no template \(template)")
    }
    return text
  }
}
