using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>log(e^x - 1)</c> for x above 0: the inverse of <see cref="Softplus{T}(T)"/>.</summary>
    /// <remarks>0 gives -infinity; a negative x gives NaN. The root at ln 2 keeps its relative accuracy. Source: Maechler 2012.</remarks>
    public static T LogExpM1<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.LogExpM1, T>(x);

    /// <summary>The derivative of <see cref="LogExpM1{T}(T)"/>: <c>1 / (1 - e^-x)</c>, without cancellation.</summary>
    /// <remarks>0 gives +infinity; a negative x gives NaN.</remarks>
    public static T LogExpM1Derivative<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.LogExpM1Derivative, T>(x);

    /// <summary>Computes <c>log(e^(sharpness x) - 1) / sharpness</c>, the inverse of <see cref="Softplus{T}(T, T)"/>.</summary>
    /// <param name="x">The argument.</param>
    /// <param name="sharpness">Above 0; anything else gives NaN. PyTorch calls it beta.</param>
    public static T LogExpM1<T>(T x, T sharpness)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.ScaledLogExpM1, T>(x, sharpness);
}
