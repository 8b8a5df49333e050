import Console
import Contract
import Model
import Store

extension Refusal {
  /// A refusal of this code as the document shows it: made of an error that leads to it.
  static func example(of code: ProblemCode, for input: InputDescription) -> Refusal {
    if code == .invalidInput { return Refusal(InvalidInput([complaint(about: input)])) }
    if code == .invalidJSON { return unparsed }
    return errors.lazy.compactMap { Refusal($0, path: "/v1") }.first { $0.code == code } ?? Refusal(code)
  }

  /// What is most likely wrong with a request.
  private static func complaint(about input: InputDescription) -> InvalidInput.Complaint {
    if let member = input.body?.members?.first {
      return .init(pointer: "/" + member.name, detail: member.isRequired ? "is missing" : "must be a string")
    }
    if let parameter = input.query?.members.first {
      return .init(
        pointer: "?" + parameter.name,
        detail: parameter.name == "limit" ? "must be a whole number from 1 to 200" : "is given more than once")
    }
    return input.body == nil
      ? .init(pointer: "?colour", detail: "is not known here") : .init(pointer: "", detail: "must be an object")
  }

  /// A body that ends within an object.
  private static var unparsed: Refusal {
    do {
      _ = try JSONValue(parsing: Array(#"{"name": "Web shop""#.utf8))
    } catch {
      if let refusal = Refusal(BodyError.notJSON(error), path: "/v1") { return refusal }
    }
    return Refusal(.invalidJSON)
  }

  /// One for each code whose refusals say more than their title.
  private static let errors: [any Error] = [
    StoreError.conflict(.tenantSlug), StoreError.conflict(.accountEmail), StoreError.conflict(.groupPrefix),
    StoreError.conflict(.apiShape), StoreError.conflict(.revisionVersion), StoreError.forbidden(.prefixFrozen),
    StoreError.forbidden(.keyQuota), StoreError.conflict(.ownHost), ConsoleError.wrongPassword, ConsoleError.valueTaken,
    ConsoleError.groupLive(in: [.online]), ConsoleError.alreadyAuthorized(targets: [0]),
    ConsoleError.limitPolicyInUse(.example),
  ]
}

extension LimitPolicy.Uses {
  fileprivate static var example: LimitPolicy.Uses {
    let target = DisplayName("Orders").map {
      Authorization.Target(group: .example, groupName: $0, environment: .online)
    }
    return LimitPolicy.Uses(authorizations: [], environments: target.map { [$0] } ?? [], areMore: false)
  }
}
