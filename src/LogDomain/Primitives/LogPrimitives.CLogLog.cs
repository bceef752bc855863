using System.Numerics;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogPrimitives
{
    /// <summary>Computes <see cref="LogMath.CLogLog{T}(T)"/>, <c>log(-log(1 - p))</c>, of each element, with the same bits.</summary>
    /// <param name="p">The arguments.</param>
    /// <param name="destination">Receives as many results; may be <paramref name="p"/> itself.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="p"/> in part.</exception>
    public static void CLogLog<T>(ReadOnlySpan<T> p, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Apply<Functions.CLogLog, T>(p, destination);

    /// <summary>Computes <see cref="LogMath.CLogLogDerivative{T}(T)"/>, <c>-1 / ((1 - p) log(1 - p))</c>, of each element, with the same bits.</summary>
    /// <param name="p">The arguments.</param>
    /// <param name="destination">Receives as many results; may be <paramref name="p"/> itself.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="p"/> in part.</exception>
    public static void CLogLogDerivative<T>(ReadOnlySpan<T> p, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Apply<Functions.CLogLogDerivative, T>(p, destination);
}
