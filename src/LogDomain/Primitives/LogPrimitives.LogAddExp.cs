using System.Numerics;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogPrimitives
{
    /// <summary>Computes <see cref="LogMath.LogAddExp{T}(T, T)"/>, <c>log(e^x + e^y)</c>, of each pair of elements, with the same bits.</summary>
    /// <param name="x">The first arguments.</param>
    /// <param name="y">The second arguments, as many.</param>
    /// <param name="destination">Receives as many results; may be <paramref name="x"/> or <paramref name="y"/> itself.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="y"/> has another length, or <paramref name="destination"/> is too short or overlaps an argument in part.
    /// </exception>
    public static void LogAddExp<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> y, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Apply<Functions.LogAddExp, T>(x, y, destination);
}
