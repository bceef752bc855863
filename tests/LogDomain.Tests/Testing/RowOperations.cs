using System.Numerics;

namespace LogDomain.Tests.Testing;

/// <summary>An operation that reads one row and writes one of the same length.</summary>
internal delegate void RowOperation<T>(ReadOnlySpan<T> row, Span<T> destination);

/// <summary>Every operation of <see cref="LogPrimitives"/> from row to row, by name.</summary>
internal static class RowOperations<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static readonly T Upstream = T.CreateTruncating(-0.75);

    public static readonly Dictionary<string, RowOperation<T>> All = new()
    {
        ["SoftMax"] = LogPrimitives.SoftMax,
        ["LogSoftMax"] = LogPrimitives.LogSoftMax,
        ["SoftMaxRows"] = (x, y) => LogPrimitives.SoftMaxRows(x, Math.Max(1, x.Length), y),
        ["LogSoftMaxRows"] = (x, y) => LogPrimitives.LogSoftMaxRows(x, Math.Max(1, x.Length), y),
        ["LogSumExpGradient"] = (x, y) => LogPrimitives.LogSumExpGradient(x, Upstream, y),
        ["SoftMaxGradient"] = (x, y) => LogPrimitives.SoftMaxGradient(x, x, y),
        ["LogSoftMaxGradient"] = (x, y) => LogPrimitives.LogSoftMaxGradient(x, x, y),
    };

    public static T[] Run(string name, ReadOnlySpan<T> row)
    {
        var result = new T[row.Length];
        All[name](row, result);
        return result;
    }
}

/// <summary>The names of <see cref="RowOperations{T}"/>, as theory data.</summary>
internal static class RowOperationNames
{
    public static TheoryData<string> All => [.. RowOperations<float>.All.Keys];
}
