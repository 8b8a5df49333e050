import Model

extension APIMatcher {
  /// Of several APIs with the same pattern, the one with the smallest id is found.
  init(_ apis: [PublishedAPI]) {
    let root = Tree()
    for api in apis.sorted(by: { $0.id.bits < $1.id.bits }) { root.add(api) }
    var layout = Layout()
    layout.place(root)
    nodes = layout.nodes
    edges = layout.edges
    labels = layout.labels
    endpoints = layout.endpoints
  }
}

/// A node while a matcher is built.
private final class Tree {
  var literals: [[UInt8]: Tree] = [:]
  var parameter: Tree?
  var exact: [APIMatcher.Endpoint] = []
  var prefix: [APIMatcher.Endpoint] = []
  var openPrefix: [APIMatcher.Endpoint] = []

  func add(_ api: PublishedAPI) {
    let pattern = api.pattern
    let endpoint = APIMatcher.Endpoint(method: pattern.method, api: api.id)
    var segments = pattern.path.segments[...]
    let isOpen = pattern.match == .prefix && segments.last == .literal("")
    if isOpen { segments.removeLast() }
    let node = segments.reduce(self) { $0.child($1) }
    switch pattern.match {
    case .exact: node.exact.append(endpoint)
    case .prefix where isOpen: node.openPrefix.append(endpoint)
    case .prefix: node.prefix.append(endpoint)
    }
  }

  private func child(_ segment: APIPath.Segment) -> Tree {
    switch segment {
    case .literal(let text):
      let label = Array(text.utf8)
      if let child = literals[label] { return child }
      let child = Tree()
      literals[label] = child
      return child
    case .parameter:
      let child = parameter ?? Tree()
      parameter = child
      return child
    }
  }
}

/// The arrays of a matcher while a tree is laid out in them.
private struct Layout {
  var nodes: [APIMatcher.Node] = []
  var edges: [APIMatcher.Edge] = []
  var labels: [UInt8] = []
  var endpoints: [APIMatcher.Endpoint] = []

  /// Returns where the node was put.
  @discardableResult
  mutating func place(_ tree: Tree) -> Int32 {
    let index = nodes.count
    nodes.append(APIMatcher.Node())
    nodes[index].exact = place(tree.exact)
    nodes[index].prefix = place(tree.prefix)
    nodes[index].openPrefix = place(tree.openPrefix)
    let children = tree.literals.sorted { $0.key.lexicographicallyPrecedes($1.key) }
      .map { APIMatcher.Edge(label: place($0.key), node: place($0.value)) }
    nodes[index].edges = Int32(edges.count)..<Int32(edges.count + children.count)
    edges += children
    if let parameter = tree.parameter { nodes[index].parameter = place(parameter) }
    return Int32(index)
  }

  private mutating func place(_ added: [APIMatcher.Endpoint]) -> Range<Int32> {
    endpoints += added
    return Int32(endpoints.count - added.count)..<Int32(endpoints.count)
  }

  private mutating func place(_ label: [UInt8]) -> Range<Int32> {
    labels += label
    return Int32(labels.count - label.count)..<Int32(labels.count)
  }
}
