import Contract
import FoundationEssentials
import HTTPTypes
import Model
import Testing

@testable import ConsoleAPI

/// The document has an example of everything, and each is what it is an example of.
struct ExampleTests {
  private let documented = DocumentedAnswers(document: ConsoleAPI.documentForTests)
  /// A moment before the examples' future.
  private let now = Date(timeIntervalSince1970: 1_800_000_000)

  @Test(arguments: ConsoleAPI.routes.map(\.operation.id))
  func readsEachRequestAsItsRouteDoes(id: String) throws {
    let (operation, described) = try operation(id)
    guard operation.input.body != nil else { return }
    guard case .object(let contents) = described["requestBody"]?["content"] else { return }
    for content in contents {
      let examples = try examples(content.value)
      #expect(!examples.isEmpty, "\(content.name) has no example")
      for example in examples {
        #expect(throws: Never.self, "\(example)") { try operation.input.readBody(example, now) }
        // A document that is imported may have more than is read of it.
        guard id != "importAPIs" else { continue }
        #expect(documented.complaints(example, content.value["schema"] ?? .null, at: "") == [], "\(example)")
      }
    }
  }

  @Test(arguments: ConsoleAPI.routes.map(\.operation.id))
  func readsEachAnswerAsAClientDoes(id: String) throws {
    let (operation, described) = try operation(id)
    let answer = described["responses"]?[String(operation.output.status.code)]
    guard operation.output.schema != nil else { return }
    let content = try #require(answer?["content"]?[operation.output.mediaType])
    let examples = try examples(content)
    #expect(!examples.isEmpty)
    for example in examples {
      // What is shown once is not read from an answer that leaves it out.
      if example["dryRun"] == true {
        #expect(throws: Never.self, "\(example)") { try DryRun.shape.value(of: example, now: now) }
      } else if example["secretsOmitted"] == nil {
        #expect(throws: Never.self, "\(example)") { try operation.output.readBody(example, now) }
      }
      guard id != "getDocument" else { continue }
      #expect(documented.complaints(example, content["schema"] ?? .null, at: "") == [], "\(example)")
    }
  }

  @Test(arguments: ConsoleAPI.routes.map(\.operation.id))
  func showsEachProblemWithItsStatus(id: String) throws {
    let (operation, described) = try operation(id)
    for code in operation.problems {
      let content = try #require(described["responses"]?[String(code.status)]?["content"]?[Problem.mediaType])
      let example = try #require(content["examples"]?[code.rawValue]?["value"], "\(code.rawValue) has no example")
      #expect(documented.complaints(example, content["schema"] ?? .null, at: "") == [], "\(example)")
      let problem = try Problem.shape.value(of: example, now: now)
      #expect(problem.code == code)
    }
  }

  @Test(arguments: ConsoleAPI.routes.map(\.operation.id))
  func describesEachParameterAndHasAnExampleOfIt(id: String) throws {
    let (_, described) = try operation(id)
    for text in ["summary", "description"] { #expect(described[text]?.text?.isEmpty == false, "no \(text)") }
    #expect(described["tags"]?.elements?.count == 1)
    for parameter in described["parameters"]?.elements ?? [] {
      let name = parameter["name"]?.text ?? ""
      #expect(parameter["description"]?.text?.isEmpty == false, "\(name) is not described")
      guard let schema = parameter["schema"], !["cursor"].contains(name) else { continue }
      let example = try #require(parameter["example"], "\(name) has no example")
      #expect(documented.complaints(example, schema, at: name) == [])
    }
  }

  @Test func describesEachMember() throws {
    guard case .object(let schemas) = documented.document["components"]?["schemas"] else { return }
    #expect(schemas.count > 50)
    for schema in schemas {
      guard case .object(let properties) = schema.value["properties"] else { continue }
      for property in properties {
        #expect(property.value["description"]?.text?.isEmpty == false, "\(schema.name).\(property.name)")
      }
    }
  }

  @Test func tellsOfOneTenantThroughout() throws {
    let text = documented.document.text(of: "slug")
    #expect(!text.isEmpty)
    #expect(Set(text) == ["acme"])
  }

  private func operation(_ id: String) throws -> (Operation, JSONValue) {
    let operation = try #require(ConsoleAPI.routes.map(\.operation).first { $0.id == id })
    let described = documented.document["paths"]?[operation.path.template]?[operation.method.rawValue.lowercased()]
    return (operation, try #require(described))
  }

  private func examples(_ content: JSONValue) throws -> [JSONValue] {
    guard case .object(let examples) = content["examples"] else { return [] }
    return try examples.map { try #require($0.value["value"]) }
  }
}

extension ConsoleAPI {
  fileprivate static var documentForTests: JSONValue { OpenAPIDocument.json(of: routes) }
}

extension JSONValue {
  /// The texts of all members of a name in examples.
  fileprivate func text(of name: String) -> [String] {
    switch self {
    case .object(let members):
      members.flatMap { member in
        (member.name == name ? member.value.text.map { [$0] } ?? [] : []) + member.value.text(of: name)
      }
    case .array(let elements): elements.flatMap { $0.text(of: name) }
    default: []
    }
  }
}
