namespace LogDomain.Peers.Peers;

/// <summary>A library that takes part.</summary>
internal interface IPeer
{
    /// <summary>The head of its column.</summary>
    string Name { get; }

    /// <summary>Its full name and version.</summary>
    string Description { get; }

    /// <summary>Binds an operation to the buffers of <paramref name="work"/>; null where the library has no such operation.</summary>
    Contestant? Prepare(Operation operation, Workload work, int threads);
}
