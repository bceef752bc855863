using System.Numerics;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogPrimitives
{
    /// <summary>Computes <see cref="LogMath.LogMXP1{T}(T)"/>, <c>log(x) - x + 1</c>, of each element, with the same bits.</summary>
    /// <param name="x">The arguments.</param>
    /// <param name="destination">Receives as many results; may be <paramref name="x"/> itself.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/> in part.</exception>
    public static void LogMXP1<T>(ReadOnlySpan<T> x, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Apply<Functions.LogMXP1, T>(x, destination);

    /// <summary>Computes <see cref="LogMath.LogMXP1Derivative{T}(T)"/>, <c>(1 - x) / x</c>, of each element, with the same bits.</summary>
    /// <param name="x">The arguments.</param>
    /// <param name="destination">Receives as many results; may be <paramref name="x"/> itself.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/> in part.</exception>
    public static void LogMXP1Derivative<T>(ReadOnlySpan<T> x, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Apply<Functions.LogMXP1Derivative, T>(x, destination);
}
