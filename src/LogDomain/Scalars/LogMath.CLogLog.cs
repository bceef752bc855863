using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>log(-log(1 - p))</c>, the complementary log-log link.</summary>
    /// <remarks>
    /// 0 gives -infinity; 1 gives +infinity; what is no probability gives NaN. The root at 1 - 1/e keeps its relative accuracy. Source: LogExpFunctions.jl.
    /// </remarks>
    public static T CLogLog<T>(T p)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.CLogLog, T>(p);

    /// <summary>The derivative of <see cref="CLogLog{T}(T)"/>: <c>-1 / ((1 - p) log(1 - p))</c>, without cancellation.</summary>
    /// <remarks>0 and 1 give +infinity.</remarks>
    public static T CLogLogDerivative<T>(T p)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.CLogLogDerivative, T>(p);
}
