/// One gateway process, from its start to its end, by the id that it registers itself with.
package enum GatewayNode: Identified {
  package static var idPrefix: StaticString { "nod" }
}
