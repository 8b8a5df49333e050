import Contract
import Yams

/// Why a text is no YAML that is read here.
package struct YAMLSyntaxError: Error, Hashable {
  package let reason: String
  /// Where, if that is known: from 1.
  package let line: Int?
}

/// A YAML document as JSON, as far as an import looks: nothing below `maximumDepth`, and every scalar a text.
///
/// The library is never shown an alias. It would put a copy of what the alias refers to in its place, and compare such
/// copies as keys: a small text of aliases of aliases of aliases would keep it busy for years. Here aliases are plain
/// texts to it, and are followed only where something is looked at, each step of which counts.
struct YAMLDocument {
  /// What is looked at of a document.
  private static let members: Set<String> = ["openapi", "swagger", "paths"]
  /// Below it nothing matters: document, `paths`, path, operation, what it is called; and some that nobody asked for.
  private static let maximumDepth = 8
  /// How many mappings may be merged each into the next, so that what merges itself ends.
  private static let maximumMerges = 100
  /// How many values are made of one document at most.
  private static let maximumValues = 500_000
  /// The most marks of structure in a text, each of which may cost the library a node.
  private static let maximumMarks = 1_000_000

  private let aliases: AliasMarks
  private var anchors: [String: Node] = [:]
  private var values = 0

  /// - Throws: ``BodyError``.
  static func json(_ bytes: [UInt8]) throws -> JSONValue {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw BodyError.notYAML(YAMLSyntaxError(reason: "it is not valid UTF-8", line: nil))
    }
    let marks = bytes.count { $0 == 0x0A || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "[") }
    guard marks <= maximumMarks, let aliases = AliasMarks(in: text) else { throw BodyError.tooLarge }
    var document = YAMLDocument(aliases: aliases)
    guard let root = try document.compose(aliases.hiding(text)) else { return .null }
    return try document.value(root, depth: 0)
  }

  private init(aliases: AliasMarks) {
    self.aliases = aliases
  }

  /// The whole text, whose anchors are taken down.
  private mutating func compose(_ text: String) throws -> Node? {
    do {
      let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
      let root = try parser.singleRoot()
      // Nodes don't keep their anchors: the parser does.
      withExtendedLifetime(parser) { if let root { collectAnchors(root) } }
      return root
    } catch let error as YamlError {
      throw BodyError.notYAML(YAMLSyntaxError(error))
    }
  }

  /// Of anchors of one name the last counts.
  private mutating func collectAnchors(_ node: Node) {
    if let anchor = node.anchor { anchors[anchor.rawValue] = node }
    switch node {
    case .mapping(let mapping):
      for (key, value) in mapping {
        collectAnchors(key)
        collectAnchors(value)
      }
    case .sequence(let sequence): sequence.forEach { collectAnchors($0) }
    case .scalar, .alias: break
    }
  }

  private mutating func value(_ node: Node, depth: Int, merges: Int = 0) throws -> JSONValue {
    values += 1
    guard values <= Self.maximumValues else { throw BodyError.tooLarge }
    guard depth < Self.maximumDepth else { return .null }
    switch node {
    case .scalar(let scalar):
      if aliases.name(in: scalar) != nil { return try value(referred(node), depth: depth, merges: merges) }
      return scalar.isNull ? .null : .string(aliases.showing(scalar.string))
    case .sequence(let sequence): return .array(try sequence.map { try value($0, depth: depth + 1, merges: merges) })
    case .mapping(let mapping): return .object(try members(mapping, depth: depth + 1, merges: merges))
    case .alias: return .null
    }
  }

  private func target(of name: String, at line: Int?) throws -> Node {
    guard let target = anchors[name] else {
      throw BodyError.notYAML(YAMLSyntaxError(reason: "nothing has the anchor \(name)", line: line))
    }
    // So that no two can refer to each other for ever.
    if case .scalar(let scalar) = target, aliases.name(in: scalar) != nil {
      throw BodyError.notYAML(YAMLSyntaxError(reason: "an alias has no anchor", line: line))
    }
    return target
  }

  /// The members of a mapping, and those of others that `<<` merges into it.
  private mutating func members(_ mapping: Node.Mapping, depth: Int, merges: Int) throws -> [JSONValue.Member] {
    var (own, merged) = ([JSONValue.Member](), [JSONValue.Member]())
    for (key, given) in mapping {
      guard case .scalar(let name) = key else { continue }
      if name.string == "<<" {
        guard merges < Self.maximumMerges else {
          throw BodyError.notYAML(YAMLSyntaxError(reason: "it merges itself, or too many others", line: key.mark?.line))
        }
        for mapping in try mergedMappings(given) {
          merged += try members(mapping, depth: depth, merges: merges + 1)
        }
      } else if depth > 1 || Self.members.contains(name.string) {
        own.append(JSONValue.Member(aliases.showing(name.string), try value(given, depth: depth, merges: merges)))
      }
    }
    var seen = Set(own.map(\.name))
    return own + merged.filter { seen.insert($0.name).inserted }
  }

  /// What `<<` merges: a mapping, or each of a list.
  private mutating func mergedMappings(_ given: Node) throws -> [Node.Mapping] {
    let nodes = if case .sequence(let sequence) = try referred(given) { Array(sequence) } else { [given] }
    values += nodes.count
    guard values <= Self.maximumValues else { throw BodyError.tooLarge }
    return try nodes.compactMap { if case .mapping(let mapping) = try referred($0) { mapping } else { nil } }
  }

  /// What an alias refers to; else the node itself.
  private func referred(_ node: Node) throws -> Node {
    guard case .scalar(let scalar) = node, let name = aliases.name(in: scalar) else { return node }
    return try target(of: name, at: scalar.mark?.line)
  }
}

extension Node.Scalar {
  fileprivate var isNull: Bool { style == .plain && ["", "~", "null", "Null", "NULL"].contains(string) }
}

extension YAMLSyntaxError {
  /// Of what the library says, what tells nothing of the text.
  fileprivate init(_ error: YamlError) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      self.init(reason: problem, line: mark.line)
    case .duplicatedKeysInMapping(_, let context):
      self.init(reason: "a key is given twice", line: context.mark.line)
    default: self.init(reason: "it cannot be read", line: nil)
    }
  }
}
