import Contract
import HTTPTypes
import TestPostgres
import Testing

@Suite(.latchkey, .serialized)
struct DocumentTests {
  @Test func describesItselfWithoutASession() async throws {
    try await Harness.run { api in
      let answer = try await api.send(.get, "/openapi.json")
      #expect(answer.status == 200)
      #expect(answer["openapi"]?.text == "3.1.0")
    }
  }

  @Test func refersToNothingThatIsMissingAndNamesNothingTwice() async throws {
    try await Harness.run { api in
      let document = try #require(try await api.send(.get, "/openapi.json").json)
      var (references, ids) = ([String](), [String]())
      func walk(_ json: JSONValue) {
        switch json {
        case .object(let members):
          for member in members {
            if member.name == "$ref" { references.append(member.value.text ?? "") }
            if member.name == "examples" { continue }
            if member.name == "operationId" { ids.append(member.value.text ?? "") }
            walk(member.value)
          }
        case .array(let elements): elements.forEach(walk)
        default: break
        }
      }
      walk(document)
      #expect(!references.isEmpty)
      for reference in Set(references) {
        let target = reference.dropFirst(2).split(separator: "/").reduce(document as JSONValue?) { $0?[String($1)] }
        guard case .object = target else {
          Issue.record("\(reference) is not there")
          continue
        }
      }
      #expect(Set(ids).count == ids.count)
      #expect(ids.contains("createSubscriptionKey"))
    }
  }
}
