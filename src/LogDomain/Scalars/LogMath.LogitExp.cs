using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>log(e^x / (1 - e^x))</c> for x up to 0: the log-odds of a log-probability.</summary>
    /// <remarks>0 gives +infinity; a positive x gives NaN; -infinity gives -infinity. Source: LogExpFunctions.jl; <c>-log(expm1(-x))</c>.</remarks>
    public static T LogitExp<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.LogitExp, T>(x);

    /// <summary>The derivative of <see cref="LogitExp{T}(T)"/>: <c>1 / (1 - e^x)</c>, without cancellation.</summary>
    /// <remarks>0 gives +infinity; a positive x gives NaN.</remarks>
    public static T LogitExpDerivative<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.LogitExpDerivative, T>(x);
}
