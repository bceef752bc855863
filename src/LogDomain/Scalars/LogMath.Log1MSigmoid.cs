using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>log(1 - 1 / (1 + e^-x))</c>, the log-probability against a logit.</summary>
    /// <remarks>-infinity gives -0; +infinity gives -infinity. Source: Stan's <c>log1m_inv_logit</c>; <c>-softplus(x)</c>, bit for bit.</remarks>
    public static T Log1MSigmoid<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.Log1MSigmoid, T>(x);

    /// <summary>The derivative of <see cref="Log1MSigmoid{T}(T)"/>: <c>-1 / (1 + e^-x)</c>, without cancellation.</summary>
    public static T Log1MSigmoidDerivative<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.Log1MSigmoidDerivative, T>(x);
}
