import NIOCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How a client's connection ends: once all of the last answer is sent, or with a reset.
extension ClientConnection {
  /// Ends the connection so that the client cannot take what it got for a whole answer: with a reset.
  func cut() {
    guard let context, state != .closed else { return }
    state = .closed
    output.clear()
    if let socket = context.channel as? any SocketOptionProvider {
      _ = socket.setSoLinger(linger(l_onoff: 1, l_linger: 0))
    }
    context.close(promise: nil)
  }

  /// Closes once the answer is sent: first for writing, and wholly when the client has closed too, since a client that
  /// still sends would lose the answer to a reset.
  func closeAfterAnswer() {
    guard let context, state != .lingering, state != .closed else { return }
    writeOutput()
    state = .lingering
    input = ByteBuffer()
    hasWritten = false
    context.flush()
    unsentBytes = bufferedBytes
    if unsentBytes == 0 { return answerSent() }
    // However long it takes the client to read the rest: only one that takes nothing at all is given up.
    deadline = loop.now + loop.shared.waits.bodyIdle
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenSuccess { bound.value.answerSent() }
    resumeReading()
  }

  /// The system has all of the last answer.
  private func answerSent() {
    guard let context, state == .lingering else { return }
    isAnswerSent = true
    guard !isInputClosed else { return context.close(promise: nil) }
    deadline = loop.now + loop.shared.waits.linger
    context.close(mode: .output, promise: nil)
    resumeReading()
  }

  /// The client has closed its side too.
  func inputClosedWhileLingering() {
    if isAnswerSent { context?.close(promise: nil) }
  }

  /// Nothing has been heard of a closing connection for too long.
  func lingeredEnough() {
    guard !isAnswerSent else { return context?.close(promise: nil) ?? () }
    let left = bufferedBytes
    guard left < unsentBytes else { return cut() }
    unsentBytes = left
    deadline = loop.now + loop.shared.waits.bodyIdle
  }

  /// Throws away what a closing connection still sends.
  func discard(_ bytes: Int) {
    lingeringBytes += bytes
    guard lingeringBytes > Self.lingeringLimit else { return }
    if isAnswerSent { context?.close(promise: nil) } else { cut() }
  }

  private static let lingeringLimit = 1 << 20

  /// What was written and the system has not taken.
  private var bufferedBytes: Int {
    guard let options = context?.channel.syncOptions else { return 0 }
    return (try? options.getOption(.bufferedWritableBytes)) ?? 0
  }
}
