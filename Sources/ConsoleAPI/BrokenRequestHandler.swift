import Contract
import HTTPTypes
import Model
package import NIOCore
import NIOHTTP1
package import NIOHTTPTypes

/// Answers what is no HTTP with a problem, and ends the connection, since nobody knows where the next request begins.
package final class BrokenRequestHandler: ChannelDuplexHandler, RemovableChannelHandler {
  package typealias InboundIn = HTTPRequestPart
  package typealias InboundOut = HTTPRequestPart
  package typealias OutboundIn = HTTPResponsePart
  package typealias OutboundOut = HTTPResponsePart

  /// Requests whose answer is not at its end: what breaks now breaks one of them.
  private var unanswered = 0
  private var isBroken = false

  package init() {}

  package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .head = unwrapInboundIn(data) { unanswered += 1 }
    context.fireChannelRead(data)
  }

  package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .end = unwrapOutboundIn(data) { unanswered -= 1 }
    context.write(data, promise: promise)
  }

  package func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError, unanswered == 0, !isBroken else {
      return context.fireErrorCaught(error)
    }
    isBroken = true
    let code: ProblemCode = error == .headerOverflow ? .headTooLarge : .malformedRequest
    refuse(code, context: context)
  }
}

extension ChannelOutboundHandler where OutboundOut == HTTPResponsePart {
  /// Answers with a problem and closes the connection.
  func refuse(_ code: ProblemCode, context: ChannelHandlerContext) {
    let id = ID<ConsoleRequest>.random().description
    let problem = Problem(code, requestID: id)
    let body = ByteBuffer(bytes: Problem.shape.json(problem).bytes)
    let fields: HTTPFields = [
      .contentType: Problem.mediaType, .contentLength: "\(body.readableBytes)", .connection: "close",
      .cacheControl: "no-store", .requestID: id,
    ]
    let head = HTTPResponse(status: .init(code: problem.status), headerFields: fields)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(body)), promise: nil)
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in bound.value.close(promise: nil) }
  }
}
