import Console
import Hummingbird
import Model

/// A signed-in account's call: who calls, for what, expecting which version of it.
struct Call: Sendable {
  private(set) var console: Console
  let principal: Principal
  let expectedVersion: ExpectedVersion
  let parameters: Parameters
  /// What makes a cursor of one list no cursor of another: the path and the query without `cursor` and `limit`.
  let listIdentity: String

  /// The same call by another console.
  func by(_ console: Console) -> Call {
    var call = self
    call.console = console
    return call
  }

  /// The value of a segment of the path.
  ///
  /// - Throws: ``ConsoleError/notFound`` for a text that is no such value.
  subscript<Value>(_ parameter: PathParameter<Value>) -> Value {
    get throws {
      guard let text = parameters.get(parameter.name), let value = parameter.parse(text) else {
        throw ConsoleError.notFound
      }
      return value
    }
  }
}
