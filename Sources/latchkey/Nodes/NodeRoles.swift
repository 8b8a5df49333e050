import ArgumentParser

/// What a process serves. Any number of gateways work around one database.
enum NodeRoles: String, ExpressibleByArgument, CaseIterable, CustomStringConvertible {
  case all, console, gateway

  var includesConsole: Bool { self != .gateway }
  var includesGateway: Bool { self != .console }
  var description: String { rawValue }
}
