using System.Numerics;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogPrimitives
{
    /// <summary>Computes <see cref="LogMath.Log1PMX{T}(T)"/>, <c>log(1 + x) - x</c>, of each element, with the same bits.</summary>
    /// <param name="x">The arguments.</param>
    /// <param name="destination">Receives as many results; may be <paramref name="x"/> itself.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/> in part.</exception>
    public static void Log1PMX<T>(ReadOnlySpan<T> x, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Apply<Functions.Log1PMX, T>(x, destination);

    /// <summary>Computes <see cref="LogMath.Log1PMXDerivative{T}(T)"/>, <c>-x / (1 + x)</c>, of each element, with the same bits.</summary>
    /// <param name="x">The arguments.</param>
    /// <param name="destination">Receives as many results; may be <paramref name="x"/> itself.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/> in part.</exception>
    public static void Log1PMXDerivative<T>(ReadOnlySpan<T> x, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Apply<Functions.Log1PMXDerivative, T>(x, destination);
}
