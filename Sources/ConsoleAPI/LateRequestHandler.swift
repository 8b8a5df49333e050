import Contract
import HTTPTypes
package import NIOCore
package import NIOHTTPTypes

/// Ends a connection whose request is not there whole in time: nobody can send many of them halfway, and have them done
/// whenever it suits.
///
/// It is told why, unless another answer is on its way, or this one was given before the request's end.
package final class LateRequestHandler: ChannelDuplexHandler, RemovableChannelHandler {
  package typealias InboundIn = HTTPRequestPart
  package typealias InboundOut = HTTPRequestPart
  package typealias OutboundIn = HTTPResponsePart
  package typealias OutboundOut = HTTPResponsePart

  private let time: TimeAmount
  private var deadline: Scheduled<Void>?
  /// Requests whose answer is not at its end.
  private var unanswered = 0
  private var isAnswering = false
  private var isOver = false

  /// - Parameter time: from a request's head to its end.
  package init(within time: TimeAmount = .minutes(1)) {
    self.time = time
  }

  package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head:
      unanswered += 1
      let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
      deadline = context.eventLoop.scheduleTask(in: time) {
        let (handler, context) = bound.value
        handler.end(context)
      }
    case .body: break
    case .end: deadline?.cancel()
    }
    context.fireChannelRead(data)
  }

  package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard !isOver else {
      promise?.fail(ChannelError.ioOnClosedChannel)
      return
    }
    switch unwrapOutboundIn(data) {
    case .head(let head): isAnswering = head.status.kind != .informational
    case .body: break
    case .end: (isAnswering, unanswered) = (false, unanswered - 1)
    }
    context.write(data, promise: promise)
  }

  package func handlerRemoved(context: ChannelHandlerContext) {
    deadline?.cancel()
  }

  private func end(_ context: ChannelHandlerContext) {
    isOver = true
    guard unanswered == 1, !isAnswering else { return context.close(promise: nil) }
    refuse(.requestTimeout, context: context)
  }
}
