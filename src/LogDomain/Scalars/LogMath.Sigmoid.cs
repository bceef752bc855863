using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>1 / (1 + e^-x)</c>, the logistic function.</summary>
    /// <remarks>-infinity gives 0; +infinity gives 1; small values are kept down to the smallest subnormal. Source: SciPy's <c>expit</c>.</remarks>
    public static T Sigmoid<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.Sigmoid, T>(x);

    /// <summary>The derivative of <see cref="Sigmoid{T}(T)"/>: <c>e^-|x| / (1 + e^-|x|)^2</c>, without cancellation.</summary>
    /// <remarks>±infinity gives 0.</remarks>
    public static T SigmoidDerivative<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.SigmoidDerivative, T>(x);
}
