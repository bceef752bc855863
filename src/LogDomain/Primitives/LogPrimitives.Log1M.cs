using System.Numerics;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogPrimitives
{
    /// <summary>Computes <see cref="LogMath.Log1M{T}(T)"/>, <c>log(1 - x)</c>, of each element, with the same bits.</summary>
    /// <param name="x">The arguments.</param>
    /// <param name="destination">Receives as many results; may be <paramref name="x"/> itself.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/> in part.</exception>
    public static void Log1M<T>(ReadOnlySpan<T> x, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Apply<Functions.Log1M, T>(x, destination);

    /// <summary>Computes <see cref="LogMath.Log1MDerivative{T}(T)"/>, <c>-1 / (1 - x)</c>, of each element, with the same bits.</summary>
    /// <param name="x">The arguments.</param>
    /// <param name="destination">Receives as many results; may be <paramref name="x"/> itself.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/> in part.</exception>
    public static void Log1MDerivative<T>(ReadOnlySpan<T> x, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Apply<Functions.Log1MDerivative, T>(x, destination);
}
