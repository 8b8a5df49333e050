import Model

extension APIMatcher {
  /// A path of an API has at most as many segments, so a tree is nowhere deeper.
  private static let maximumDepth = APIPath.maximumLength

  /// Reads a matcher's arrays and checks them, so that a search in them ends and stays inside.
  init(from input: FileInput) throws {
    let nodes = try Self.nodes(try input.array(of: Int32.self))
    let edges = try Self.edges(try input.array(of: Int32.self))
    let labels = try input.array(of: UInt8.self)
    let endpoints = try (0..<input.count(ofAtLeast: 17)).map { _ in
      guard let method = APIMethod(number: try input.integer(UInt8.self)) else {
        throw SnapshotFileError.impossible("method")
      }
      return Endpoint(method: method, api: ID(bits: try input.integer()))
    }
    self.init(nodes: nodes, edges: edges, labels: labels, endpoints: endpoints)
    guard isTree, areRangesPossible else { throw SnapshotFileError.impossible("APIs") }
  }

  private static func nodes(_ numbers: [Int32]) throws -> [Node] {
    try groups(of: 9, numbers).map { node in
      Node(
        edges: try range(node[1], node[2]), parameter: node[0], exact: try range(node[3], node[4]),
        prefix: try range(node[5], node[6]), openPrefix: try range(node[7], node[8]))
    }
  }

  private static func edges(_ numbers: [Int32]) throws -> [Edge] {
    try groups(of: 3, numbers).map { Edge(label: try range($0[0], $0[1]), node: $0[2]) }
  }

  private static func groups(of length: Int, _ numbers: [Int32]) throws -> [[Int32]] {
    guard numbers.count.isMultiple(of: length) else { throw SnapshotFileError.impossible("APIs") }
    return stride(from: 0, to: numbers.count, by: length).map { Array(numbers[$0..<$0 + length]) }
  }

  private static func range(_ lower: Int32, _ upper: Int32) throws -> Range<Int32> {
    guard 0 <= lower, lower <= upper else { throw SnapshotFileError.impossible("APIs") }
    return lower..<upper
  }

  private var areRangesPossible: Bool {
    let ends = endpoints.count
    return edges.allSatisfy { $0.label.upperBound <= labels.count }
      && nodes.allSatisfy {
        $0.exact.upperBound <= ends && $0.prefix.upperBound <= ends && $0.openPrefix.upperBound <= ends
      }
  }

  /// Whether every node but the first is reached once, from one before it, and none is too deep.
  private var isTree: Bool {
    guard !nodes.isEmpty else { return false }
    var depths = [Int](repeating: -1, count: nodes.count)
    depths[0] = 0
    for (index, node) in nodes.enumerated() {
      guard depths[index] >= 0, depths[index] <= Self.maximumDepth, node.edges.upperBound <= edges.count else {
        return false
      }
      let children = edges[Int(node.edges.lowerBound)..<Int(node.edges.upperBound)].map(\.node)
      for child in children + (node.parameter == 0 ? [] : [node.parameter]) {
        guard child > index, child < nodes.count, depths[Int(child)] < 0 else { return false }
        depths[Int(child)] = depths[index] + 1
      }
    }
    return true
  }
}

extension APIMethod {
  fileprivate init?(number: UInt8) {
    guard Int(number) < Self.allCases.count else { return nil }
    self = Self.allCases[Int(number)]
  }
}
