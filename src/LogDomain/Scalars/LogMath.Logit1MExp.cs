using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>log(e^-x - 1)</c> for x up to 0: the logit of the complement of a probability e^x.</summary>
    /// <remarks>0 gives -infinity; a positive x gives NaN; -infinity gives +infinity. Source: LogExpFunctions.jl.</remarks>
    public static T Logit1MExp<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.Logit1MExp, T>(x);

    /// <summary>The derivative of <see cref="Logit1MExp{T}(T)"/>: <c>1 / (e^x - 1)</c>, without cancellation.</summary>
    /// <remarks>0 gives -infinity; a positive x gives NaN.</remarks>
    public static T Logit1MExpDerivative<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.Logit1MExpDerivative, T>(x);
}
