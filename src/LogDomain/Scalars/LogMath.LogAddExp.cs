using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>log(e^x + e^y)</c>, the addition of numbers that are given by their logarithms.</summary>
    /// <remarks>
    /// Symmetric bit for bit. -infinity is the identity; +infinity wins over every number and NaN over everything; <c>LogAddExp(x, x) = x + ln 2</c>. Where
    /// the result cancels to nearly 0 it is computed in 106 bits and more. Source: <c>max + log1p(e^-|x - y|)</c> (NumPy's <c>logaddexp</c>), with the
    /// difference kept exactly.
    /// </remarks>
    public static T LogAddExp<T>(T x, T y)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.LogAddExp, T>(x, y);

    /// <summary>
    /// The derivatives of <see cref="LogAddExp{T}(T, T)"/> by x and by y: <c>e^x / (e^x + e^y)</c> and <c>e^y / (e^x + e^y)</c>, without cancellation.
    /// </summary>
    /// <remarks>
    /// Two times -infinity give 0 twice, so that impossible terms send nothing back; +infinity gives NaN, as <see
    /// cref="LogPrimitives.LogSumExpGradient{T}(ReadOnlySpan{T}, T, Span{T})"/>.
    /// </remarks>
    public static (T X, T Y) LogAddExpDerivative<T>(T x, T y)
        where T : IBinaryFloatingPointIeee754<T> => (Scalar.Of<Functions.LogAddExpDerivative, T>(x, y), Scalar.Of<Functions.LogAddExpDerivative, T>(y, x));
}
