import Contract
import Logging
import NIOHTTP1
import Postgres
import TestPostgres
import TestWire
import Testing

extension AttackTests {
  /// Row 8: a revoked key comes back.
  @Suite struct RevokeTests {
    /// A gateway's read is held up, its view of the database older than the revoke, and ends after it.
    @Test func aReadThatEndsAfterTheRevokeBringsNothingBack() async throws {
      let target = AttackTarget.current
      try await target.withGroup { group in
        try await target.withGroup { other in
          let (canary, authorization) = try await admitted(to: group)
          try await whileReadsWait {
            // The key is read again for this, and still has both authorizations in that view.
            _ = try await target.provider.authorize(canary.id, for: other.id)
            try await untilAReadWaits()
            try await revoke(authorization)
          }
          try await expectRefusal(of: canary.secret, for: group, at: target.latchkey)
        }
      }
    }

    /// A gateway that starts reads everything, and is held up as well.
    @Test func aLoadThatEndsAfterTheRevokeBringsNothingBack() async throws {
      let target = AttackTarget.current
      try await target.withGroup { group in
        let (canary, authorization) = try await admitted(to: group)
        let environment = target.server.configuration.environment
        let (locked, signal) = AsyncStream<Void>.makeStream()
        async let released: Void = whileReadsWait {
          signal.finish()
          try await untilAReadWaits()
          try await revoke(authorization)
        }
        for await _ in locked {}
        try await RunningLatchkey.with(role: "gateway", environment: environment) { late in
          try await expectRefusal(of: canary.secret, for: group, at: late)
          try await expectRefusal(of: canary.secret, for: group, at: target.latchkey)
        }
        try await released
      }
    }

    enum Revocation: CaseIterable { case authorizationDeleted, keyDisabled, keyDeleted }

    /// From the console's answer to the end of a stream that is open at the gateway. Over a dozen of them, and one in the
    /// middle is held to it, since the machine may be busy with other things for a moment.
    @Test(arguments: Revocation.allCases) func endsOpenStreamsWithinASecond(_ revocation: Revocation) async throws {
      let target = AttackTarget.current
      try await target.withGroup(behaviour: .holds) { group in
        var times: [Duration] = []
        for _ in 0..<11 {
          let (canary, authorization) = try await group.authorizedKey()
          times.append(
            try await group.endOfStream(of: canary.secret) {
              try await perform(revocation, canary.id, authorization)
            })
        }
        let median = times.sorted()[times.count / 2]
        #expect(median < .seconds(1), "\(times)")
      }
    }

    private func perform(_ revocation: Revocation, _ key: String, _ authorization: String) async throws {
      switch revocation {
      case .authorizationDeleted: try await revoke(authorization)
      case .keyDisabled:
        let answer = try await AttackTarget.current.caller.call(
          .PATCH, "/subscription-keys/\(key)", ["state": "disabled"])
        try #require(answer.status == 200)
      case .keyDeleted:
        let answer = try await AttackTarget.current.caller.call(.DELETE, "/subscription-keys/\(key)")
        try #require(answer.status == 204)
      }
    }

    /// A key that the backend has answered.
    private func admitted(to group: AttackedGroup) async throws -> AttackedGroup.Admitted {
      try await group.authorizedKey(by: "http://\(group.target.latchkey.address(of: "gateway"))\(group.path)/x")
    }

    private func revoke(_ authorization: String) async throws {
      let answer = try await AttackTarget.current.provider.call(.DELETE, "/authorizations/\(authorization)")
      try #require(answer.status == 204)
    }

    /// Refused in the end, and never admitted again, whatever is read meanwhile.
    private func expectRefusal(of secret: String, for group: AttackedGroup, at latchkey: RunningLatchkey) async throws {
      let url = "http://\(latchkey.address(of: "gateway"))\(group.path)/x"
      let first = try await Caller.untilStatus(403, url, headers: keyed(secret))
      #expect(first.status == 403)
      for _ in 0..<20 {
        _ = try await group.target.caller.key()
        for _ in 0..<5 {
          let answer = try await Caller.call(.GET, url, headers: keyed(secret))
          #expect(answer.status == 403)
        }
      }
    }

    /// Nobody can read secrets, which a gateway reads before it reads what they are authorized for.
    private func whileReadsWait(_ body: () async throws -> Void) async throws {
      let server = AttackTarget.current.server.configuration
      try await PostgresPool.withPool(server, logger: Logger(label: "test")) { pool in
        try await pool.transaction { transaction in
          try await transaction.execute(Query<Void>("test.lock", "LOCK TABLE subscription_secrets"))
          try await body()
        }
      }
    }

    private func untilAReadWaits() async throws {
      let waiting = Query<Int>(
        "test.waiting",
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE application_name = 'latchkey gateway' AND wait_event_type = 'Lock'
        """)
      let server = AttackTarget.current.server.configuration
      try await PostgresPool.withPool(server, logger: Logger(label: "test")) { pool in
        while try await pool.only(waiting) == 0 { try Task.checkCancellation() }
      }
    }
  }
}

extension AttackTests {
  /// As above, where the gateway hears of nothing: a change that no console makes is not announced. Nobody else changes
  /// anything here meanwhile.
  @Suite(.underAttack) struct UnheardRevokeTests {
    @Test func endsOpenStreamsWithinASecond() async throws {
      let target = AttackTarget.current
      try await PostgresPool.withPool(target.server.configuration, logger: Logger(label: "test")) { pool in
        try await target.withGroup(behaviour: .holds) { group in
          var times: [Duration] = []
          for _ in 0..<11 {
            let (canary, authorization) = try await group.authorizedKey()
            times.append(
              try await group.endOfStream(of: canary.secret) {
                let deleted = try await pool.execute(
                  Query<Void>("test.revoke", "DELETE FROM authorizations WHERE id = \(authorization)"))
                try #require(deleted == 1)
              })
          }
          let median = times.sorted()[times.count / 2]
          #expect(median < .seconds(1), "\(times)")
        }
      }
    }
  }
}

extension AttackedGroup {
  fileprivate typealias Admitted = (key: (id: String, secret: String), authorization: String)

  /// A key that is authorized, once a call of this says so; else once a check does, of which the backend hears nothing.
  fileprivate func authorizedKey(by url: String? = nil) async throws -> Admitted {
    let canary = try await target.caller.key()
    let authorization = try await target.provider.authorize(canary.id, for: id)
    let check = "http://\(target.latchkey.address(of: "internal"))/check/nginx"
    let headers = url == nil ? [("X-Original-Method", "GET"), ("X-Original-URI", "\(path)/ready")] : []
    let answer = try await Caller.untilStatus(200, url ?? check, headers: headers + keyed(canary.secret))
    try #require(answer.status == 200)
    return (canary, authorization)
  }

  /// How long after `revoke` a stream ends that was opened with the secret before it.
  fileprivate func endOfStream(of secret: String, after revoke: () async throws -> Void) async throws -> Duration {
    let stream = try await Wire.connect(to: target.gatewayPort)
    let keyLine = "jdcloud-apim-subscription-key: \(secret)\r\n"
    try await stream.send(request("GET", "/stream", keyLine, keyed: false))
    _ = try await stream.read(through: "hello")
    try await revoke()
    let begun = ContinuousClock.now
    #expect(await stream.readToAnyEnd() == ("", .reset))
    return ContinuousClock.now - begun
  }
}
