namespace LogDomain.Kernels.Attention;

/// <summary>
/// What attends to one head of keys and values: a row for each query of each query head that shares it. Row r is query <c>r % Queries</c> of head <c>FirstHead + r / Queries</c>.
/// </summary>
/// <typeparam name="T">The elements of all arrays.</typeparam>
internal readonly unsafe struct AttentionItem<T>
    where T : unmanaged
{
    public required int Batch { get; init; }

    public required int FirstHead { get; init; }

    /// <summary>Query heads that share the keys and values.</summary>
    public required int Heads { get; init; }

    public required int Queries { get; init; }

    public required int Keys { get; init; }

    /// <summary>The place of query 0 among the keys, for everything that depends on distances.</summary>
    public required long FirstPosition { get; init; }

    public required T* Query { get; init; }

    /// <summary>Between two heads, and between two queries, of the query.</summary>
    public required nint QueryHead { get; init; }

    public required nint QueryRow { get; init; }

    public required FeatureRows<T> Key { get; init; }

    public required FeatureRows<T> Value { get; init; }

    /// <summary>Null if the rows become states.</summary>
    public T* Output { get; init; }

    public nint OutputHead { get; init; }

    public nint OutputRow { get; init; }

    /// <summary>Null if not wanted. Of the type that <see cref="LogSumExpIsDouble"/> says.</summary>
    public void* LogSumExp { get; init; }

    public bool LogSumExpIsDouble { get; init; }

    public nint LogSumExpHead { get; init; }

    public nint LogSumExpRow { get; init; }

    /// <summary>The states that gain the rows; its rows are numbered as those of the item.</summary>
    public AttentionSums States { get; init; }

    public int Rows => Heads * Queries;

    public int Head(int row) => FirstHead + (row / Queries);

    public T* QueryOf(int row) => Query + (row / Queries * QueryHead) + (row % Queries * QueryRow);

    public T* OutputOf(int row) => Output + (row / Queries * OutputHead) + (row % Queries * OutputRow);

    public void WriteLogSumExp(int row, double value)
    {
        nint index = (row / Queries * LogSumExpHead) + (row % Queries * LogSumExpRow);
        if (LogSumExpIsDouble)
        {
            ((double*)LogSumExp)[index] = value;
        }
        else if (LogSumExp != null)
        {
            ((float*)LogSumExp)[index] = (float)value;
        }
    }
}
