using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>1 - e^(-e^x)</c>, the inverse of <see cref="CLogLog{T}(T)"/>.</summary>
    /// <remarks>-infinity gives 0; +infinity gives 1. Source: LogExpFunctions.jl.</remarks>
    public static T CExpExp<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.CExpExp, T>(x);

    /// <summary>The derivative of <see cref="CExpExp{T}(T)"/>: <c>e^(x - e^x)</c>, without cancellation.</summary>
    /// <remarks>±infinity gives 0.</remarks>
    public static T CExpExpDerivative<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.CExpExpDerivative, T>(x);
}
