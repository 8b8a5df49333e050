import Contract
import HTTPTypes
import Testing

/// The API's own description, by which every answer of every test is judged.
struct DocumentedAnswers: Sendable {
  let document: JSONValue

  /// Records an issue for a status, code or member that the document does not have.
  func check(_ answer: Answer, to method: HTTPRequest.Method, _ path: String) {
    guard let operation = operation(method, path) else {
      // What no operation serves is refused.
      #expect([404, 405].contains(answer.status), "\(method) \(path): \(answer.status) \(answer.text)")
      return
    }
    guard let response = operation["responses"]?[String(answer.status)] else {
      Issue.record("\(method) \(path) answered \(answer.status), which is not documented: \(answer.text)")
      return
    }
    checkHeaders(answer, response["headers"], "\(method) \(path) \(answer.status)")
    guard method != .head, case .object(let contents) = response["content"] else {
      #expect(answer.text.isEmpty)
      return
    }
    #expect(answer.headers[.contentType] == contents.first?.name)
    let isText = contents.first?.name.hasPrefix("text/") ?? false
    guard let schema = contents.first?.value["schema"], let json = isText ? .string(answer.text) : answer.json else {
      Issue.record("\(method) \(path) answered no JSON")
      return
    }
    for complaint in complaints(json, schema, at: "") {
      Issue.record("\(method) \(path) \(answer.status)\(complaint): \(answer.text)")
    }
  }

  /// What every answer has, and is no part of the API.
  private static let usual: Set<String> = [
    "content-type", "content-length", "date", "connection", "cache-control", "content-security-policy",
    "x-content-type-options", "referrer-policy", "cross-origin-resource-policy", "transfer-encoding",
  ]

  /// Records an issue for a header that is missing, that is not as it must be, or that is not documented.
  private func checkHeaders(_ answer: Answer, _ headers: JSONValue?, _ label: String) {
    guard case .object(let declared) = headers else { return }
    for header in declared {
      let name = header.value["$ref"]?.text?.split(separator: "/").last.map(String.init) ?? ""
      guard let component = document["components"]?["headers"]?[name], let field = HTTPField.Name(header.name) else {
        Issue.record("\(label): there is no header \(name)")
        continue
      }
      guard let value = answer.headers[field] else {
        #expect(component["required"] == false, "\(label): \(header.name) is missing")
        continue
      }
      let json = component["schema"]?["type"] == "integer" ? Int(value).map(JSONValue.integer) : .string(value)
      #expect(complaints(json ?? .null, component["schema"] ?? .null, at: header.name) == [], "\(label): \(value)")
    }
    let known = Self.usual.union(declared.map { $0.name.lowercased() })
    let unknown = answer.headers.map(\.name.canonicalName).filter { !known.contains($0) }
    #expect(unknown.isEmpty, "\(label) has headers that are not documented")
  }

  private func operation(_ method: HTTPRequest.Method, _ path: String) -> JSONValue? {
    guard case .object(let paths) = document["paths"] else { return nil }
    let given = path.split(separator: "?")[0].split(separator: "/")
    let templates = paths.filter { template in
      let segments = template.name.split(separator: "/")
      return segments.count == given.count && zip(segments, given).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
    }
    // A literal segment is meant before a variable one.
    let best = templates.min { $0.name.filter { $0 == "{" }.count < $1.name.filter { $0 == "{" }.count }
    let name = method == .head ? "get" : method.rawValue.lowercased()
    return best?.value[name]
  }

  /// The part of JSON Schema that the document uses, and besides: no member may be there that is not declared.
  func complaints(_ json: JSONValue, _ schema: JSONValue, at pointer: String) -> [String] {
    if let name = schema["$ref"]?.text?.split(separator: "/").last {
      guard let component = document["components"]?["schemas"]?[String(name)] else { return [pointer + " no \(name)"] }
      return complaints(json, component, at: pointer)
    }
    if let choices = (schema["anyOf"] ?? schema["oneOf"])?.elements {
      let each = choices.map { complaints(json, $0, at: pointer) }
      return each.contains([]) ? [] : each[0]
    }
    if let parts = schema["allOf"]?.elements {
      guard parts.dropFirst().contains(where: { $0["$ref"] == nil }) else { return merged(parts, json, at: pointer) }
      return complaints(json, parts[0], at: pointer) + parts.dropFirst().flatMap { narrowing($0, json, at: pointer) }
    }
    switch schema["type"]?.text {
    case "object": return object(json, schema, at: pointer)
    case "array":
      guard let elements = json.elements, let element = schema["items"] else { return [pointer + " is no array"] }
      return elements.enumerated().flatMap { complaints($1, element, at: pointer + "/\($0)") }
    case "string":
      guard let text = json.text else { return [pointer + " is no string"] }
      if let words = schema["enum"]?.elements, !words.contains(json) { return [pointer + " is another word"] }
      if let pattern = schema["pattern"]?.text, let regex = try? Regex(pattern), text.firstMatch(of: regex) == nil {
        return [pointer + " does not match"]
      }
      return []
    case "integer": if case .integer = json { return [] } else { return [pointer + " is no integer"] }
    case "null": return json == .null ? [] : [pointer + " is not null"]
    default: return []
    }
  }

  private func object(_ json: JSONValue, _ schema: JSONValue, at pointer: String) -> [String] {
    guard case .object(let members) = json else { return [pointer + " is no object"] }
    guard case .object(let properties) = schema["properties"] else { return [] }
    let required = schema["required"]?.elements ?? []
    let missing = required.compactMap(\.text).filter { json[$0] == nil }.map { pointer + "/\($0) is missing" }
    return missing
      + members.flatMap { member in
        guard let property = properties.first(where: { $0.name == member.name }) else {
          return [pointer + "/\(member.name) is not declared"]
        }
        return complaints(member.value, property.value, at: pointer + "/\(member.name)")
      }
  }

  /// An object with the members of several components.
  private func merged(_ parts: [JSONValue], _ json: JSONValue, at pointer: String) -> [String] {
    let components = parts.compactMap { part in
      part["$ref"]?.text?.split(separator: "/").last.flatMap { document["components"]?["schemas"]?[String($0)] }
    }
    let properties = components.flatMap { component -> [JSONValue.Member] in
      if case .object(let members) = component["properties"] { members } else { [] }
    }
    let required = components.compactMap { $0["required"]?.elements }.flatMap(\.self)
    return object(json, ["properties": .object(properties), "required": .array(required)], at: pointer)
  }

  private func narrowing(_ part: JSONValue, _ json: JSONValue, at pointer: String) -> [String] {
    guard case .object(let properties) = part["properties"] else { return [] }
    return properties.flatMap { property -> [String] in
      let value = json[property.name] ?? .null
      let isAllowed = property.value["const"] == value || property.value["enum"]?.elements?.contains(value) == true
      return isAllowed ? [] : [pointer + "/\(property.name) is not documented here"]
    }
  }
}
