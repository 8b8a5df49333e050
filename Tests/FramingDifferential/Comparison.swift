import Framing

/// Holds what we made of some traffic against what llhttp made of it.
///
/// Ours may refuse what llhttp takes. It may not take what llhttp refuses, nor see other messages where both take it.
/// What llhttp knows and HTTP does not, or the other way round, and is no framing, is levelled out first:
/// - It takes a closed list of methods; a method is any token (RFC 9110 §9.1). It is given `PUT` in an unknown one's place.
/// - In HTTP/1.0 it keeps a connection that both `close` and `keep-alive` are said of, or `keep-alive` by
///   `Proxy-Connection` alone, which no standard knows; we close it, which is always safe.
/// - It stops where a request asks for another protocol; we go on with HTTP/1, as one who does not upgrade has to
///   (RFC 9110 §7.8).
/// - It passes all trailers on; we drop those that may not be there (RFC 9110 §6.5.1).
package struct Comparison: Sendable {
  package enum Verdict: Sendable, Equatable {
    /// Both took all of it.
    case bothAccept
    /// Both refused, or one did while nothing was decided by the other.
    case bothRefuse
    /// We refused, with this reason, what llhttp takes.
    case stricter(String)
    /// A defect.
    case disagreement(String)
  }

  package let verdict: Verdict
  package let ours: Reading
  package let llhttps: Reading

  /// Compares the readings of `traffic`.
  package static func of(_ traffic: Traffic) throws -> Comparison {
    let comparison = try once(traffic)
    // A line without its end is not refused yet, whatever is in it.
    if case .open(isMidLine: true) = comparison.ours.ending, case .refused = comparison.llhttps.ending,
      comparison.verdict == .bothRefuse
    {
      return try once(traffic.followed(by: Array("\r\n\r\n".utf8)))
    }
    return comparison
  }

  private static func once(_ traffic: Traffic) throws -> Comparison {
    let ours = OurReader.read(traffic)
    if !traffic.cuts.isEmpty {
      let whole = OurReader.read(traffic.whole)
      guard ours == whole else {
        return Comparison(verdict: .disagreement("we read it otherwise in one piece"), ours: ours, llhttps: whole)
      }
    }
    let levelled = traffic.withKnownMethods(ours.messages.map(\.method))
    let llhttps = try LlhttpReader.read(levelled)
    return Comparison(verdict: judge(ours, llhttps), ours: ours, llhttps: llhttps)
  }

  private static func judge(_ ours: Reading, _ llhttps: Reading) -> Verdict {
    for (number, message) in ours.messages.enumerated() {
      let isLast = number == ours.messages.count - 1
      guard number < llhttps.messages.count else { return .disagreement("llhttp does not take head \(number)") }
      if let difference = difference(message, llhttps.messages[number]) {
        return .disagreement("message \(number): \(difference)")
      }
      if message.isComplete, message.asksForUpgrade { return .bothAccept }
      if !isLast, !message.isComplete { return .disagreement("message \(number) has no end") }
    }
    return judgeEnd(ours, llhttps)
  }

  private static func judgeEnd(_ ours: Reading, _ llhttps: Reading) -> Verdict {
    let isSameCount = ours.messages.count == llhttps.messages.count
    switch (ours.ending, llhttps.ending) {
    case (.refused, .refused): return .bothRefuse
    case (.refused(let reason), _): return .stricter(reason)
    case (.closed, _): return .bothAccept
    case (.open(let isMidLine), .refused(let reason)):
      if isMidLine { return .bothRefuse }
      return .disagreement("llhttp refuses (\(reason)), we wait for more")
    case (.open, _):
      guard isSameCount else { return .disagreement("llhttp sees \(llhttps.messages.count) messages") }
      guard ours.endedByClose == llhttps.endedByClose else { return .disagreement("the close ends one of them") }
      guard ours.messages.last?.isComplete == llhttps.messages.last?.isComplete,
        ours.messages.last?.body == llhttps.messages.last?.body
      else { return .disagreement("llhttp has read more of the body") }
      return .bothAccept
    }
  }

  /// What differs in a message that both read, as far as we did.
  private static func difference(_ ours: Reading.Message, _ llhttps: Reading.Message) -> String? {
    if ours.levelledStart != llhttps.start { return "the start line" }
    if ours.minorVersion != llhttps.minorVersion { return "the version" }
    if ours.fields != llhttps.fields { return "the fields" }
    if ours.isComplete {
      if !llhttps.isComplete { return "llhttp sees no end" }
      if ours.body != llhttps.body { return "the body" }
      if ours.trailers != llhttps.trailers.filter(\.isAllowedInTrailers) { return "the trailers" }
    } else if !llhttps.body.starts(with: ours.body) {
      return "the body so far"
    }
    if let keeps = ours.keepsConnection, let other = llhttps.keepsConnection, keeps != other {
      if keeps || ours.minorVersion == 1 || !ours.asksToKeep { return "whether the connection is kept" }
    }
    return nil
  }
}

extension Reading.Message {
  fileprivate var levelledStart: [[UInt8]] {
    guard start.count == 2, !Traffic.knownMethods.contains(start[0]) else { return start }
    return [Traffic.placeholder, start[1]]
  }

  /// Whether a field asks to keep the connection.
  fileprivate var asksToKeep: Bool {
    fields.contains { field in
      ["connection", "proxy-connection"].contains(String(decoding: field.name, as: UTF8.self).lowercased())
        && String(decoding: field.value, as: UTF8.self).lowercased().contains("keep-alive")
    }
  }
}

extension Reading.Line {
  fileprivate var isAllowedInTrailers: Bool {
    !FieldName(name.span, ByteRange(0, name.count)).isForbiddenInTrailers
  }
}

extension Traffic {
  /// The methods of HTTP in llhttp 9.3, less M-SEARCH, which SwiftNIO spells otherwise.
  static let knownMethods = Set(
    """
    DELETE GET HEAD POST PUT CONNECT OPTIONS TRACE COPY LOCK MKCOL MOVE PROPFIND PROPPATCH SEARCH UNLOCK BIND REBIND
    UNBIND ACL REPORT MKACTIVITY CHECKOUT MERGE NOTIFY SUBSCRIBE UNSUBSCRIBE PATCH PURGE MKCALENDAR LINK
    UNLINK QUERY
    """.split(whereSeparator: \.isWhitespace).map { Array($0.utf8) })

  static let placeholder = Array("PUT".utf8)

  /// The traffic with llhttp's placeholder for each method that it does not know.
  fileprivate func withKnownMethods(_ methods: [Range<Int>]) -> Traffic {
    var traffic = self
    for method in methods.reversed() where !Self.knownMethods.contains(Array(bytes[method])) && !method.isEmpty {
      traffic.bytes.replaceSubrange(method, with: Self.placeholder)
      // Cuts within the method move to its end.
      let growth = Self.placeholder.count - method.count
      traffic.cuts = traffic.cuts.map { $0 >= method.upperBound ? $0 + growth : min($0, method.lowerBound) }
    }
    return traffic
  }
}
