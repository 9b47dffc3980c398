import AkuaModel

/// A list of the workspace by id: positions in the list, since a copy of each object would be as large as the list.
struct ListIndex<Object: LiveObject>: Sendable {
    private let list: [Object]
    private let positions: [Identifier<Object>: Int]

    /// Of two objects with one id the first is taken; what `isTaken` refuses is not in the index.
    init(_ list: [Object], where isTaken: (Object) -> Bool = { _ in true }) {
        self.list = list
        var positions: [Identifier<Object>: Int] = [:]
        positions.reserveCapacity(list.count)
        for (position, object) in list.enumerated() where isTaken(object) && positions[object.id] == nil {
            positions[object.id] = position
        }
        self.positions = positions
    }

    subscript(id: Identifier<Object>) -> Object? { positions[id].map { list[$0] } }

    /// The objects, each once, in no order.
    var objects: some Collection<Object> { positions.values.lazy.map { list[$0] } }
}
