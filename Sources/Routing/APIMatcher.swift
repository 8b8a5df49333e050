import Framing
import Model

/// The APIs of a revision as a tree of path segments in flat arrays, searched without making anything.
///
/// Precedence: an exact path, then a template, then the longest prefix; among templates, and among prefixes of one
/// length, the one whose first difference is a literal. A pattern whose method does not fit gives way to the next.
struct APIMatcher: Sendable {
  /// What a search finds.
  enum Outcome: Hashable, Sendable {
    case api(ID<API>)
    case noPath
    /// Patterns take the path, none of them the method.
    case otherMethods(Methods)
  }

  struct Endpoint: Sendable {
    let method: APIMethod
    let api: ID<API>
  }

  /// A segment that leads from one node to the next, its bytes in `labels`.
  struct Edge: Sendable {
    let label: Range<Int32>
    let node: Int32
  }

  struct Node: Sendable {
    /// Sorted by label.
    var edges: Range<Int32> = 0..<0
    /// The node behind `{name}`; 0, the root, for none.
    var parameter: Int32 = 0
    var exact: Range<Int32> = 0..<0
    var prefix: Range<Int32> = 0..<0
    /// Of prefixes written with a slash at the end: the path must go on.
    var openPrefix: Range<Int32> = 0..<0
  }

  let nodes: [Node]
  let edges: [Edge]
  let labels: [UInt8]
  let endpoints: [Endpoint]

  /// From arrays that fit together.
  init(nodes: [Node], edges: [Edge], labels: [UInt8], endpoints: [Endpoint]) {
    (self.nodes, self.edges, self.labels, self.endpoints) = (nodes, edges, labels, endpoints)
  }

  /// - Parameter path: A part of a checked path that begins with `/`, or is empty, which is as `/`.
  /// - Parameter method: `nil` for one that only `ANY` takes.
  func match(_ path: ByteRange, method: APIMethod?, in bytes: Span<UInt8>) -> Outcome {
    var search = Search(method: method, end: path.upperBound)
    let start = path.count == 1 ? path.upperBound : path.lowerBound
    visit(0, at: start, depth: 0, isTemplate: false, &search, bytes)
    if let best = search.best { return .api(endpoints[Int(best)].api) }
    return search.found.isEmpty ? .noPath : .otherMethods(search.found)
  }

  /// Follows the path from `node`; `at` is where its next segment's slash is, or its end.
  private func visit(
    _ index: Int32, at: Int, depth: Int, isTemplate: Bool, _ search: inout Search, _ bytes: Span<UInt8>
  ) {
    let node = nodes[Int(index)]
    offer(node.prefix, rank: Rank.prefix(segments: depth, isOpen: false), &search)
    guard at < search.end else {
      offer(node.exact, rank: isTemplate ? Rank.template : Rank.exact, &search)
      return
    }
    offer(node.openPrefix, rank: Rank.prefix(segments: depth, isOpen: true), &search)
    let next = bytes.segmentEnd(from: at + 1, to: search.end)
    let segment = ByteRange(at + 1, next)
    if let child = child(of: node, segment, bytes) {
      visit(child, at: next, depth: depth + 1, isTemplate: isTemplate, &search, bytes)
    }
    if node.parameter != 0, !segment.isEmpty, search.rank < Rank.exact {
      visit(node.parameter, at: next, depth: depth + 1, isTemplate: true, &search, bytes)
    }
  }

  /// Takes the endpoint that fits the method best, if there is one and nothing found so far ranks as high.
  @inline(__always)
  private func offer(_ range: Range<Int32>, rank: Int, _ search: inout Search) {
    guard !range.isEmpty else { return }
    var (best, distance) = (Int32(-1), Int.max)
    for index in range {
      let method = endpoints[Int(index)].method
      search.found.formUnion(Methods(takenBy: method))
      if let fit = method.distance(to: search.method), fit < distance { (best, distance) = (index, fit) }
    }
    if best >= 0, rank > search.rank { (search.best, search.rank) = (best, rank) }
  }

  private func child(of node: Node, _ segment: ByteRange, _ bytes: Span<UInt8>) -> Int32? {
    var (low, high) = (node.edges.lowerBound, node.edges.upperBound)
    while low < high {
      let middle = low + (high - low) / 2
      let edge = edges[Int(middle)]
      let order = compare(segment, edge.label, bytes)
      if order == 0 { return edge.node }
      if order < 0 { high = middle } else { low = middle + 1 }
    }
    return nil
  }

  /// Negative, zero or positive, as the segment comes before the label, is the same, or comes after it.
  private func compare(_ segment: ByteRange, _ label: Range<Int32>, _ bytes: Span<UInt8>) -> Int {
    let (start, count) = (Int(label.lowerBound), label.count)
    for offset in 0..<min(segment.count, count) {
      let (left, right) = (bytes[segment.lowerBound + offset], labels[start + offset])
      if left != right { return left < right ? -1 : 1 }
    }
    return segment.count - count
  }
}

/// What a search has found so far.
private struct Search {
  let method: APIMethod?
  /// Where the path ends.
  let end: Int
  var best: Int32?
  var rank = -1
  /// The methods of all patterns that take the path.
  var found: Methods = []
}

/// How patterns that take the same path come before each other: the higher, the more specific.
private enum Rank {
  static let exact = Int.max
  static let template = Int.max - 1

  static func prefix(segments: Int, isOpen: Bool) -> Int { segments * 2 + (isOpen ? 1 : 0) }
}
