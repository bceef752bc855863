using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>log|e^x - e^y|</c>, the difference of numbers that are given by their logarithms.</summary>
    /// <remarks>
    /// Symmetric bit for bit. <c>LogSubExp(x, x) = -infinity</c>, also for -infinity; two times +infinity give NaN. Where the result cancels to nearly 0 it
    /// is computed in 106 bits and more. Source: <c>max + log1mexp(-|x - y|)</c> (Maechler 2012; Stan's <c>log_diff_exp</c>).
    /// </remarks>
    public static T LogSubExp<T>(T x, T y)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.LogSubExp, T>(x, y);

    /// <summary>
    /// The derivatives of <see cref="LogSubExp{T}(T, T)"/> by x and by y: <c>e^x / (e^x - e^y)</c> and <c>-e^y / (e^x - e^y)</c>, without cancellation.
    /// </summary>
    /// <remarks>Equal x and y give ±infinity.</remarks>
    public static (T X, T Y) LogSubExpDerivative<T>(T x, T y)
        where T : IBinaryFloatingPointIeee754<T> => (Scalar.Of<Functions.LogSubExpDerivative, T>(x, y), Scalar.Of<Functions.LogSubExpDerivative, T>(y, x));
}
