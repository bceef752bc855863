using System.Numerics;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogPrimitives
{
    /// <summary>Computes <see cref="LogMath.XLogX{T}(T)"/>, <c>x log(x)</c>, of each element, with the same bits.</summary>
    /// <param name="x">The arguments.</param>
    /// <param name="destination">Receives as many results; may be <paramref name="x"/> itself.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/> in part.</exception>
    public static void XLogX<T>(ReadOnlySpan<T> x, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Apply<Functions.XLogX, T>(x, destination);

    /// <summary>Computes <see cref="LogMath.XLogXDerivative{T}(T)"/>, <c>log(x) + 1</c>, of each element, with the same bits.</summary>
    /// <param name="x">The arguments.</param>
    /// <param name="destination">Receives as many results; may be <paramref name="x"/> itself.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/> in part.</exception>
    public static void XLogXDerivative<T>(ReadOnlySpan<T> x, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Apply<Functions.XLogXDerivative, T>(x, destination);
}
