using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>log(1 + e^x)</c>.</summary>
    /// <remarks>
    /// -infinity gives 0; +infinity gives +infinity. No threshold: PyTorch's softplus(20.1) is 5e5 ulp off because it returns x there. Source: Maechler 2012,
    /// eq. 10; computed as <c>max(x, 0) + log1p(e^-|x|)</c>.
    /// </remarks>
    public static T Softplus<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.Softplus, T>(x);

    /// <summary>The derivative of <see cref="Softplus{T}(T)"/>: <c>1 / (1 + e^-x)</c>, without cancellation.</summary>
    /// <remarks>The sigmoid.</remarks>
    public static T SoftplusDerivative<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.Sigmoid, T>(x);

    /// <summary>Computes <c>log(1 + e^(sharpness x)) / sharpness</c>, which tends to max(x, 0) as the sharpness grows.</summary>
    /// <param name="x">The argument.</param>
    /// <param name="sharpness">Above 0; anything else gives NaN. PyTorch calls it beta.</param>
    public static T Softplus<T>(T x, T sharpness)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.ScaledSoftplus, T>(x, sharpness);
}
