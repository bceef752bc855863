using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>log(2 - e^x)</c> for x up to ln 2.</summary>
    /// <remarks>A larger x gives NaN; -infinity gives ln 2. Source: LogExpFunctions.jl; computed as <c>log1p(-expm1(x))</c>.</remarks>
    public static T Log2MExp<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.Log2MExp, T>(x);

    /// <summary>The derivative of <see cref="Log2MExp{T}(T)"/>: <c>-e^x / (2 - e^x)</c>, without cancellation.</summary>
    /// <remarks>A larger x gives NaN.</remarks>
    public static T Log2MExpDerivative<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.Log2MExpDerivative, T>(x);
}
