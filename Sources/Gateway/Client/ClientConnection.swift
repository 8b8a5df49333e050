import Framing
import Metering
import NIOCore
import Routing

/// A client's connection: reads requests one after another, has each decided, and answers it or joins it with a backend.
///
/// It is not read past the request in hand: what arrives beyond it waits, and after one buffer of it the socket is not
/// read either. What a request costs is kept here and used again: the head's storage and the buffers of both directions.
final class ClientConnection: ChannelDuplexHandler, Watched {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// What the listener is for.
  enum Role: Sendable { case gateway, `internal` }

  enum State {
    /// Between requests, or within a head.
    case head
    /// Waiting for what a limit allows; the head is in hand.
    case limiting
    /// Waiting for its turn; the head is in hand.
    case queued
    case exchange
    /// Answered; the rest of the request's body is read and thrown away.
    case discarding
    /// The last answer is sent; what still comes is thrown away until the client closes.
    case lingering
    case closed
  }

  let loop: GatewayLoop
  let role: Role
  let peer: Peer
  var context: ChannelHandlerContext?
  var state = State.head

  // What came from the client and was not dealt with, and what it is read by.
  var input = ByteBuffer()
  var parser: RequestHeadParser
  var head = RequestHead()
  var decoder = BodyDecoder(RequestBody.none)
  var bodyLimit = BodyLimit(bytes: 0)
  var bodyPace: BodyPace

  // The exchange in hand.
  var exchange = Exchange(Exchange.Request())
  var requestID: RequestID
  var trace: TraceContext
  /// What is counted and written down of the call.
  var call = CallRecord()
  var logged = LoggedCall()
  /// Where it was sent to, for the log.
  var backendAddress: [UInt8] = []
  var form = Addressing.Form.path
  /// What the group's `cors` policy has the answer say, whichever it is; nil without one.
  var crossOrigin: CrossOriginFields?
  /// What the call was counted for, until it is known what came of it.
  var admittance: Admittance?
  /// What its answer says of limits.
  var standings = CallStandings()
  var allowances = Allowances.Memo()
  var limitWait = LimitWait()
  /// Whose the call in hand is, where something is shared out.
  var party = Party.nobody
  /// The call in hand has had its turn to be answered.
  var hasTurn = false
  /// What was decided of it before it waited for that.
  var kept: KeptDecision?
  /// What the call in hand is counted in while it is under way.
  var underWay = CallsUnderWay.Places()
  /// What the connection is counted in while it is open.
  var held = ConnectionsHeld.Places()
  /// More connections are open than its address or its caller may hold: its next answer is its last.
  var isSurplus = false
  /// The round of the loop's turns in which the connection was read last.
  private var readRound: UInt32 = 0
  private var isReadOver = true
  /// A call that was refused and is counted once its answer is on its way.
  var lateMetered: MeteredCall?
  var target: Target?
  var standing: Standing?
  var bindings = BindingMemo()
  var secrets: SecretMemo
  var pool: BackendPool?
  var backend: BackendConnection?
  /// The head for the backend; kept until the answer, for a second try.
  var backendHead = ByteBuffer()
  /// What the pool was found by, so that it need not be looked up for every request.
  var lastBackend: HTTPBackend?

  // What goes to the client and was not written to the socket.
  var output = ByteBuffer()
  var hasWritten = false

  var isProcessing = false
  var isReadHeld = false
  var isInputClosed = false
  private(set) var isWritable = true
  var lingeringBytes = 0
  /// Of the last answer, when it was last looked at how the client takes it.
  var unsentBytes = 0
  var isAnswerSent = false
  var deadline: NIODeadline
  var watchSlot = -1

  init(loop: GatewayLoop, role: Role, peer: Peer) {
    self.loop = loop
    self.role = role
    self.peer = peer
    parser = RequestHeadParser(limits: loop.shared.configuration.limits)
    secrets = SecretMemo(importedValueKeys: loop.shared.importedValueKeys)
    requestID = RequestID(using: &loop.requestIDs)
    trace = TraceContext(using: &loop.requestIDs)
    deadline = loop.now + loop.clientIdle
    bodyPace = BodyPace(
      bytesPerSecond: loop.shared.configuration.minimumBodyRate, longestPause: loop.shared.waits.bodyIdle,
      now: loop.now)
  }
}

// MARK: Channel events

extension ClientConnection {
  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    loop.watch(self)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    loop.unwatch(self)
  }

  func channelActive(context: ChannelHandlerContext) {
    holdPlace()
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    if isReadOver {
      isReadOver = false
      loop.turns.isRead(lastIn: &readRound)
    }
    if state == .lingering || state == .closed { return discard(bytes.readableBytes) }
    if input.readableBytes == 0 {
      if state == .head { deadline = loop.now + loop.shared.waits.requestHead }
      input = bytes
    } else {
      input.writeBuffer(&bytes)
    }
    process()
  }

  /// Once for each look of the loop at its sockets, however often was read.
  func channelReadComplete(context: ChannelHandlerContext) {
    isReadOver = true
    context.fireChannelReadComplete()
  }

  /// Reads on only while there is use for more bytes.
  func read(context: ChannelHandlerContext) {
    if wantsBytes { context.read() } else { isReadHeld = true }
  }

  private var wantsBytes: Bool {
    switch state {
    case .head, .discarding, .lingering, .closed: true
    case .limiting: false
    // What waits for its turn is mostly all there is, and a socket that is taken from the poll and put back costs two
    // calls of the system each time; nor would the client be seen to go.
    case .queued: input.readableBytes <= head.byteCount
    case .exchange:
      // Within the body, what is in hand is a beginning that needs its end. Behind it, what is in hand waits for its
      // turn; nothing in hand: read on, if only to see the client go.
      (exchange.takesRequestBody || input.readableBytes == 0) && (backend?.isWritable ?? true)
    }
  }

  func resumeReading() {
    guard isReadHeld, wantsBytes else { return }
    isReadHeld = false
    context?.read()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    isWritable = context.channel.isWritable
    guard isWritable else { return }
    if state == .exchange, backend != nil { progressed() }
    backend?.resumeReading()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .inputClosed? = event as? ChannelEvent { inputClosed() }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  func channelInactive(context: ChannelHandlerContext) {
    loop.unwatch(self)
    self.context = nil
    let state = state
    self.state = .closed
    limitWait.reset()
    if state == .exchange { perform(exchange.clientClosed()) }
    endCall(isWhole: false)
    giveUpPlace()
    context.fireChannelInactive()
  }
}
