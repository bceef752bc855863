namespace LogDomain.Kernels.Attention;

/// <summary>What the backward pass of an item needs and makes. Arrays by row have the strides of the item's query and output.</summary>
/// <typeparam name="T">The elements.</typeparam>
internal readonly unsafe struct AttentionGradients<T>
    where T : unmanaged
{
    /// <summary>The derivative of the loss by the output.</summary>
    public required T* Output { get; init; }

    /// <summary>The derivative of the loss by the log-sum-exp, null for 0; of the type of the item's log-sum-exp.</summary>
    public void* LogSumExp { get; init; }

    /// <summary>Destinations; null if not wanted.</summary>
    public T* Query { get; init; }

    public T* Key { get; init; }

    public T* Value { get; init; }

    /// <summary>Whether any destination is given.</summary>
    public bool IsWanted => Query != null || Key != null || Value != null;

    /// <summary>The number of a row in an array that has one for each.</summary>
    public static double Read(void* values, bool isDouble, nint index) => values == null ? 0 : isDouble ? ((double*)values)[index] : ((float*)values)[index];
}
