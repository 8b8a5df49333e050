import Contract
import HTTPTypes

/// The operations of a document, each with a request that it reads.
struct Operations {
  struct Operation {
    let id: String
    let method: HTTPRequest.Method
    let template: String
    /// The names of the path's parameters.
    let parameters: [String]
    let path: String
    let body: JSONValue?
    /// Where a body may name something by its id, as pointers; `0` is any place of an array.
    let idsInBody: [String]
    /// The query parameters that name something by its id.
    let idsInQuery: [String]
  }

  private(set) var signedIn: [Operation] = []
  private let document: JSONValue

  init(of document: JSONValue) {
    self.document = document
    guard case .object(let paths) = document["paths"] else { return }
    for path in paths {
      guard case .object(let operations) = path.value else { continue }
      for operation in operations where operation.value["security"]?.elements?.isEmpty == false {
        signedIn.append(
          Operation(
            id: operation.value["operationId"]?.text ?? "", method: .init(operation.name.uppercased())!,
            template: path.name,
            parameters: path.name.matches(of: /\{(\w+)\}/).map { String($0.1) },
            path: filled(path.name, operation.value["parameters"]?.elements ?? []), body: body(of: operation.value),
            idsInBody: idsInBody(of: operation.value), idsInQuery: idsInQuery(of: operation.value)))
      }
    }
  }

  /// A path with ids of nothing, and what its query cannot do without.
  private func filled(_ template: String, _ parameters: [JSONValue]) -> String {
    var (path, query) = (template, [String]())
    for parameter in parameters {
      guard let name = parameter["name"]?.text, parameter["required"] == true,
        let text = parameter["schema"].flatMap(sample)?.text
      else { continue }
      if parameter["in"]?.text == "path" { path = path.replacing("{\(name)}", with: text) }
      if parameter["in"]?.text == "query" { query.append("\(name)=\(text)") }
    }
    return query.isEmpty ? path : path + "?" + query.joined(separator: "&")
  }

  private func idsInQuery(of operation: JSONValue) -> [String] {
    operation["parameters"]?.elements?.compactMap { parameter in
      guard parameter["in"]?.text == "query", let name = parameter["name"]?.text else { return nil }
      let isID = parameter["schema"]?["description"]?.text?.hasPrefix("The id of") ?? false
      return isID || name.hasSuffix("Id") ? name : nil
    } ?? []
  }

  private func idsInBody(of operation: JSONValue) -> [String] {
    guard case .object(let contents) = operation["requestBody"]?["content"] else { return [] }
    let pointers = contents.flatMap { content in content.value["schema"].map { idPointers(in: $0, at: "") } ?? [] }
    return pointers.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private func idPointers(in schema: JSONValue, at pointer: String) -> [String] {
    if let name = schema["$ref"]?.text?.split(separator: "/").last {
      return document["components"]?["schemas"]?[String(name)].map { idPointers(in: $0, at: pointer) } ?? []
    }
    if schema["pattern"]?.text?.firstMatch(of: /[a-z]{3}_\[0-7\]/) != nil { return [pointer] }
    var pointers =
      (schema["oneOf"] ?? schema["anyOf"] ?? schema["allOf"])?.elements?.flatMap {
        idPointers(in: $0, at: pointer)
      } ?? []
    if case .object(let properties) = schema["properties"] {
      pointers += properties.flatMap { idPointers(in: $0.value, at: pointer + "/\($0.name)") }
    }
    if let items = schema["items"] { pointers += idPointers(in: items, at: pointer + "/0") }
    return pointers
  }

  private func body(of operation: JSONValue) -> JSONValue? {
    guard case .object(let contents) = operation["requestBody"]?["content"] else { return nil }
    if case .object(let examples) = contents.first?.value["examples"], let example = examples.first {
      return example.value["value"]
    }
    return contents.first?.value["schema"].flatMap(sample)
  }

  /// A value that a schema takes, with as few members as it can have.
  private func sample(_ schema: JSONValue) -> JSONValue? {
    if let name = schema["$ref"]?.text?.split(separator: "/").last {
      return document["components"]?["schemas"]?[String(name)].flatMap(sample)
    }
    if let choice = (schema["oneOf"] ?? schema["anyOf"] ?? schema["allOf"])?.elements?.first { return sample(choice) }
    if let word = schema["enum"]?.elements?.first ?? schema["const"] { return word }
    switch schema["type"]?.text {
    case "object":
      let names = schema["required"]?.elements?.compactMap(\.text) ?? []
      return .object(
        names.compactMap { name in
          schema["properties"]?[name].flatMap(sample).map { JSONValue.Member(name, $0) }
        })
    case "array":
      guard case .integer(let count) = schema["minItems"] ?? 0, count > 0 else { return [] }
      return .array(Array(repeating: schema["items"].flatMap(sample) ?? .null, count: count))
    case "integer": return schema["minimum"] ?? 1
    case "boolean": return true
    case "string": return .string(text(schema))
    default: return nil
    }
  }

  private func text(_ schema: JSONValue) -> String {
    let pattern = schema["pattern"]?.text ?? ""
    if schema["format"]?.text == "date-time" { return "2099-01-01T00:00:00Z" }
    if let prefix = pattern.firstMatch(of: /^\^([a-z]{3})_\[0-7\]/)?.1 {
      return "\(prefix)_" + String(repeating: "0", count: 26)
    }
    let candidates = [
      "x", "x1", "0.0.1", "/x", "http://backend.example", "a@b.example", "correct horse battery", "backend.example",
      "10s", "203.0.113.0/24", "GET", "https://backend.example/",
    ]
    guard case .integer(let least) = schema["minLength"] ?? 0 else { return "" }
    return candidates.first { candidate in
      candidate.count >= least && (try? Regex(pattern)).map { candidate.contains($0) } ?? true
    } ?? String(repeating: "x", count: least)
  }
}
