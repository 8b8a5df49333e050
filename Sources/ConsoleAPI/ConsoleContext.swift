package import Hummingbird
package import Model

/// One call of the API, by the id that its answer and our log have.
package enum ConsoleRequest: Identified {
  package static var idPrefix: StaticString { "req" }
}

/// What goes with a request from the listener to the route.
package struct ConsoleContext: RequestContext {
  package var coreContext: CoreRequestContextStorage
  package let requestID: ID<ConsoleRequest>

  package init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    requestID = .random()
  }
}
