using System.Numerics;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogPrimitives
{
    /// <summary>Computes <see cref="LogMath.Softplus{T}(T)"/>, <c>log(1 + e^x)</c>, of each element, with the same bits.</summary>
    /// <param name="x">The arguments.</param>
    /// <param name="destination">Receives as many results; may be <paramref name="x"/> itself.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/> in part.</exception>
    public static void Softplus<T>(ReadOnlySpan<T> x, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Apply<Functions.Softplus, T>(x, destination);

    /// <summary>Computes <see cref="LogMath.SoftplusDerivative{T}(T)"/>, <c>1 / (1 + e^-x)</c>, of each element, with the same bits.</summary>
    /// <param name="x">The arguments.</param>
    /// <param name="destination">Receives as many results; may be <paramref name="x"/> itself.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/> in part.</exception>
    public static void SoftplusDerivative<T>(ReadOnlySpan<T> x, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Apply<Functions.Sigmoid, T>(x, destination);

    /// <summary>Computes <see cref="LogMath.Softplus{T}(T, T)"/>, <c>log(1 + e^(sharpness x)) / sharpness</c>, of each element, with the same bits.</summary>
    /// <param name="x">The arguments.</param>
    /// <param name="sharpness">Above 0; anything else gives NaN.</param>
    /// <param name="destination">Receives as many results; may be <paramref name="x"/> itself.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/> in part.</exception>
    public static void Softplus<T>(ReadOnlySpan<T> x, T sharpness, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Apply<Functions.ScaledSoftplus, T>(x, sharpness, destination);
}
