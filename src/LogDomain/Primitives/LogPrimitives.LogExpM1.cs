using System.Numerics;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogPrimitives
{
    /// <summary>Computes <see cref="LogMath.LogExpM1{T}(T)"/>, <c>log(e^x - 1)</c>, of each element, with the same bits.</summary>
    /// <param name="x">The arguments.</param>
    /// <param name="destination">Receives as many results; may be <paramref name="x"/> itself.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/> in part.</exception>
    public static void LogExpM1<T>(ReadOnlySpan<T> x, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Apply<Functions.LogExpM1, T>(x, destination);

    /// <summary>Computes <see cref="LogMath.LogExpM1Derivative{T}(T)"/>, <c>1 / (1 - e^-x)</c>, of each element, with the same bits.</summary>
    /// <param name="x">The arguments.</param>
    /// <param name="destination">Receives as many results; may be <paramref name="x"/> itself.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/> in part.</exception>
    public static void LogExpM1Derivative<T>(ReadOnlySpan<T> x, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Apply<Functions.LogExpM1Derivative, T>(x, destination);

    /// <summary>Computes <see cref="LogMath.LogExpM1{T}(T, T)"/>, <c>log(e^(sharpness x) - 1) / sharpness</c>, of each element, with the same bits.</summary>
    /// <param name="x">The arguments.</param>
    /// <param name="sharpness">Above 0; anything else gives NaN.</param>
    /// <param name="destination">Receives as many results; may be <paramref name="x"/> itself.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/> in part.</exception>
    public static void LogExpM1<T>(ReadOnlySpan<T> x, T sharpness, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Apply<Functions.ScaledLogExpM1, T>(x, sharpness, destination);
}
