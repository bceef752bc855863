using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>log(cosh(x))</c>.</summary>
    /// <remarks>±0 gives 0; ±infinity gives +infinity. Source: LogExpFunctions.jl.</remarks>
    public static T LogCosh<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.LogCosh, T>(x);

    /// <summary>The derivative of <see cref="LogCosh{T}(T)"/>: <c>tanh(x)</c>, without cancellation.</summary>
    public static T LogCoshDerivative<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.LogCoshDerivative, T>(x);
}
