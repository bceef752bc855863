using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>log(1 - e^x)</c> for x up to 0: the logarithm of the complement of a probability e^x.</summary>
    /// <remarks>0 gives -infinity; a positive x gives NaN; -infinity gives -0. Source: Maechler 2012, section 2.</remarks>
    public static T Log1MExp<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.Log1MExp, T>(x);

    /// <summary>The derivative of <see cref="Log1MExp{T}(T)"/>: <c>-e^x / (1 - e^x)</c>, without cancellation.</summary>
    /// <remarks>0 gives -infinity; a positive x gives NaN.</remarks>
    public static T Log1MExpDerivative<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.Log1MExpDerivative, T>(x);
}
