using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>log(1 / (1 + e^-x))</c>, the log-probability of a logit.</summary>
    /// <remarks>-infinity gives -infinity; +infinity gives -0. Source: SciPy's <c>log_expit</c>; <c>-softplus(-x)</c>, bit for bit.</remarks>
    public static T LogSigmoid<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.LogSigmoid, T>(x);

    /// <summary>The derivative of <see cref="LogSigmoid{T}(T)"/>: <c>1 / (1 + e^x)</c>, without cancellation.</summary>
    public static T LogSigmoidDerivative<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.LogSigmoidDerivative, T>(x);
}
