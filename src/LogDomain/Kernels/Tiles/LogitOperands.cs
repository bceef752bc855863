namespace LogDomain.Kernels.Tiles;

/// <summary>What logits are made of.</summary>
/// <typeparam name="T">The elements of queries and keys.</typeparam>
internal unsafe readonly struct LogitOperands<T>
    where T : unmanaged
{
    public required T* QueryRows { get; init; }

    /// <summary>The rows that are queries, ascending, or null for all.</summary>
    public int* Rows { get; init; }

    public required int Queries { get; init; }

    public required T* KeyRows { get; init; }

    public required int Keys { get; init; }

    /// <summary>Numbers of a query, and of a key.</summary>
    public required nint Depth { get; init; }

    /// <summary>What is added to each logit of a key, or null.</summary>
    public float* Bias { get; init; }

    /// <summary>The row of a query.</summary>
    public nint Row(int query) => Rows == null ? query : Rows[query];
}
