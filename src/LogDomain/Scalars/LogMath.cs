using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain;

/// <summary>Functions of one and two numbers in the log domain, for float, double and Half.</summary>
/// <remarks>
/// Results within 1 ulp in float (computed in double, rounded once), within 2 in double. .NET's own <c>T.LogP1</c> and <c>T.ExpM1</c> are
/// <c>log(1 + x)</c> and <c>exp(x) - 1</c> and lose every digit near 0: <c>double.LogP1(1e-20)</c> is 0.
/// </remarks>
public static class LogMath
{
    /// <summary>Computes <c>log(1 + x)</c> without losing x against the 1.</summary>
    /// <remarks>±0 gives ±0, -1 gives -infinity, below -1 NaN. fdlibm's algorithm (s_log1p.c, 1993).</remarks>
    public static T Log1P<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => T.CreateTruncating(ScalarFunctions.Log1P(double.CreateTruncating(x)));

    /// <summary>Computes <c>e^x - 1</c> without cancellation.</summary>
    /// <remarks>±0 gives ±0, -infinity gives -1, +infinity itself. fdlibm's algorithm (s_expm1.c, 1993).</remarks>
    public static T ExpM1<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => T.CreateTruncating(ScalarFunctions.ExpM1(double.CreateTruncating(x)));

    /// <summary>Computes <c>log(e^x + e^y)</c>: the addition of numbers that are given by their logarithms.</summary>
    /// <remarks>
    /// <c>max + log1p(e^-|x - y|)</c>. Symmetric bit for bit. -infinity is the identity; +infinity gives +infinity; NaN wins over infinity;
    /// <c>LogAddExp(x, x) = x + ln 2</c>.
    /// </remarks>
    public static T LogAddExp<T>(T x, T y)
        where T : IBinaryFloatingPointIeee754<T>
    {
        double a = double.CreateTruncating(x), b = double.CreateTruncating(y);
        return T.CreateTruncating(LogSumState.Merge(new(a, 0), new(b, 0)).LogSumExp);
    }
}
